"""The window itself: readers and the card to put on at the left, the card on the reader and its commands at the right.

Keys: Ctrl+1…9 choose a reader, Ctrl+I puts a card on, Ctrl+E swaps it, Ctrl+R takes it away, Ctrl+S keeps a recording,
Ctrl+L changes the language.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mock_cards.orders import CardOrder
from mock_cards.window.command_table import CommandTable
from mock_cards.window.look import Colours, monospace
from mock_cards.window.order_form import OrderForm
from mock_cards.window.words import WORDS, Language, Words
from mock_cards.window.worker import Answer, Worker

__all__ = ["CardWindow"]

POLL_MS = 300
MOST_SLOT_KEYS = 9
_ACTIONS = ("insert", "swap", "remove")
_KEYS = {"insert": "Ctrl+I", "swap": "Ctrl+E", "remove": "Ctrl+R"}


class CardWindow(QWidget):
    """Show one service; everything it does goes through ``worker``."""

    def __init__(self, worker: Worker, colours: Colours, language: Language) -> None:
        super().__init__()
        self._worker = worker
        self._language = language
        self._slots: list[Mapping[str, Any]] = []
        self._environment = ""
        self._asked = False
        self._build(colours)
        self._lay_out()
        self._speak()
        worker.answered.connect(self._take)
        self._poll = QTimer(self)
        self._poll.timeout.connect(self._look)
        self._poll.start(POLL_MS)
        self._look()

    @property
    def words(self) -> Words:
        """Return the words of the present language."""
        return WORDS[self._language]

    # What there is

    def _build(self, colours: Colours) -> None:
        words = self.words
        self._ribbon = _label("ribbon")
        self._readers_label, self._readers = QLabel(), QListWidget()
        self._readers_label.setBuddy(self._readers)
        self._readers.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._readers.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._readers.currentRowChanged.connect(self._choose_slot)
        self._card_label = _heading()
        self.form = OrderForm(words)
        self.buttons = {name: QPushButton() for name in _ACTIONS}
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, name=name: self._act(name))
        self._on_reader_label, self._printed = _heading(), QLabel()
        self._printed.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._printed.setFont(monospace())
        self._commands_label = _heading()
        self._refusal = _label("error")
        self._refusal.setWordWrap(True)
        self._refusal.setMinimumHeight(36)
        self.table = CommandTable(words, colours)
        self.table.currentCellChanged.connect(self._show_refusal)
        self._only_refused, self._keep = QCheckBox(), QPushButton()
        self._only_refused.toggled.connect(self.table.show_only_refused)
        self._keep.clicked.connect(self._ask_for_recording)
        self._message, self._service, self._variable = QLabel(), _label("quiet"), QLabel()
        self._message.setWordWrap(True)
        self._message.setMinimumHeight(40)
        self._variable.setFont(monospace())
        self._variable.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy, self._other_language = QPushButton(), QPushButton()
        self._copy.clicked.connect(self._copy_variable)
        self._other_language.clicked.connect(self._change_language)
        pressed = {_KEYS[name]: button for name, button in self.buttons.items()}
        for keys, button in (*pressed.items(), ("Ctrl+S", self._keep), ("Ctrl+L", self._other_language)):
            QShortcut(QKeySequence(keys), self).activated.connect(button.click)
        for slot in range(MOST_SLOT_KEYS):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{slot + 1}"), self)
            shortcut.activated.connect(lambda slot=slot: self._readers.setCurrentRow(slot))

    def _lay_out(self) -> None:
        self.resize(1280, 760)
        left = QVBoxLayout()
        left.addWidget(self._readers_label)
        left.addWidget(self._readers, 1)
        left.addWidget(self._card_label)
        left.addWidget(self.form)
        row = QHBoxLayout()
        for button in self.buttons.values():
            row.addWidget(button, 1)
        left.addLayout(row)
        left.addWidget(self._message)
        above = QHBoxLayout()
        above.addWidget(self._commands_label, 1)
        above.addWidget(self._only_refused)
        above.addWidget(self._keep)
        right = QVBoxLayout()
        right.addWidget(self._on_reader_label)
        right.addWidget(self._printed)
        right.addLayout(above)
        right.addWidget(self.table, 1)
        right.addWidget(self._refusal)
        below = QHBoxLayout()
        below.addWidget(self._service)
        below.addWidget(self._variable, 1)
        below.addWidget(self._copy)
        below.addWidget(self._other_language)
        right.addLayout(below)
        left_card, right_card = _card(left), _card(right)
        left_card.setFixedWidth(400)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 12)
        grid.setSpacing(12)
        grid.addWidget(self._ribbon, 0, 0, 1, 4)
        grid.addWidget(left_card, 1, 1)
        grid.addWidget(right_card, 1, 2)
        grid.setColumnMinimumWidth(0, 0)
        grid.setColumnMinimumWidth(3, 0)
        grid.setColumnStretch(2, 1)

    def _speak(self) -> None:
        words = self.words
        self.setWindowTitle(words.title)
        self._ribbon.setText(words.ribbon)
        self._readers_label.setText(words.readers)
        self._readers.setAccessibleName(words.readers.replace("&", ""))
        self._card_label.setText(words.card)
        self.form.speak(words)
        for name, button in self.buttons.items():
            button.setText(getattr(words, name))
            button.setToolTip(f"{getattr(words, name)} ({_KEYS[name]})")
        self._on_reader_label.setText(words.on_reader)
        self._commands_label.setText(words.commands)
        self.table.speak(words)
        self._only_refused.setText(words.only_refused)
        self._keep.setText(words.keep)
        self._keep.setToolTip(f"{words.keep.replace('&', '')} (Ctrl+S)")
        self._service.setText(words.service)
        self._copy.setText(words.copy)
        self._other_language.setText(words.language)
        self._other_language.setToolTip("Ctrl+L")
        self._show_slots()

    def _change_language(self) -> None:
        self._language = self._language.other
        self._say("")
        self._speak()

    # What it asks

    @property
    def _slot(self) -> int:
        """Return the slot that is chosen, counted from 1."""
        return max(0, self._readers.currentRow()) + 1

    def _look(self) -> None:
        if not self._asked:
            self._asked = True
            self._worker.ask("status")

    def _act(self, name: str) -> None:
        self._say(self.words.working)
        for button in self.buttons.values():
            button.setEnabled(False)
        card = {} if name == "remove" else {"card": self.form.order.to_json()}
        self._worker.ask(name, slot=self._slot, **card)

    def _ask_for_recording(self) -> None:
        self._worker.ask("recording", slot=self._slot)

    def _copy_variable(self) -> None:
        QGuiApplication.clipboard().setText(f"export {self._environment}")
        self._say(self.words.copied)

    # What it hears

    def _take(self, answer: Answer) -> None:
        verb = answer.ask.verb
        if answer.answer is None:
            self._fail(answer)
        elif verb == "status":
            self._take_status(answer.answer)
        elif verb == "exchanges":
            if answer.ask.request.get("slot") == self._slot:
                self.table.add(answer.answer["exchanges"])
                self._show_refusal()
        elif verb == "recording":
            self._save(answer.answer["text"])
        else:
            self._say(getattr(self.words, f"done_{verb}"))
            if answer.ask.request.get("slot") == self._slot:
                self._empty_table()

    def _fail(self, answer: Answer) -> None:
        self._asked = False
        if answer.ask.verb == "exchanges" and answer.reason == "slot-empty":
            return
        words = self.words
        told = {
            "slot-taken": words.slot_taken,
            "slot-empty": words.slot_empty,
            "pcsc-no-service": words.no_service,
        }
        self._say(told.get(answer.reason, f"{words.wrong_order}: {answer.message}"), error=True)
        self._enable()

    def _take_status(self, status: Mapping[str, Any]) -> None:
        self._asked = False
        self._environment = "".join(f"{name}={value}" for name, value in status["environment"].items())
        self._variable.setText(self._environment)
        self._slots = status["slots"]
        self._show_slots()
        card = self._shown
        if card is not None and card["commands"] != self.table.last:
            if card["commands"] < self.table.last:
                self._empty_table()
            self._worker.ask("exchanges", slot=self._slot, since=self.table.last)

    @property
    def _shown(self) -> Mapping[str, Any] | None:
        """Return what is told of the card on the chosen reader, if any."""
        slot = self._slots[self._slot - 1] if self._slot <= len(self._slots) else None
        return slot if slot is not None and slot["card"] else None

    def _show_slots(self) -> None:
        texts = [f"{slot['slot']}   {self._in_short(slot['card'])}" for slot in self._slots]
        if self._readers.count() != len(texts):
            self._readers.clear()
            self._readers.addItems(texts)
            self._readers.setCurrentRow(0)
        for row, (text, slot) in enumerate(zip(texts, self._slots, strict=True)):
            item = self._readers.item(row)
            if item.text() != text:
                item.setText(text)
            item.setToolTip(f"{slot['reader']} · {text}")
        self._show_printed()
        self._enable()

    def _in_short(self, card: Mapping[str, Any] | None) -> str:
        if card is None:
            return self.words.empty
        order = CardOrder.from_json(card)
        timing = order.timing if order.timing != "none" else ""
        parts = (order.persona, *order.forgeries, *order.faults, order.chip, timing)
        return Path(order.replay).name if order.replay else " · ".join(filter(None, parts))

    def _show_printed(self) -> None:
        card, words = self._shown, self.words
        if card is None:
            self._printed.setText(words.nothing_on_reader)
            self._on_reader_label.setText(words.on_reader)
            return
        printed = card["printed"]
        self._on_reader_label.setText(f"{words.on_reader} {card['slot']} · {card['reader']}")
        self._printed.setText(
            f"{words.number} {printed['personal_number']}   {words.can} {printed['can']}\n{printed['mrz']}"
        )

    def _show_refusal(self) -> None:
        self._refusal.setText(self.table.refusal_shown())

    def _empty_table(self) -> None:
        self.table.setRowCount(0)
        self._show_refusal()

    def _choose_slot(self) -> None:
        self._empty_table()
        self._show_printed()
        self._enable()
        self._look()

    def _enable(self) -> None:
        there = self._shown is not None
        for name, enabled in (("insert", not there), ("swap", there), ("remove", there)):
            self.buttons[name].setEnabled(enabled and bool(self._slots))
            self.buttons[name].setDefault(enabled and name != "remove")
        self._keep.setEnabled(there)

    def _save(self, text: str) -> None:
        file, _ = QFileDialog.getSaveFileName(self, self.words.keep.replace("&", ""), "", self.words.recordings)
        if not file:
            return
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
                out.write(text)
        except OSError as error:
            self._say(str(error.strerror), error=True)
        else:
            self._say(self.words.kept)

    def _say(self, text: str, *, error: bool = False) -> None:
        self._message.setProperty("role", "error" if error else "")
        self._message.style().unpolish(self._message)
        self._message.style().polish(self._message)
        self._message.setText(f"✕ {text}" if error else text)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        """Ask no more."""
        self._poll.stop()
        super().closeEvent(event)


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    return label


def _heading() -> QLabel:
    label = QLabel()
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _card(layout: QVBoxLayout) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "card")
    layout.setContentsMargins(16, 16, 16, 16)
    layout.setSpacing(8)
    frame.setLayout(layout)
    return frame

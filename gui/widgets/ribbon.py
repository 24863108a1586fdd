"""The TEST ribbon: says that nothing here is real, and puts emulated cards on the reader."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desk.sandbox_ports import SandboxCard
from gui.theme import Role
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.forgery_words import forgery_words, has_words
from gui.widgets.key_text import grouped
from gui.widgets.part import Look, Part, tip

__all__ = ["Ribbon"]


class Ribbon(Part):
    """Lie across the window with emulated cards or test anchors; with a sandbox it also deals out cards."""

    card_wanted = Signal(object)
    removal_wanted = Signal()
    number_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "ribbon")
        self._printed = ""
        self._lines_wanted = False
        self._word = self.label(Role.STRONG)
        self._word.setObjectName("word")
        self._line = self.label(Role.BODY)
        self.cards = ChoiceBox(look, narrowest=170)
        self.forgeries = ChoiceBox(look)
        self.put_on = QPushButton()
        self.take_off = QPushButton()
        self.number = QPushButton()
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._word)
        self._row.addWidget(self._line)
        self._row.addStretch(1)
        self._controls: tuple[QWidget, ...] = (self.cards, self.forgeries, self.put_on, self.take_off, self.number)
        for widget in self._controls:
            self._row.addWidget(widget)
            widget.hide()
        self.put_on.clicked.connect(lambda: self.card_wanted.emit(self.chosen()))
        self.take_off.clicked.connect(self.removal_wanted)
        self.number.clicked.connect(self.number_wanted)
        self.restyle()
        self.retranslate()

    def offer(self, people: tuple[tuple[str, str], ...], forgeries: tuple[str, ...]) -> None:
        """Deal out emulated cards of these people (persona, full name), genuine or forged in a way that has words."""
        for persona, full_name in people:
            self.cards.addItem(full_name, persona)
        self.forgeries.addItem("", "")
        for forgery in filter(has_words, forgeries):
            self.forgeries.addItem(forgery, forgery)
        self.retranslate()
        for widget in self._controls:
            widget.show()
        self.show_printed("")

    def chosen(self) -> SandboxCard:
        """Return the card that is chosen: whose, and genuine or forged how."""
        forgery = str(self.forgeries.currentData() or "")
        return SandboxCard(str(self.cards.currentData()), (forgery,) if forgery else ())

    def choose(self, card: SandboxCard) -> None:
        """Show ``card`` as the one that is chosen; a forgery that is not in the list joins it under its own name."""
        forgery = "".join(card.forgeries[:1])
        if self.forgeries.findData(forgery) < 0:
            self.forgeries.addItem(forgery, forgery)
        if self.cards.findData(card.persona) < 0:
            self.cards.addItem(PurePath(card.persona).name, card.persona)  # a person of one's own, in a file
        self.cards.setCurrentIndex(self.cards.findData(card.persona))
        self.forgeries.setCurrentIndex(self.forgeries.findData(forgery))

    def show_printed(self, printed: str) -> None:
        """Show the number printed on the card that lies on the reader, which a clerk would read off; empty: no card."""
        self._printed = printed
        self.number.setVisible(bool(printed) and self.put_on.isVisibleTo(self))
        self.take_off.setEnabled(bool(printed))
        self.retranslate()

    def offer_lines(self, *, wanted: bool) -> None:
        """Offer the lines on the card's back in the place of its number where only they open it."""
        if wanted != self._lines_wanted:
            self._lines_wanted = wanted
            self.retranslate()

    def narrow(self, *, narrow: bool) -> None:
        """Leave out the explanation where there is no room for it; the tooltip keeps it."""
        self._line.setVisible(not narrow)

    def retranslate(self) -> None:
        """Write every word."""
        line = self.tr("Emulated cards or test certificates. Nothing here is valid.")
        self._word.setText(self.tr("TEST"))
        self._word.setToolTip(tip(line))
        self._line.setText(line)
        self.cards.setAccessibleName(self.tr("Emulated card"))
        self.cards.setToolTip(tip(self.tr("Which emulated card to put on the reader")))
        self.forgeries.setAccessibleName(self.tr("Forgery"))
        self.forgeries.setToolTip(tip(self.tr("How the emulated card is forged")))
        for index in range(self.forgeries.count()):
            forgery = str(self.forgeries.itemData(index))
            self.forgeries.setItemText(index, forgery_words(forgery) if forgery else self.tr("genuine"))
            self.forgeries.setItemData(index, forgery, Qt.ItemDataRole.ToolTipRole)
        self.put_on.setText(self.tr("Put card on"))
        self.put_on.setToolTip(tip(self.tr("Put this emulated card on the reader")))
        self.take_off.setText(self.tr("Take card off"))
        self.take_off.setToolTip(tip(self.tr("Take the emulated card off the reader")))
        if self._lines_wanted:
            self.number.setText(self.tr("The three lines on its back"))
            self.number.setToolTip(tip(self.tr("Enter the three lines that are printed on the back of this card")))
        else:
            self.number.setText(self.tr("Printed number: {number}").format(number=grouped(self._printed)))
            self.number.setToolTip(tip(self.tr("Enter the number that is printed on this card")))

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._row.setContentsMargins(px(16), px(4), px(12), px(4))
        self._row.setSpacing(px(8))

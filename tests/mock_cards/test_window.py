"""The tester's window, driven by what its service would say."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from mock_cards.orders import CardOrder
from mock_cards.window.look import DARK, LIGHT, Colours
from mock_cards.window.window import CardWindow
from mock_cards.window.words import WORDS, Language, language_of_system
from mock_cards.window.worker import Answer, Ask

# The off-screen platform says of itself that it knows no size hints of windows.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)

PRINTED = {"personal_number": "099090000001", "can": "000001", "mrz": "IDVNM0900000018099090000001<<4"}
REFUSED = {
    "number": 2, "command": "00B08100", "name": "READ BINARY SFI 01 at 0", "protected": False, "sent": 5,
    "received": 2, "sw": "6982", "error": "", "ms": 0.1, "clause": "ICAO 9303-11 §4.2", "why": "access comes first",
}  # fmt: skip
ANSWERED = {**REFUSED, "number": 1, "sw": "9000", "clause": "", "why": "", "protected": True}


class Service(QObject):
    """Take what the window asks, and answer as told."""

    answered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Ask] = []

    def ask(self, verb: str, **request: object) -> None:
        self.asked.append(Ask(verb, request))

    def answer(self, ask: Ask, **answer: Any) -> None:
        self.answered.emit(Answer(ask, answer))

    def decline(self, ask: Ask, reason: str, message: str = "") -> None:
        self.answered.emit(Answer(ask, None, reason, message))

    def tell_slots(self, *cards: CardOrder | None, commands: int = 0) -> None:
        """Answer the window's look at what lies where."""
        slots = [
            {"slot": place, "reader": f"Reader {place}", "card": None}
            if card is None
            else {
                "slot": place, "reader": f"Reader {place}", "card": card.to_json(), "printed": PRINTED,
                "commands": commands,
            }
            for place, card in enumerate(cards, 1)
        ]  # fmt: skip
        self.answer(Ask("status"), environment={"PCSCLITE_CSOCK_NAME": "/run/x"}, slots=slots)


@pytest.fixture
def service(qtbot) -> Service:
    return Service()


@pytest.fixture
def window(qtbot, service: Service) -> CardWindow:
    window = CardWindow(service, LIGHT, Language.VIETNAMESE)  # type: ignore[arg-type]  # a service that is played
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    service.tell_slots(CardOrder(), None, CardOrder("pham-thi-mau", ("dg2-changed",)))
    return window


def _shown(window: CardWindow) -> str:
    return "\n".join(label.text() for label in window.findChildren(QLabel))


def test_it_shows_what_lies_where_and_what_is_printed_on_it(window: CardWindow) -> None:
    rows = [window._readers.item(row).text() for row in range(window._readers.count())]
    assert rows == ["1   nguyen-van-mau", "2   trống", "3   pham-thi-mau · dg2-changed"]
    for value in (*PRINTED.values(), "PCSCLITE_CSOCK_NAME=/run/x", "TEST"):
        assert value in _shown(window)


def test_only_what_can_be_done_can_be_pressed(window: CardWindow, qtbot) -> None:
    assert [button.isEnabled() for button in window.buttons.values()] == [False, True, True]
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert [button.isEnabled() for button in window.buttons.values()] == [True, False, False]
    assert "Đầu đọc trống" in _shown(window)


def test_a_chosen_card_is_put_on_by_keyboard(window: CardWindow, service: Service, qtbot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    wanted = CardOrder("tran-minh-thu", ("dg2-changed",), ("status:6700@ins=B0#3",), "icao-pace", "contactless-106")
    for name, value in (
        ("persona", wanted.persona), ("forgery", "dg2-changed"), ("fault", wanted.faults[0]), ("chip", wanted.chip),
        ("timing", wanted.timing),
    ):  # fmt: skip
        window.form.choose(name, value)
    assert "passive.data-group-hashes" in _shown(window)
    qtbot.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    asked = service.asked[-1]
    assert asked == Ask("insert", {"slot": 2, "card": wanted.to_json()})
    assert not any(button.isEnabled() for button in window.buttons.values())
    service.answer(asked)
    assert window.words.done_insert in _shown(window)


@pytest.mark.parametrize(("key", "verb"), [(Qt.Key.Key_E, "swap"), (Qt.Key.Key_R, "remove")])
def test_a_card_is_swapped_and_taken_away_by_keyboard(
    window: CardWindow, service: Service, qtbot, key: Qt.Key, verb: str
) -> None:
    qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    assert (service.asked[-1].verb, service.asked[-1].request["slot"]) == (verb, 1)


def test_commands_come_with_the_clause_of_each_refusal(window: CardWindow, service: Service) -> None:
    service.tell_slots(CardOrder(), None, None, commands=2)
    assert service.asked[-1] == Ask("exchanges", {"slot": 1, "since": 0})
    service.answer(service.asked[-1], exchanges=[ANSWERED, REFUSED])
    assert window.table.rowCount() == 2
    assert "SM READ BINARY" in window.table.item(0, 1).text()
    refusal = "✕ ICAO 9303-11 §4.2: access comes first"
    assert window.table.item(1, 6).text() == refusal
    assert refusal in _shown(window)
    window._only_refused.setChecked(True)
    assert [window.table.isRowHidden(row) for row in range(2)] == [True, False]
    service.tell_slots(CardOrder(), None, None, commands=2)
    assert service.asked[-1].verb == "exchanges", "nothing new was asked for"
    service.tell_slots(CardOrder("pham-thi-mau"), None, None, commands=0)
    assert window.table.rowCount() == 0


@pytest.mark.parametrize(
    ("reason", "told"),
    [("slot-taken", "Đổi thẻ"), ("pcsc-no-service", "không trả lời"), ("no-such-name", "no such name: x")],
)
def test_what_was_declined_is_told_and_the_buttons_come_back(
    window: CardWindow, service: Service, reason: str, told: str
) -> None:
    window.buttons["swap"].click()
    service.decline(service.asked[-1], reason, "no such name: x")
    assert told in window._message.text()
    assert window._message.text().startswith("✕")
    assert window.buttons["swap"].isEnabled()


def test_a_fault_that_cannot_be_is_told_while_it_is_typed(window: CardWindow) -> None:
    window.form.choose("fault", "status:67@soon")
    assert window.words.wrong_order in _shown(window)


def test_a_recording_is_kept_for_its_owner_only(
    window: CardWindow, service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "kept.jsonl"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    window._keep.click()
    service.answer(service.asked[-1], text="recording")
    assert file.read_text() == "recording"
    assert file.stat().st_mode & 0o077 == 0
    assert window.words.kept in _shown(window)


def test_the_other_language_changes_every_word_and_keeps_what_was_chosen(window: CardWindow, qtbot) -> None:
    window.form.choose("forgery", "dg2-changed")
    window.form.choose("fault", "status:6700@2")
    before = window.form.order
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.windowTitle() == "Emulated cards"
    assert window.form.order == before
    vietnamese = WORDS[Language.VIETNAMESE]
    assert [
        field.name for field in fields(vietnamese) if getattr(vietnamese, field.name) in _shown(window).split("\n")
    ] in (
        [],
        ["chip"],
    )


def test_the_variable_is_copied_as_a_shell_takes_it(window: CardWindow) -> None:
    window._copy.click()
    assert QApplication.clipboard().text() == "export PCSCLITE_CSOCK_NAME=/run/x"


def test_every_control_has_a_name(window: CardWindow) -> None:
    for control in (window._readers, window.table, *window.form._boxes.values()):
        assert control.accessibleName()


@pytest.mark.parametrize("language", list(Language))
def test_no_word_is_missing_and_no_letter_of_alt_is_there_twice(language: Language) -> None:
    words = WORDS[language]
    texts = [getattr(words, field.name) for field in fields(words)]
    assert all(texts)
    letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
    assert sorted(letters) == sorted(set(letters))


@pytest.mark.parametrize(
    ("locale", "language"),
    [("en_GB.UTF-8", Language.ENGLISH), ("vi_VN.UTF-8", Language.VIETNAMESE), ("C", Language.VIETNAMESE)],
)
def test_vietnamese_is_spoken_unless_the_locale_says_english(
    monkeypatch: pytest.MonkeyPatch, locale: str, language: Language
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert language_of_system() is language


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_stands_out_from_what_lies_under_it(colours: Colours) -> None:
    pairs = [
        (colours.ink, colours.paper), (colours.ink, colours.card), (colours.ink, colours.soft),
        (colours.quiet, colours.card), (colours.quiet, colours.paper), (colours.stop, colours.card),
        (colours.on_accent, colours.accent), (colours.on_test, colours.test),
    ]  # fmt: skip
    for text, under in pairs:
        lighter, darker = sorted((_luminance(text), _luminance(under)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, under)


def test_nothing_but_the_window_needs_qt() -> None:
    code = "import sys, mock_cards.cli, mock_cards.serve, mock_cards.testing; sys.exit('PySide6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0

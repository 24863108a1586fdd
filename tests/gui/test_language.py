"""Vietnamese and English: complete, switched while the window is open, in letters that the font has."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QRawFont
from PySide6.QtTest import QTest

from desk.language import Language
from desk.view import DeskView
from gui.desk.window import DeskWindow
from gui.theme import Role
from gui.theme.type import font_files
from gui.translations import Tongue
from gui.translations.build import build, check
from gui.translations.tongue import COMPILED
from gui.widgets.part import Look

VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵfjwz"
MINORITY = "ŏŭčĕĭñƀ"


def test_everything_is_translated_and_keeps_its_placeholders() -> None:
    assert check() == []


def test_the_font_has_every_letter_of_vietnamese_and_of_the_minority_spellings(look: Look) -> None:
    assert look.theme.family_loaded
    (file,) = font_files()
    raw = QRawFont(str(file), 13)
    wanted = VIETNAMESE + VIETNAMESE.upper() + MINORITY + MINORITY.upper() + "0123456789₫²·…–—→↑↓"
    missing = {letter for letter in wanted if not raw.supportsCharacter(ord(letter))}
    assert missing - set("→↑↓") == set()


def test_digits_are_of_one_width(look: Look) -> None:
    from PySide6.QtGui import QFontMetricsF

    metrics = QFontMetricsF(look.theme.font(Role.NUMBER))
    assert len({round(metrics.horizontalAdvance(digit), 3) for digit in "0123456789"}) == 1


@pytest.mark.parametrize("page", ["waiting", "need-key", "showing-proceed", "showing-stop", "failed-wrong-password"])
def test_a_language_switched_to_says_all_that_one_begun_with_says(
    open_window: Callable[[], DeskWindow],
    scenes: dict[str, DeskView],
    eyes: Any,
    settle: Callable[[], None],
    page: str,
) -> None:
    switched = open_window()
    tongue = switched.look.tongue
    switched.present_view(scenes[page])
    settle()
    vietnamese = eyes.texts(switched)
    tongue.speak(Language.ENGLISH)
    settle()
    fresh = open_window()
    fresh.present_view(scenes[page])
    settle()
    assert eyes.texts(switched) == eyes.texts(fresh)
    assert eyes.texts(switched) != vietnamese
    tongue.speak(Language.VIETNAMESE)
    settle()
    assert eyes.texts(switched) == vietnamese


def test_ctrl_l_and_the_buttons_switch_the_language(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.present_view(scenes["waiting"])
    tongue = window.look.tongue
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert tongue.language is Language.ENGLISH
    assert window.header.languages.buttons[Language.ENGLISH].isChecked()
    window.header.languages.buttons[Language.VIETNAMESE].click()
    assert tongue.language is Language.VIETNAMESE


def test_the_cover_and_the_help_speak_the_language_switched_to(window: DeskWindow, settle: Callable[[], None]) -> None:
    window.toggle_help()
    before = window.help_page.accessibleName()
    window.look.tongue.speak(Language.ENGLISH)
    settle()
    assert window.help_page.accessibleName() == "Help" != before


def test_numbers_are_written_as_the_language_writes_them(look: Look) -> None:
    assert look.tongue.number_locale.toString(12.05, "f", 2) == "12,05"
    look.tongue.speak(Language.ENGLISH)
    assert look.tongue.number_locale.toString(12.05, "f", 2) == "12.05"


def test_without_built_translations_the_window_speaks_english(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    monkeypatch.setattr("gui.translations.tongue.COMPILED", Path("not-built.qm"))
    tongue = Tongue(app, Language.VIETNAMESE)
    assert not tongue.available
    assert tongue.language is Language.ENGLISH
    assert tongue.texts.language is Language.ENGLISH


def test_translations_built_anew_leave_the_words_of_a_running_program_alone(look: Look) -> None:
    # Qt maps the file into memory. Written over in place, it would be empty for a moment under that mapping, and a look
    # into it then ends the process with a bus error; so the old file must live on as long as somebody has it open.
    with COMPILED.open("rb") as mapped:
        before = os.fstat(mapped.fileno())
        build()
        assert os.fstat(mapped.fileno()).st_size == before.st_size
        assert COMPILED.stat().st_ino != before.st_ino
    assert look.tongue.available
    assert [path.name for path in COMPILED.parent.glob(".building-*")] == []

"""How a register stands is said in words, and what its answer does not prove stands beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desk.language import Language, Phrase
from desk.view import RegisterState, RegisterView
from gui.theme import Mark
from gui.widgets.part import Look, MarkLabel
from gui.widgets.register_lines import RegisterLines


@pytest.mark.parametrize(
    ("stage", "words"), [("working", "đã nhận, đang xử lý"), ("again", "mất liên lạc, đang tự hỏi lại")]
)
def test_a_register_that_takes_longer_says_why_and_still_runs(qtbot: QtBot, look: Look, stage: str, words: str) -> None:
    lines = RegisterLines(look)
    qtbot.addWidget(lines)
    asked = RegisterView("land", Phrase("Đất đai", "Land"), RegisterState.ASKING)
    for view, said in ((asked, "đang tra cứu"), (replace(asked, stage=stage), words)):
        lines.present((view,))
        assert [label.mark for label in lines.findChildren(MarkLabel)] == [Mark.RUNNING]
        assert f"Đất đai: {said}" in [label.text() for label in lines.findChildren(QLabel)]


def test_an_unsigned_answer_is_said_to_be_one_and_has_no_good_mark(qtbot: QtBot, look: Look) -> None:
    lines = RegisterLines(look)
    qtbot.addWidget(lines)
    lines.present(
        (
            RegisterView(
                "population",
                Phrase("Dân cư", "Population"),
                RegisterState.ANSWERED,
                notes=("answer-unsigned", "card-status-not-told"),
            ),
            RegisterView("land", Phrase("Đất đai", "Land"), RegisterState.ANSWERED),
        )
    )
    assert [label.mark for label in lines.findChildren(MarkLabel)] == [Mark.ATTENTION, Mark.GOOD]
    said = [label.text() for label in lines.findChildren(QLabel) if label.text()]
    assert "không có chữ ký của cơ sở dữ liệu" in said[0]
    assert "không cho biết thẻ còn giá trị" in said[0]
    assert "chữ ký" not in said[1]
    look.tongue.speak(Language.ENGLISH)
    lines.retranslate()
    assert "not signed by the register" in next(label.text() for label in lines.findChildren(QLabel) if label.text())

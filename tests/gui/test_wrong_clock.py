"""The line that says that this computer's clock is wrong."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from desk.view import DeskState, DeskView
from desk.wrong_clock import WrongClockView
from gui.widgets.clock_line import ClockLine
from gui.widgets.part import Look
from gui.widgets.rail import Rail


def test_it_is_there_while_the_clock_is_wrong(qtbot: QtBot, look: Look) -> None:
    line = ClockLine(look)
    qtbot.addWidget(line)
    line.present(None)
    assert not line.isVisible()
    view = WrongClockView(5, ahead=False)
    line.present(view)
    assert line.isVisible()
    assert line.words.text() == line.accessibleName() == line.texts.wrong_clock(view)
    line.present(None)
    assert not line.isVisible()


def test_the_rail_shows_it(qtbot: QtBot, look: Look) -> None:
    rail = Rail(look)
    qtbot.addWidget(rail)
    rail.present(DeskView(DeskState.WAIT_CARD, 1, wrong_clock=WrongClockView(2_880, ahead=True, trusted=False)))
    assert "2 " in rail.wrong_clock.words.text()
    assert not rail.wrong_clock.isHidden()

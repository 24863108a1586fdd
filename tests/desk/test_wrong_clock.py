"""A clock that is wrong is told in words, with what to do, in the terminal as in the window."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from auth.wire.server_time import ServerTime
from desk.terminal import TerminalPage, console_for
from desk.texts import Texts
from desk.view import DeskState, DeskView
from desk.wrong_clock import WrongClockView, wrong_clock

NOW = 1_800_000_000.0


def _told(ahead: float) -> WrongClockView | None:
    clock = ServerTime(lambda: NOW + ahead)
    clock.learn(NOW)
    return wrong_clock(clock)


@pytest.mark.parametrize("ahead", [0, 10, -10, 60, -60])
def test_up_to_a_minute_nobody_is_told(ahead: float) -> None:
    assert _told(ahead) is None


@pytest.mark.parametrize(
    ("ahead", "vi", "en"),
    [
        (61, "nhanh 1 phút", "by 1 minute (ahead)"),
        (-300, "chậm 5 phút", "by 5 minutes (behind)"),
        (7_200, "nhanh 2 giờ", "by 2 hours (ahead)"),
        (-90_000, "chậm 25 giờ", "by 25 hours (behind)"),
        (-853_000_000, "chậm 9872 ngày", "by 9872 days (behind)"),
    ],
)
def test_it_is_said_by_how_much_and_what_to_do(ahead: float, vi: str, en: str) -> None:
    view = _told(ahead)
    assert view is not None
    vietnamese, english = Texts("vi").wrong_clock(view), Texts("en").wrong_clock(view)
    assert vi in vietnamese
    assert en in english
    assert "Chỉnh lại ngày giờ" in vietnamese or "chỉnh lại ngày giờ" in vietnamese
    assert "et the date and time" in english
    assert ("read the card again" in english) is (abs(ahead) > 86_400), "then nothing is said of dates"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_terminal_says_it_before_everything_else(language: str) -> None:
    view = _told(-300)
    assert view is not None
    stream = io.StringIO()
    shown = DeskView(DeskState.SHOWING, 1, wrong_clock=view)
    TerminalPage(console_for(stream), Texts(language)).show(shown)
    said = Texts(language).wrong_clock(view)
    assert " ".join(stream.getvalue().split()).startswith(f"! {said}")
    stream = io.StringIO()
    TerminalPage(console_for(stream), Texts(language)).show(replace(shown, wrong_clock=None))
    assert said.split(":", maxsplit=1)[0] not in stream.getvalue()

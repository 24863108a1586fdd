"""The terminal page: the window's order and words, no wider than 100 columns, plain where it is no terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest

from auth.registers.ports import Holder, LandHoldings
from desk.cli.progress import VisitProgress
from desk.kinds.land import KIND as LAND_KIND
from desk.kinds.population import KIND as POPULATION_KIND
from desk.language import Phrase
from desk.outcomes import LookupOutcome
from desk.present import present
from desk.terminal import TerminalPage, console_for
from desk.texts import Texts
from desk.view import DeskState, DeskView, FailureView, ProgressView, RegisterState, RegisterView
from desk.visit_data import Surroundings, VisitData
from reader.inspection.report import Decision
from reader.iso7816 import ReaderSnapshot, ServiceState

Make = Any
LANGUAGES = ["vi", "en"]


@pytest.fixture
def view(inspection: Make, record: Make, parcel: Make) -> DeskView:
    holdings = LandHoldings((parcel(Holder("Mẫu [red]", "099123456")),))
    outcomes = (
        LookupOutcome(POPULATION_KIND, RegisterState.ANSWERED, record(mother="Trần Thị Khác")),
        LookupOutcome(LAND_KIND, RegisterState.ANSWERED, holdings),
    )
    data = VisitData(outcomes=outcomes).with_inspection(inspection(Decision.ATTENTION))
    around = Surroundings("Cán Bộ", "c1", "Quầy 3", "land-change-registration", test=True)
    return present(DeskState.SHOWING, data, around, ReaderSnapshot(ServiceState.RUNNING))


def printed(view: DeskView, language: str) -> str:
    stream = io.StringIO()
    TerminalPage(console_for(stream), Texts(language)).show(view)
    return stream.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_plain_and_no_wider_than_100_columns(view: DeskView, language: str) -> None:
    text = printed(view, language)
    assert "\x1b" not in text
    assert max(len(line) for line in text.splitlines()) <= 100
    assert not re.search(r"[┌│└─]", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_identity_decision_checks_comparison_parcels_stand_in_this_order(view: DeskView, language: str) -> None:
    text, texts = printed(view, language), Texts(language)
    marks = [
        "NGUYỄN VĂN MẪU",
        texts.decision(Decision.ATTENTION),
        texts.check_name("passive.sod-signature")[:20],
        texts.field(view.comparison[0].field),
        "AB 12345678",
    ]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


def test_differences_are_told_by_sign_and_word_not_by_colour(view: DeskView) -> None:
    text = printed(view, "en")
    assert "≠ Trần Thị Khác" in text
    assert "≈ 099123456" in text
    assert "TEST" in text


def test_markup_in_data_is_data(view: DeskView) -> None:
    assert "[red]" in printed(view, "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("progress", [None, ProgressView("DG2", 0, 20), ProgressView("DG2", 14_400, 24_000)])
def test_a_lost_card_is_asked_back_with_what_was_read(progress: ProgressView | None, language: str) -> None:
    stream = io.StringIO()
    texts = Texts(language)
    TerminalPage(console_for(stream), texts).show_card_lost(progress)
    assert texts.state(DeskState.CARD_LOST) in stream.getvalue()
    assert texts.card_back() in " ".join(stream.getvalue().split())
    assert ("60 %" in stream.getvalue()) is (progress is not None and progress.read > 0)


def test_visit_progress_tells_a_lost_card_and_how_much_was_read() -> None:
    stream = io.StringIO()
    view = DeskView(DeskState.CARD_LOST, 1, progress=ProgressView("DG2", 14_400, 24_000))
    with VisitProgress(Texts("vi"), console_for(stream)) as shown:
        shown.show(view)
    assert "60 %" in stream.getvalue()


def test_visit_progress_says_once_that_a_register_takes_longer() -> None:
    stream = io.StringIO()
    land = RegisterView("land", Phrase("Đất đai", "Land"), RegisterState.ASKING)
    with VisitProgress(Texts("en"), console_for(stream)) as shown:
        for stage in ("", "again", "again", "working", "working", ""):
            shown.show(DeskView(DeskState.LOOKUP, 1, registers=(replace(land, stage=stage),)))
    assert stream.getvalue().count("being asked again") == 1
    assert stream.getvalue().count("still working on it") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_failure_shows_title_cause_and_next_step(language: str) -> None:
    stream = io.StringIO()
    texts = Texts(language)
    TerminalPage(console_for(stream), texts).show_failure(FailureView("wrong-password", tries_left=2))
    text = " ".join(stream.getvalue().split())
    words = texts.failure(FailureView("wrong-password", tries_left=2))
    assert words.title in text
    assert words.next_step in text
    assert "2" in text

"""Another purpose chosen beside answers: they stand under their own, and are put away before the next is asked for."""

from __future__ import annotations

import io
from typing import Any

import pytest

from auth.purposes import purpose
from desk.language import Language
from desk.report import visit_report
from desk.tap import TapState
from desk.terminal import TerminalPage, console_for
from desk.texts import Texts
from desk.view import DeskState, DeskView, FieldId, RegisterState

Bench = Any  # lives in conftest.py, which cannot be imported from here
LAND, OWN, HOME = "land-change-registration", "own-data", "temporary-residence"
S = DeskState


@pytest.fixture
def chosen(bench: Bench) -> Bench:
    """Return a desk that shows answers for one purpose, and at which another was chosen since."""
    bench.show()
    bench.desk.choose_purpose(HOME)
    bench.wait_for(lambda view: view.purpose == HOME)
    return bench


def of(bench: Bench, name: str) -> Any:
    return next(one for one in bench.view.registers if one.register == name)


def test_the_answers_stay_under_the_purpose_that_they_were_asked_for(chosen: Bench) -> None:
    view = chosen.view
    assert (view.state, view.purpose, view.asked_for) == (S.SHOWING, HOME, purpose(LAND))
    assert view.other_purpose_chosen
    assert of(chosen, "land").state is RegisterState.ANSWERED
    assert len(chosen.land.lookups) == 1, "nobody is asked by a choice"


def test_back_at_the_first_purpose_nothing_is_said(chosen: Bench) -> None:
    chosen.desk.choose_purpose(LAND)
    assert not chosen.wait_for(lambda view: view.purpose == LAND).other_purpose_chosen


def test_a_purpose_chosen_while_the_first_is_asked_is_for_what_comes_next(bench: Bench) -> None:
    bench.land.go_on.clear()
    bench.read()
    bench.wait_for(S.LOOKUP)
    bench.desk.choose_purpose(HOME)
    bench.wait_for(lambda view: view.purpose == HOME)
    bench.land.go_on.set()
    view = bench.wait_for(S.SHOWING)
    assert view.asked_for == purpose(LAND)
    assert [lookup.purpose for lookup in bench.land.asked] == [LAND]


def test_looked_up_again_the_page_is_of_the_new_purpose_and_nothing_of_the_old_is_left(chosen: Bench) -> None:
    chosen.population.go_on.clear()
    chosen.desk.look_up_again()
    view = chosen.wait_for(S.LOOKUP)
    assert (view.asked_for, view.other_purpose_chosen) == (purpose(HOME), False)
    assert view.sections == () or all(section.items == () for section in view.sections)
    chosen.population.go_on.set()
    view = chosen.wait_for(S.SHOWING)
    assert of(chosen, "land").state is RegisterState.NOT_ALLOWED
    assert chosen.population.asked[-1].purpose == HOME
    assert len(chosen.land.lookups) == 1
    assert view.asked_for == purpose(HOME)


def test_while_the_citizen_is_asked_for_the_next_nothing_of_the_last_is_held(bench: Bench) -> None:
    bench.show()
    bench.desk.choose_purpose(OWN)
    bench.desk.look_up_again()
    view = bench.wait_for(S.CONSENT)
    assert view.asked_for is None
    assert all(outcome.record is None for outcome in bench.desk.data.outcomes)
    assert all(section.items == () for section in view.sections)


def test_while_the_card_proves_itself_for_the_next_nothing_of_the_last_is_shown(bench_with_presence: Bench) -> None:
    bench = bench_with_presence
    bench.show()
    assert bench.view.presence.state == TapState.VERIFIER_AWAY.value
    bench.presence.go_on.clear()
    bench.desk.choose_purpose(HOME)
    bench.desk.look_up_again()
    view: DeskView = bench.wait_for(S.PROVING)
    assert all(section.items == () for section in view.sections)
    assert view.presence.asking
    bench.presence.go_on.set()
    assert bench.wait_for(S.SHOWING).asked_for == purpose(HOME)


def test_the_rows_of_the_page_are_those_of_its_own_purpose(bench: Bench) -> None:
    """A nationality that only the second purpose asks for is not promised beside the answers of the first."""
    bench.population.trouble = RuntimeError()
    bench.show()
    rows = [row.field for row in bench.view.comparison]
    bench.desk.choose_purpose(OWN)
    view = bench.wait_for(lambda view: view.purpose == OWN)
    assert [row.field for row in view.comparison] == rows
    assert FieldId.FULL_NAME in rows


@pytest.mark.parametrize("language", list(Language))
def test_the_terminal_names_the_purpose_of_the_page_and_that_another_was_chosen(
    chosen: Bench, language: Language
) -> None:
    out = io.StringIO()
    texts = Texts(language)
    TerminalPage(console_for(out), texts).show(chosen.view)
    heading, notice = out.getvalue().split("\n\n")[0].split("\n", 1)
    if heading.startswith(("THỬ", "TEST")):
        heading, notice = notice.split("\n", 1)
    assert texts.purpose(LAND) in heading
    assert texts.purpose(HOME) not in heading
    told = " ".join(notice.split())
    assert texts.purpose(LAND) in told
    assert purpose(LAND).legal_basis in told


def test_the_report_names_the_purpose_and_the_consent_of_the_answers(bench: Bench) -> None:
    assert visit_report(bench.desk.data)["purpose"] is None
    bench.desk.choose_purpose(OWN)
    bench.read()
    bench.wait_for(S.CONSENT)
    bench.desk.give_consent(OWN, "vi", "read-by-citizen")
    bench.wait_for(S.SHOWING)
    bench.desk.choose_purpose(LAND)
    bench.wait_for(lambda view: view.purpose == LAND)
    report = visit_report(bench.desk.data)
    own = purpose(OWN)
    assert report["purpose"] == {"id": OWN, "basis": own.basis.value, "legal_basis": own.legal_basis}
    assert report["consent"]["version"] == own.wording_version
    bench.desk.look_up_again()
    bench.wait_for(lambda view: view.state is S.SHOWING and view.asked_for.id == LAND)
    report = visit_report(bench.desk.data)
    assert (report["purpose"]["id"], report["consent"]) == (LAND, None)

"""The citizen is asked where the purpose needs it; a yes comes before data; only what was asked for is shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auth.errors import RegisterTimeout
from auth.purposes import answers, citizen_text, purpose, text_digest
from auth.registers.ports import Answer, Confirmation, LandHoldings, Lookup, Parcel, PopulationRecord
from desk.comparison import compare
from desk.confirming import YesFirst
from desk.consenting import consent_now, consent_wanted
from desk.exit_codes import ExitCode, exit_code_of_visit
from desk.kinds.land import KIND as LAND_KIND
from desk.kinds.population import KIND as POPULATION_KIND
from desk.language import Language
from desk.lookups import LookupPlan, make_lookup, plan
from desk.outcomes import LookupOutcome
from desk.ports import DeskRegister, Registers
from desk.register_views import section_views
from desk.report import visit_report
from desk.texts import Texts
from desk.view import ActionId, DeskState, FieldId, Match, RegisterState
from reader.inspection.report import Decision, Inspection
from reader.lds import Identity

S = DeskState
MOMENT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OWN_DATA, ELECTRICITY, MARRIAGE = "own-data", "electricity-contract", "marriage-registration"
YES = Confirmation(
    True, (("personal-number", True), ("full-name", True), ("date-of-birth", True), ("card-valid", True))
)
OTHER_NAME = Confirmation(
    False, (("personal-number", True), ("full-name", False), ("date-of-birth", True), ("card-valid", True))
)
LOST = Confirmation(True, (*YES.answers[:3], ("card-valid", False)))


@pytest.fixture
def asked(bench):
    """Bring a visit to the question whether the citizen agrees."""

    def ask(id: str = OWN_DATA):
        bench.desk.choose_purpose(id)
        bench.read()
        return bench.wait_for(S.CONSENT)

    return ask


def test_nobody_is_asked_before_the_citizen_has_agreed_and_the_record_goes_with_the_question(bench, asked) -> None:
    view = asked()
    assert bench.population.lookups == []
    assert {ActionId.AGREE, ActionId.REFUSE} <= view.actions
    assert view.purpose_in_use == purpose(OWN_DATA)
    bench.desk.give_consent(OWN_DATA, "en", "read-aloud")
    bench.wait_for(S.SHOWING)
    (lookup,) = bench.population.asked
    assert lookup.consent is not None
    assert lookup.consent.sha256 == text_digest(citizen_text(purpose(OWN_DATA), "en"))
    assert (lookup.consent.language, lookup.consent.how) == ("en", "read-aloud")
    told = visit_report(bench.desk.data)["consent"]
    assert json.loads(json.dumps(told))["sha256"] == lookup.consent.sha256


def test_who_does_not_agree_is_not_looked_up_and_the_visit_goes_on_with_the_chip(bench, asked) -> None:
    asked()
    bench.desk.refuse_consent()
    view = bench.wait_for(S.SHOWING)
    assert [(r.state, r.failure) for r in view.registers] == [(RegisterState.NOT_ALLOWED, "consent-refused")] * 2
    assert bench.population.lookups == []
    assert view.identity is not None
    assert view.decision.decision is Decision.PROCEED
    assert bench.desk.data.consent is None
    bench.desk.look_up_again()
    bench.wait_for(S.CONSENT)


def test_a_statute_asks_nobody_for_consent_and_sends_none(bench) -> None:
    view = bench.show()
    assert S.CONSENT not in bench.states
    assert ActionId.AGREE not in view.actions
    assert [lookup.consent for lookup in bench.population.asked] == [None]


def test_another_purpose_while_the_citizen_reads_asks_anew_or_goes_on(bench, asked) -> None:
    asked()
    bench.desk.choose_purpose(ELECTRICITY)
    bench.wait_for(lambda view: view.purpose == ELECTRICITY and view.state is S.CONSENT)
    # What was agreed to for the first purpose counts for nothing now.
    bench.desk.give_consent(OWN_DATA, "vi", "read-by-citizen")
    bench.desk.choose_purpose("permanent-residence")
    bench.wait_for(S.SHOWING)
    assert [lookup.consent for lookup in bench.population.asked] == [None]


def test_consent_ends_with_the_visit(bench, asked) -> None:
    asked()
    bench.desk.give_consent(OWN_DATA, "vi", "read-by-citizen")
    bench.wait_for(S.SHOWING)
    bench.desk.look_up_again()
    bench.wait_for(lambda view: view.state is S.SHOWING and len(bench.population.lookups) == 2)
    bench.desk.next_citizen()
    bench.wait_for(S.WIPED)
    assert bench.desk.data.consent is None


@pytest.mark.parametrize("leave", ["cancel", "next_citizen"])
def test_the_question_can_always_be_left_and_leaves_nothing(bench, asked, leave: str) -> None:
    asked()
    getattr(bench.desk, leave)()
    assert bench.wait_for(S.WIPED).identity is None


@pytest.mark.parametrize(
    ("id", "language", "how"),
    [("curiosity", "vi", "read-aloud"), (OWN_DATA, "fr", "read-aloud"), (OWN_DATA, "vi", "by-default")],
)
def test_a_consent_to_no_text_of_ours_cannot_be_recorded(bench, id: str, language: str, how: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        bench.desk.give_consent(id, language, how)


def test_consent_is_wanted_only_where_somebody_is_to_be_asked() -> None:
    known = purpose(OWN_DATA)
    somebody = LookupPlan((), (lambda: LookupOutcome(POPULATION_KIND),))
    assert consent_wanted(somebody, known, None)
    assert not consent_wanted(LookupPlan(()), known, None)
    assert not consent_wanted(somebody, known, consent_now(known, "vi", "read-aloud"))
    assert consent_wanted(somebody, known, consent_now(purpose(ELECTRICITY), "vi", "read-aloud"))
    assert not consent_wanted(somebody, purpose(MARRIAGE), None)
    assert answers(consent_now(known, "en", "read-by-citizen"), known)


def test_a_purpose_that_needs_a_yes_gets_a_yes_and_no_data(bench, asked) -> None:
    bench.population.confirmation = YES
    asked(ELECTRICITY)
    bench.desk.give_consent(ELECTRICITY, "vi", "read-by-citizen")
    view = bench.wait_for(S.SHOWING)
    population = view.registers[0]
    assert (population.state, population.confirmed) == (RegisterState.CONFIRMED, YES.answers)
    assert bench.population.asked == [], "no data were asked for"
    line = Texts(Language.VIETNAMESE).register_lines(view.registers)[0][1]
    assert "thẻ còn giá trị: có" in line
    assert {row.field for row in view.comparison} == {
        FieldId.FULL_NAME,
        FieldId.PERSONAL_NUMBER,
        FieldId.DATE_OF_BIRTH,
    }
    assert {row.of("population").match for row in view.comparison} == {Match.SAME}
    assert exit_code_of_visit(view.decision, bench.desk.data) is ExitCode.PROCEED


def test_data_come_after_a_yes(bench) -> None:
    bench.population.confirmation = YES
    bench.desk.choose_purpose(MARRIAGE)
    view = bench.show()
    assert len(bench.population.lookups) == 2
    assert len(bench.population.asked) == 1
    assert (view.registers[0].state, view.registers[0].confirmed) == (RegisterState.ANSWERED, YES.answers)


def test_after_a_no_nothing_is_asked_and_the_clerk_sees_which_element_it_is(bench) -> None:
    bench.population.confirmation = OTHER_NAME
    bench.desk.choose_purpose(MARRIAGE)
    view = bench.show()
    assert bench.population.asked == []
    assert view.registers[0].state is RegisterState.NOT_CONFIRMED
    row = next(row for row in view.comparison if row.field is FieldId.FULL_NAME)
    assert (row.of("population").match, row.of("population").reason) == (Match.DIFFERENT, "confirmed-no")
    (_, line), *_ = Texts(Language.ENGLISH).register_lines(view.registers)
    assert "full name: NO" in line
    assert "date of birth: yes" in line
    assert Texts(Language.VIETNAMESE).failure_of(view.registers[0].failure).next_step
    assert view.decision.decision is Decision.PROCEED, "what registers say of the citizen is not the card's decision"
    confirmed = visit_report(bench.desk.data)["registers"][0]["confirmed"]
    assert confirmed == dict(OTHER_NAME.answers)


def test_a_no_to_the_card_stops_the_visit(bench) -> None:
    bench.population.confirmation = LOST
    bench.desk.choose_purpose(MARRIAGE)
    view = bench.show()
    assert view.decision.decision is Decision.STOP
    assert view.decision.reasons[0] == ("register.card-status", "card-not-valid")
    assert bench.population.asked == []


def test_without_the_yes_the_other_registers_are_not_asked_either(
    inspection: Callable[..., Inspection], identity: Callable[..., Identity]
) -> None:
    def silent(_lookup: Lookup) -> Answer[Confirmation]:
        raise RegisterTimeout("population", "deadline")

    def never(_lookup: Lookup) -> Answer[LandHoldings]:
        raise AssertionError("asked without a yes")

    land_too = replace(purpose("land-change-registration"), id="both")
    uses = tuple(replace(use, questions=purpose(MARRIAGE).uses[0].questions) for use in land_too.uses[:1])
    both = replace(land_too, uses=(*uses, *land_too.uses[1:]))
    registers = Registers((DeskRegister(POPULATION_KIND, never, confirm=silent), DeskRegister(LAND_KIND, never)))
    population, land = (question() for question in plan(inspection(), registers, both, "c1").questions)
    assert (population.state, population.failure) == (RegisterState.FAILED, "register-timeout")
    assert (land.state, land.failure) == (RegisterState.FAILED, "confirmation-missing")
    unable = Registers((DeskRegister(POPULATION_KIND, never), DeskRegister(LAND_KIND, never)))
    planned = plan(inspection(), unable, both, "c1")
    assert planned.questions == ()
    assert {outcome.failure for outcome in planned.outcomes} == {"confirmation-missing"}


def test_however_many_registers_wait_the_questions_are_asked_once(identity: Callable[..., Identity]) -> None:
    times: list[str] = []
    go_on = threading.Event()

    def confirm(lookup: Lookup) -> Answer[Confirmation]:
        times.append(lookup.lookup_id)
        assert go_on.wait(10)
        return Answer("population", OTHER_NAME, "key-1", MOMENT)

    first = YesFirst(POPULATION_KIND, confirm, make_lookup(identity(), purpose(MARRIAGE), "c1"))
    came: list[LookupOutcome[object]] = []
    waiting = [
        threading.Thread(target=lambda: came.append(first.before(LAND_KIND, None, first.lookup))) for _ in range(5)
    ]
    for thread in waiting:
        thread.start()
    go_on.set()
    for thread in waiting:
        thread.join(10)
    assert len(times) == 1
    assert {(outcome.state, outcome.failure) for outcome in came} == {
        (RegisterState.NOT_ALLOWED, "citizen-not-confirmed")
    }


def test_not_asked_for_this_purpose_is_not_the_same_as_that_the_register_has_none(
    identity: Callable[..., Identity], record: Callable[..., PopulationRecord]
) -> None:
    told = record(asked=("full_name", "residence", "residence_before", "spouse"), religion="", spouse="", sex=None)
    outcome = LookupOutcome(POPULATION_KIND, RegisterState.ANSWERED, told)
    cells = {row.field: row.of("population") for row in compare(identity(), (outcome,))}
    assert (cells[FieldId.SPOUSE].match, cells[FieldId.SPOUSE].reason) == (Match.MISSING, "register-silent")
    for field in (FieldId.RELIGION, FieldId.SEX, FieldId.DATE_OF_BIRTH, FieldId.EXPIRY):
        assert (cells[field].match, cells[field].reason) == (Match.NOT_ASKED, "not-for-purpose")


def test_the_page_shows_only_rows_and_columns_that_were_asked_for(bench, record, parcel: Callable[..., Parcel]) -> None:
    bench.desk.choose_purpose("temporary-residence")
    use = purpose("temporary-residence").use("population")
    assert use is not None
    bench.population.record = record(asked=use.fields)
    view = bench.show()
    shown = {row.field for row in view.comparison}
    assert FieldId.RESIDENCE in shown
    assert not shown & {FieldId.RELIGION, FieldId.FATHER, FieldId.SPOUSE, FieldId.ETHNICITY}
    holdings = LandHoldings((parcel(area_m2=None, boundary=()),), asked=("address", "land_type"))
    (section,) = section_views([LookupOutcome(LAND_KIND, RegisterState.ANSWERED, holdings)])
    assert [column.head.en for column in section.columns] == ["Land type", "Certificate"]
    assert [len(item.cells) for item in section.items] == [2]
    assert section.items[0].picture is None


def test_a_scanned_certificate_is_what_the_land_register_is_searched_by(
    inspection: Callable[..., Inspection],
) -> None:
    asked: list[Lookup] = []

    def find(lookup: Lookup) -> Answer[LandHoldings]:
        asked.append(lookup)
        raise RegisterTimeout("land", "deadline")

    registers = Registers((DeskRegister(LAND_KIND, find),))
    change, information = purpose("land-change-registration"), purpose("land-information")
    for certificate in ("AB 12345678", ""):
        for question in plan(inspection(), registers, change, "c1", certificate=certificate).questions:
            question()
    assert [lookup.certificate for lookup in asked] == ["AB 12345678", ""]
    one = replace(information, uses=tuple(replace(use, questions=()) for use in information.uses))
    (outcome,) = plan(inspection(), registers, one, "c1").outcomes
    assert (outcome.state, outcome.failure) == (RegisterState.NOT_ALLOWED, "certificate-needed")
    (question,) = plan(inspection(), registers, one, "c1", certificate="AB 12345678").questions
    question()
    assert asked[-1].certificate == "AB 12345678"

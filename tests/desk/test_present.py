"""From what the desk holds to what is shown: no thread, no card, plain values."""

from __future__ import annotations

import queue
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auth.registers.ports import CardStatus, LandHoldings
from desk.assembly import desk_on_pcsc
from desk.exit_codes import ExitCode, exit_code_of_failure, exit_code_of_visit
from desk.judgement import judge
from desk.kinds.land import KIND as LAND_KIND
from desk.kinds.land import parcel_view
from desk.kinds.population import KIND as POPULATION_KIND
from desk.outcomes import LookupOutcome
from desk.present import present
from desk.progress import progress_of
from desk.report import visit_report
from desk.settings import Settings
from desk.view import ActionId, DeskState, DeskView, FailureView, PortraitView, RegisterState, StepId, StepState
from desk.visit_data import Surroundings, VisitData
from mock_cards.build import CardFactory
from reader.inspection.checks import Check, CheckId
from reader.inspection.events import CheckJudged, FileProgress, PortraitGrowing, PortraitRead
from reader.inspection.report import Decision, Finding
from reader.iso7816 import ReaderSnapshot, ReaderState, ServiceState, SlotState
from reader.lds import Portrait

Make = Any
SNAPSHOT = ReaderSnapshot(ServiceState.RUNNING, (ReaderState("A", SlotState.PRESENT, emulated=True),))


def show(state: DeskState, data: VisitData | None = None, **more: Any) -> DeskView:
    return present(state, data or VisitData(), Surroundings(clerk="Cán Bộ"), SNAPSHOT, **more)


@pytest.fixture
def shown(inspection: Make, record: Make, parcel: Make) -> VisitData:
    population = LookupOutcome(POPULATION_KIND, RegisterState.ANSWERED, record())
    land = LookupOutcome(LAND_KIND, RegisterState.ANSWERED, LandHoldings((parcel(),)))
    return VisitData(outcomes=(population, land)).with_inspection(inspection())


@pytest.mark.parametrize("state", list(DeskState))
def test_every_state_has_a_view_even_with_nothing_held(state: DeskState) -> None:
    view = show(state)
    assert view.state is state
    assert [step.step for step in view.steps] == list(StepId)
    assert view.identity is view.portrait is view.decision is None


def test_no_personal_data_in_the_repr_of_anything_shown(shown: VisitData) -> None:
    view = show(DeskState.SHOWING, shown)
    for thing in (view, view.identity, view.portrait, shown, *view.comparison, *view.sections, *view.sections[0].items):
        for secret in ("Mẫu", "099090000001", "PNG", "Thôn Đông"):
            assert secret not in repr(thing)


def test_the_emulated_reader_in_use_makes_it_a_test() -> None:
    assert not show(DeskState.NEED_KEY).test
    assert show(DeskState.NEED_KEY, in_use="A").test


def test_a_parcel_is_drawn_from_its_own_corner_and_its_area_written_as_in_vietnam(parcel: Make) -> None:
    view = parcel_view(parcel())
    assert view.area == "1.120,5 m²"
    assert view.boundary == ((0.0, 0.0), (10.0, 0.0), (10.0, 12.05), (0.0, 12.05))
    assert parcel_view(parcel(boundary=())).boundary == ()


def test_a_portrait_is_unproven_until_its_hash_was_found_right() -> None:
    sight = VisitData().with_event(PortraitGrowing(Portrait(b"PNG half", 3, 4, "jpeg")))
    assert show(DeskState.READING, sight).portrait == PortraitView(b"PNG half", 3, 4, whole=False, proven=False)
    whole = sight.with_event(PortraitRead(Portrait(b"PNG", 3, 4, "jpeg")))
    assert show(DeskState.READING, whole).portrait == PortraitView(b"PNG", 3, 4, whole=True, proven=False)
    failed = whole.with_event(CheckJudged(Check.failed(CheckId.HASHES, "hash-mismatch")))
    assert show(DeskState.READING, failed).portrait == PortraitView(b"PNG", 3, 4, proven=False)
    passed = whole.with_event(CheckJudged(Check.passed(CheckId.HASHES, "hashes-match", {"groups": "1, 2"})))
    assert show(DeskState.READING, passed).portrait == PortraitView(b"PNG", 3, 4)


def test_actions_are_those_that_the_table_knows() -> None:
    assert ActionId.ENTER_KEY in show(DeskState.NEED_KEY).actions
    assert ActionId.ENTER_KEY not in show(DeskState.READING).actions
    assert ActionId.LOOK_UP_AGAIN in show(DeskState.SHOWING).actions
    assert ActionId.CANCEL not in show(DeskState.STOPPING).actions


def test_progress_knows_of_the_portrait_before_its_header_has_come() -> None:
    assert progress_of(()) is None
    first = progress_of((FileProgress("EF.SOD", 2000, 2000),))
    assert first is not None
    assert first.percent < 15
    done = progress_of(tuple(FileProgress(n, 9, 9) for n in ("EF.SOD", "DG1", "DG13", "DG14", "DG15", "EF.COM", "DG2")))
    assert done is not None
    assert (done.file, done.percent) == ("DG2", 100)


def test_a_fault_marks_the_reading() -> None:
    steps = {step.step: step.state for step in show(DeskState.FAULT).steps}
    assert steps[StepId.READ] is StepState.FAILED


def test_reasons_come_the_weightiest_first(inspection: Make) -> None:
    findings = (
        Finding(CheckId.REVOCATION, "no-revocation-list", Decision.ATTENTION),
        Finding(CheckId.HASHES, "hash-mismatch", Decision.STOP),
    )
    view = judge(replace(inspection(Decision.STOP), findings=findings))
    assert [reason for _, reason in view.reasons] == ["hash-mismatch", "no-revocation-list"]


@pytest.mark.parametrize(
    ("code", "exit_code"), [("pcsc-no-service", 3), ("pcsc-mute-card", 3), ("wrong-password", 4), ("internal", 4)]
)
def test_a_failure_without_a_report_has_its_exit_code(code: str, exit_code: int) -> None:
    assert exit_code_of_failure(code) == exit_code


@pytest.mark.parametrize(
    ("decision", "population", "expected"),
    [
        (Decision.PROCEED, RegisterState.ANSWERED, ExitCode.PROCEED),
        (Decision.PROCEED, RegisterState.NOT_FOUND, ExitCode.PROCEED),
        (Decision.PROCEED, RegisterState.NOT_ALLOWED, ExitCode.PROCEED),
        (Decision.PROCEED, RegisterState.FAILED, ExitCode.REGISTER_SILENT),
        (Decision.ATTENTION, RegisterState.FAILED, ExitCode.ATTENTION),
        (Decision.STOP, RegisterState.FAILED, ExitCode.STOP),
    ],
)
def test_the_first_exit_code_that_applies_is_taken(
    inspection: Make, decision: Decision, population: RegisterState, expected: ExitCode
) -> None:
    data = VisitData(outcomes=(LookupOutcome(POPULATION_KIND, population),)).with_inspection(inspection(decision))
    assert exit_code_of_visit(judge(inspection(decision)), data) is expected


def test_the_report_has_what_the_house_promises(shown: VisitData) -> None:
    report: dict[str, Any] = visit_report(shown)
    assert {"decision", "checks", "identity", "comparison", "timings", "apdus"} <= set(report)
    assert (report["decision"], report["apdus"], report["timings"]["access"]) == ("proceed", 80, 12.5)
    assert set(report["checks"][0]) == {"id", "status", "result", "reason", "evidence", "notes"}
    assert report["identity"]["date_of_birth"] == "1990-01-15"
    residence = next(row for row in report["comparison"] if row["field"] == "residence")
    assert residence["population"]["match"] == "renamed"
    assert b"PNG" not in repr(report).encode()


def test_a_lost_card_is_a_stop_in_the_report_too(shown: VisitData, record: Make) -> None:
    record_of_a_lost_card = record(card_status=CardStatus.LOST)
    lost = shown.with_outcome(LookupOutcome(POPULATION_KIND, RegisterState.ANSWERED, record_of_a_lost_card))
    report: dict[str, Any] = visit_report(lost)
    assert report["decision"] == "stop"
    assert report["reasons"][0] == {"check": "register.card-status", "reason": "card-lost"}


def test_a_visit_without_a_result_reports_its_failure_and_nobody() -> None:
    report: dict[str, Any] = visit_report(VisitData(), FailureView("wrong-password", tries_left=2))
    assert (report["decision"], report["identity"], report["checks"]) == (None, None, [])
    assert report["failure"] == {"code": "wrong-password", "tries_left": 2}


def test_the_desk_says_test_by_its_anchors_its_reader_or_what_the_card_was_signed_with(inspection: Make) -> None:
    """A real reader, a real desk, and a document of the test issuer: the page and the report say TEST."""
    real = ReaderSnapshot(ServiceState.RUNNING, (ReaderState("ACS ACR1252", SlotState.PRESENT),))
    genuine = VisitData().with_inspection(inspection())
    signed_by_test = VisitData().with_inspection(replace(inspection(), test=True))

    def says_test(data: VisitData, around: Surroundings, snapshot: ReaderSnapshot, reader: str) -> bool:
        return present(DeskState.SHOWING, data, around, snapshot, in_use=reader).test

    assert not says_test(genuine, Surroundings(), real, "ACS ACR1252")
    assert says_test(signed_by_test, Surroundings(), real, "ACS ACR1252")
    assert says_test(genuine, Surroundings(test=True), real, "ACS ACR1252")
    assert says_test(genuine, Surroundings(), SNAPSHOT, "A")
    assert [visit_report(data)["test"] for data in (VisitData(), genuine, signed_by_test)] == [False, False, True]
    assert visit_report(genuine, test=True)["test"] is True


def test_a_test_anchor_in_the_trust_directory_makes_the_whole_desk_say_test(tmp_path: Path) -> None:
    settings = Settings(trust_directory=tmp_path)
    assert not first_view(settings).test
    (tmp_path / "csca.cer").write_bytes(CardFactory("marks").anchors[0])
    assert first_view(settings).test


def first_view(settings: Settings) -> DeskView:
    """Return what a desk on real readers shows before any card comes."""
    views: queue.SimpleQueue[DeskView] = queue.SimpleQueue()
    desk = desk_on_pcsc(settings)
    try:
        desk.subscribe(views.put)
        return views.get(timeout=10)
    finally:
        desk.close()

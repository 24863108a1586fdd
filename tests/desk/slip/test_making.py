"""The slip says what the page said: never more, never something that the visit did not show."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from auth.errors import RegisterTimeout
from auth.purposes import ConsentHow
from auth.purposes.model import BasisKind
from desk.asked_for import AskedFor
from desk.runner import Desk
from desk.slip import PreparedSlip, SlipDevice, slip_of
from desk.view import DeskState, FieldId, RegisterState
from reader.inspection.checks import CheckStatus
from reader.inspection.report import Decision

Make = Callable[[Desk], PreparedSlip | None]
Bench = Any  # lives in conftest.py, which cannot be imported from here


def test_a_slip_says_who_looked_up_whom_for_what_on_what_ground(bench: Bench, make_slip: Make) -> None:
    bench.desk.set_dossier("2026/HS-0042")
    view = bench.show()
    made = make_slip(bench.desk)
    assert made is not None
    slip = made.slip
    assert (slip.maker.clerk, slip.maker.clerk_id) == ("Cán Bộ", "c1")
    assert (slip.subject.personal_number, slip.subject.full_name) == ("099090000001", "Nguyễn Văn Mẫu")
    assert (slip.matter.purpose, slip.matter.basis) == ("land-change-registration", BasisKind.STATUTE)
    assert slip.matter.legal_basis.startswith("Luật Đất đai")
    assert slip.matter.dossier == "2026/HS-0042"
    assert slip.decision == view.decision
    assert [check.id for check in slip.checks] == [check.id for check in view.checks]
    assert slip.maker.program.startswith("motcua ")


def test_a_slip_names_the_act_under_which_the_registers_were_asked(bench: Bench, make_slip: Make) -> None:
    bench.show()
    made = make_slip(bench.desk)
    assert made is not None
    assert made.slip.lookups == tuple(dict.fromkeys((*bench.population.lookups, *bench.land.lookups)))
    assert len(made.slip.lookups) == 1


def test_another_purpose_chosen_after_the_answers_is_not_the_one_on_the_slip(bench: Bench, make_slip: Make) -> None:
    bench.show()
    bench.desk.choose_purpose("temporary-residence")
    made = make_slip(bench.desk)
    assert made is not None
    assert made.slip.matter.purpose == "land-change-registration"


def test_a_slip_keeps_only_what_the_purpose_asks_for(prepared: PreparedSlip) -> None:
    kept = {row.field for row in prepared.slip.comparison}
    assert {FieldId.FULL_NAME, FieldId.PERSONAL_NUMBER, FieldId.DATE_OF_BIRTH, FieldId.RESIDENCE} <= kept
    assert not {FieldId.RELIGION, FieldId.ETHNICITY, FieldId.FATHER, FieldId.MOTHER} & kept
    assert "Nguyễn Văn Gốc" not in prepared.record.decode()


def test_evidence_and_portrait_are_no_part_of_a_slip(prepared: PreparedSlip) -> None:
    assert all(check.evidence == () for check in prepared.slip.checks)
    assert b"PNG" not in prepared.record


def test_what_could_not_be_asked_is_never_verified(bench: Bench, make_slip: Make) -> None:
    bench.land.trouble = RegisterTimeout("land", "deadline")
    bench.show()
    made = make_slip(bench.desk)
    assert made is not None
    population, land = made.slip.registers
    assert (population.state, population.verified) == (RegisterState.ANSWERED, True)
    assert (land.state, land.verified, land.failure) == (RegisterState.FAILED, False, "register-timeout")
    assert land.answered_at is None
    assert land.lookup, "it was asked, and the ledger knows under which act"


def test_an_inconclusive_check_stays_inconclusive(prepared: PreparedSlip) -> None:
    statuses = {check.id.value: check.status for check in prepared.slip.checks}
    assert statuses["passive.revocation"] is CheckStatus.INCONCLUSIVE


def test_a_stopped_card_has_a_slip_that_says_so_and_no_register_was_asked(
    bench: Bench, make_slip: Make, inspection: Callable[..., Any]
) -> None:
    bench.inspector.make = lambda: inspection(Decision.STOP)
    bench.show()
    made = make_slip(bench.desk)
    assert made is not None
    assert made.slip.decision.decision is Decision.STOP
    assert made.slip.lookups == ()
    assert all(one.state is RegisterState.NOT_ALLOWED and not one.verified for one in made.slip.registers)


def test_there_is_no_slip_before_the_result_and_none_after_the_wipe(bench: Bench, make_slip: Make) -> None:
    assert make_slip(bench.desk) is None
    bench.show()
    bench.desk.next_citizen()
    bench.wait_for(DeskState.WIPED)
    assert make_slip(bench.desk) is None


@pytest.mark.parametrize("emulated", [True, False])
def test_a_slip_is_a_test_where_the_desk_shows_test_and_nowhere_else(
    bench: Bench, make_slip: Make, emulated: bool
) -> None:
    bench.watch.emulated = emulated
    view = bench.show()
    made = make_slip(bench.desk)
    assert made is not None
    assert (view.test, made.slip.test) == (emulated, emulated)


def test_what_the_inspection_saw_of_a_test_marks_the_slip(
    bench: Bench, make_slip: Make, inspection: Callable[..., Any]
) -> None:
    bench.watch.emulated = False
    bench.inspector.make = lambda: replace(inspection(), test=True)
    assert bench.show().test
    made = make_slip(bench.desk)
    assert made is not None
    assert made.slip.test


def test_consent_stands_on_the_slip_with_the_very_text(bench: Bench, make_slip: Make) -> None:
    bench.desk.choose_purpose("land-information")
    bench.read()
    bench.wait_for(DeskState.CONSENT)
    bench.desk.give_consent("land-information", "vi", ConsentHow.READ_ALOUD)
    bench.wait_for(DeskState.SHOWING)
    made = make_slip(bench.desk)
    assert made is not None
    matter = made.slip.matter
    assert matter.basis is BasisKind.CONSENT
    assert matter.consent is not None
    assert matter.consent.how is ConsentHow.READ_ALOUD
    assert matter.legal_basis in matter.consent_text


def test_no_text_of_a_slip_shows_the_person_when_it_is_printed(prepared: PreparedSlip) -> None:
    slip = prepared.slip
    for value in (prepared, slip, slip.subject, slip.maker, slip.matter, slip.registers[0]):
        assert "Nguyễn" not in repr(value)
        assert "099090000001" not in repr(value)
    assert "099090000001" not in slip.file_stem
    assert "Nguyen" not in slip.file_stem


def test_another_purpose_chosen_after_nobody_was_asked_is_not_the_one_on_the_slip(
    bench: Bench, make_slip: Make, inspection: Callable[..., Any]
) -> None:
    bench.inspector.make = lambda: inspection(Decision.STOP)
    bench.show()
    bench.desk.choose_purpose("temporary-residence")
    made = make_slip(bench.desk)
    assert made is not None
    assert made.slip.matter.purpose == "land-change-registration"


def test_a_refused_purpose_stays_on_the_slip_when_another_is_chosen(bench: Bench, make_slip: Make) -> None:
    bench.desk.choose_purpose("land-information")
    bench.read()
    bench.wait_for(DeskState.CONSENT)
    bench.desk.refuse_consent()
    bench.wait_for(DeskState.SHOWING)
    bench.desk.choose_purpose("temporary-residence")
    made = make_slip(bench.desk)
    assert made is not None
    assert (made.slip.matter.purpose, made.slip.matter.consent) == ("land-information", None)


def test_a_consent_to_another_text_is_not_on_the_slip(bench: Bench) -> None:
    bench.desk.choose_purpose("land-information")
    bench.read()
    bench.wait_for(DeskState.CONSENT)
    bench.desk.give_consent("land-information", "vi", ConsentHow.READ_ALOUD)
    view = bench.wait_for(DeskState.SHOWING)
    data = bench.desk.data
    assert data.asked_for.consent is not None
    changed = replace(data.asked_for.purpose, wording_version="another")
    data = replace(data, asked_for=AskedFor.by(changed, data.consent))
    slip = slip_of(view, data, "c1", SlipDevice(), str(uuid.UUID(int=1)), datetime.now(UTC))
    assert slip is not None
    assert (slip.matter.consent, slip.matter.consent_text) == (None, "")

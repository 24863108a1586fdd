"""How a look-up is worded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from auth.device.errors import DeviceError, DeviceSuspended, KeychainUnavailable, PinLocked, TokenUnavailable
from auth.purposes import purpose
from auth.registers import Lookup
from auth.registers.ports import Answer, Confirmation
from auth.registers.proofs import Worded
from desk.confirming import ProofBeside, YesFirst
from desk.kinds.population import KIND
from desk.lookups import Question, ask, make_lookup
from desk.ports import DeskRegister
from desk.registers_assembly import unconnected_registers
from desk.view import RegisterState
from reader.lds import CalendarDate, Identity, Sex


@pytest.mark.parametrize(
    ("on_chip", "asked"),
    [("099123456", "099123456"), ("099090000009", "099090000009"), ("", ""), ("09912345", ""), ("٠٩٩١٢٣٤٥٦", "")],
)
def test_the_old_number_is_asked_about_where_it_is_one(on_chip: str, asked: str) -> None:
    identity = Identity(
        "099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam", old_number=on_chip
    )
    assert make_lookup(identity, purpose("citizen-information"), "demo").old_number == asked


def test_every_look_up_has_an_id_of_its_own_and_its_legal_basis() -> None:
    identity = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")
    first, second = (make_lookup(identity, purpose("citizen-information"), "demo") for _ in range(2))
    assert first.lookup_id != second.lookup_id
    assert first.legal_basis


@pytest.mark.parametrize(
    "error", [DeviceSuspended(), TokenUnavailable("gone"), PinLocked(), KeychainUnavailable("locked")]
)
def test_what_is_wrong_with_the_device_is_told_by_its_own_name(error: DeviceError) -> None:
    def find(_lookup: object) -> Any:
        raise error

    outcome = ask(unconnected_registers().registers[0].kind, find, _lookup())
    assert (outcome.state, outcome.failure) == (RegisterState.FAILED, error.code)
    first = YesFirst(KIND, find, _lookup()).before(KIND, None, _lookup())
    assert (first.state, first.failure) == (RegisterState.FAILED, error.code), "and of the questions before data too"


def _lookup() -> Lookup:
    identity = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")
    return make_lookup(identity, purpose("citizen-information"), "demo")


def _faulty(receipt: str, log: str) -> Any:
    raise ValueError(f"a fault of ours, over {receipt}")


def test_a_receipt_that_cannot_be_judged_leaves_the_answer_and_shows_no_presence() -> None:
    """Whatever is wrong with it: a look-up that raised would leave its register standing there as being asked."""

    def find(*_arguments: object) -> Answer[Any]:
        return Answer("population", None, "key-1", datetime(2026, 11, 23, tzinfo=UTC), receipt="r", receipt_log="l")

    proof = ProofBeside(Worded(b"{}", b"{}"), find, _faulty)
    outcome = Question(DeskRegister(KIND, find), find, _lookup(), proof=proof)()
    assert (outcome.state, outcome.receipt, outcome.presence) == (RegisterState.NOT_FOUND, "r", None)


def test_the_same_of_the_questions_before_data() -> None:
    def confirm(*_arguments: object) -> Answer[Confirmation]:
        yes = Confirmation(True, (("personal-number", True),))
        return Answer("population", yes, "key-1", datetime(2026, 11, 23, tzinfo=UTC), receipt="r", receipt_log="l")

    first = YesFirst(KIND, confirm, _lookup(), proof=ProofBeside(Worded(b"{}", b"{}"), confirm, _faulty))
    outcome = first.before(KIND, None, _lookup())
    assert (outcome.state, outcome.receipt, outcome.presence) == (RegisterState.CONFIRMED, "r", None)

"""A chip that refuses the Chip Authentication which its signed DG14 offers: recorded, and read all the same (CH-09)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mock_cards.build import BuiltCard, CardFactory
from reader.access import Pin
from reader.inspection import CheckId, CheckStatus, Decision, Inspection, InspectionRequest, inspect
from reader.iso7816 import CommandAPDU, ResponseAPDU

CHIP, CHANNEL = CheckId.CHIP_AUTHENTICATION, CheckId.SECURE_MESSAGING
STATUS = [0x6300, 0x6700, 0x6982, 0x6985, 0x6A80, 0x6A81, 0x6A86, 0x6A88, 0x6D00, 0x6F00]


class Refusing:
    """Answer the ``step``-th command of Chip Authentication with a bare status, and end the session as chips do."""

    def __init__(self, card: Any, sw: int, instruction: int) -> None:
        self.card, self.sw, self.instruction = card, sw, instruction
        self.resets = 0

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        if command.ins == self.instruction and command.cla & 0x0C:
            self.card.power_on()
            return ResponseAPDU(b"", self.sw)
        response: ResponseAPDU = self.card.transmit(command)
        return response

    def reset(self) -> None:
        self.resets += 1
        self.card.power_on()


class Patient(Refusing):
    """Answer with a bare status as well, and go on in the same session, as some chips do."""

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        if command.ins == self.instruction and command.cla & 0x0C:
            return ResponseAPDU(b"", self.sw)
        return super().transmit(command)


class OneWay:
    """Stand for a link that cannot reset its card."""

    def __init__(self, link: Refusing) -> None:
        self.transmit = link.transmit


Run = Callable[..., tuple[Inspection, Refusing]]


@pytest.fixture
def run(factory: CardFactory, request_for: Callable[..., InspectionRequest]) -> Run:
    def inspected(sw: int, instruction: int, *, can_reset: bool = True, **changes: Any) -> tuple[Inspection, Refusing]:
        built: BuiltCard = factory.build("nguyen-van-mau")
        built.card.power_on()
        link = Refusing(built.card, sw, instruction)
        wanted = request_for(built, **changes)
        return inspect(link if can_reset else OneWay(link), wanted), link

    return inspected


@pytest.mark.parametrize("sw", STATUS)
@pytest.mark.parametrize("instruction", [0x22, 0x86], ids=["set at", "general authenticate"])
def test_the_session_is_opened_again_and_the_card_read_to_the_end(run: Run, sw: int, instruction: int) -> None:
    inspection, link = run(sw, instruction)
    check = inspection.check(CHIP)
    assert (check.status, check.reason) == (CheckStatus.FAILED, "refused-by-chip")
    assert dict(check.evidence)["status"] == f"{sw:04X}"
    assert link.resets == 1
    assert {"EF.DG2", "EF.DG13", "EF.DG15", "EF.COM"} <= set(dict(inspection.files))
    assert inspection.check(CheckId.HASHES).status is CheckStatus.PASSED
    assert inspection.check(CheckId.ACTIVE_AUTHENTICATION).status is CheckStatus.PASSED
    # The bare answer is not forgotten over the new session.
    assert (inspection.check(CHANNEL).status, inspection.check(CHANNEL).reason) == (
        CheckStatus.INCONCLUSIVE,
        "unprotected-answer",
    )
    assert inspection.decision is Decision.STOP


def test_without_a_way_to_reset_it_is_recorded_and_the_reading_ends(run: Run) -> None:
    inspection, _ = run(0x6A80, 0x22, can_reset=False)
    assert (inspection.check(CHIP).status, inspection.check(CHIP).reason) == (CheckStatus.FAILED, "refused-by-chip")
    assert inspection.check(CHANNEL).reason == "unprotected-answer"
    assert "EF.DG2" not in dict(inspection.files)


def test_a_password_whose_tries_are_counted_is_not_used_a_second_time(
    run: Run, factory: CardFactory, request_for: Callable[..., InspectionRequest]
) -> None:
    passwords = request_for(factory.build("nguyen-van-mau")).passwords
    inspection, link = run(0x6A80, 0x22, passwords=(*passwords, Pin("123456")))
    assert link.resets == 0
    assert inspection.check(CHIP).reason == "refused-by-chip"


@pytest.mark.parametrize("instruction", [0x22, 0x86], ids=["set at", "general authenticate"])
def test_a_chip_whose_session_goes_on_is_not_opened_a_second_time(
    factory: CardFactory, request_for: Callable[..., InspectionRequest], instruction: int
) -> None:
    """SM-03: the refusal is recorded, and everything else is read under the keys of PACE."""
    built = factory.build("nguyen-van-mau")
    built.card.power_on()
    link = Patient(built.card, 0x6A80, instruction)
    inspection = inspect(link, request_for(built))
    assert (inspection.check(CHIP).status, inspection.check(CHIP).reason) == (CheckStatus.FAILED, "refused-by-chip")
    assert dict(inspection.check(CHIP).evidence)["status"] == "6A80"
    assert link.resets == 0
    assert {"EF.DG2", "EF.DG13", "EF.DG15", "EF.COM"} <= set(dict(inspection.files))
    assert inspection.check(CheckId.ACTIVE_AUTHENTICATION).status is CheckStatus.PASSED
    assert inspection.decision is Decision.STOP

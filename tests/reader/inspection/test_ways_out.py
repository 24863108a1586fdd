"""The rarer ways through an inspection: a card that is lost, leaves things out, or answers without protection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mock_cards.build import CardFactory
from mock_cards.issuing import IssuedCard, Issuer
from reader.errors import CardRemoved
from reader.files import FileId, FileRead, ReadCache, ReadOutcome
from reader.genuine import TerminalReason
from reader.inspection import (
    CheckId,
    CheckStatus,
    Inspection,
    InspectionRequest,
    PortraitGrowing,
    inspect,
    judge_again,
)
from reader.inspection.consistency import dg1_dg13_check
from reader.inspection.gathered import Gathered
from reader.inspection.portrait_beside import PortraitBeside
from reader.inspection.rejudging import gather_again, judge_gathered
from reader.iso7816 import CommandAPDU, ResponseAPDU
from reader.lds.portrait import Portrait
from reader.trust import TrustMaterial

Genuine = tuple[Gathered, InspectionRequest]


class Leaving:
    """Be a card that is taken off the reader after so many commands."""

    def __init__(self, card: Any, commands: int) -> None:
        self._card, self._left = card, commands

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self._left -= 1
        if self._left < 0:
            raise CardRemoved("the card was taken away")
        answer: ResponseAPDU = self._card.transmit(command)
        return answer


def test_what_was_read_of_a_lost_card_is_kept_and_not_read_again(
    factory: CardFactory, request_for: Callable[..., InspectionRequest]
) -> None:
    """LF-07: the same document goes on where it stopped; every proof is performed anew."""
    card = factory.build("nguyen-van-mau")
    card.card.power_on()
    kept: list[ReadCache] = []
    with pytest.raises(CardRemoved):
        inspect(Leaving(card.card, 60), request_for(card), keep=kept.append)
    (cache,) = kept
    assert cache.whole(FileId.DG13) is not None
    card.card.power_on()
    whole = inspect(card.card, request_for(card))
    card.card.power_on()
    resumed = inspect(card.card, request_for(card), known=cache)
    assert [(check.id, check.status, check.reason) for check in resumed.checks] == [
        (check.id, check.status, check.reason) for check in whole.checks
    ]
    assert resumed.link.apdus < whole.link.apdus


def test_a_card_that_comes_back_and_cannot_prove_its_key_is_not_recognised_by_it(
    factory: CardFactory, request_for: Callable[..., InspectionRequest]
) -> None:
    """LF-07: the key of the DG14 that is known would spare EF.SOD; whoever does not hold it is read like anybody."""
    card = factory.build("nguyen-van-mau")
    card.card.power_on()
    kept: list[ReadCache] = []
    with pytest.raises(CardRemoved):
        inspect(Leaving(card.card, 60), request_for(card), keep=kept.append)
    refusing = factory.build("nguyen-van-mau", ("ca-refused-6a88",))
    refusing.card.power_on()
    told: list[Any] = []
    inspection = inspect(refusing.card, request_for(refusing), known=kept[0], on_event=told.append)
    assert inspection.check(CheckId.CHIP_AUTHENTICATION).status is CheckStatus.FAILED
    assert "EF.SOD" in dict(inspection.files)


def test_without_anybody_to_keep_it_a_lost_card_is_only_lost(
    factory: CardFactory, request_for: Callable[..., InspectionRequest]
) -> None:
    card = factory.build("nguyen-van-mau")
    card.card.power_on()
    with pytest.raises(CardRemoved):
        inspect(Leaving(card.card, 60), request_for(card))


def test_a_first_sight_of_the_portrait_is_told_while_it_comes(
    inspect_card: Callable[..., Inspection], monkeypatch: pytest.MonkeyPatch
) -> None:
    sight = Portrait(b"\x89PNG", 1, 1, "jpeg")
    monkeypatch.setattr(PortraitBeside, "look", lambda self, got, total: sight)
    told: list[object] = []
    inspect_card(on_event=told.append)
    assert PortraitGrowing(sight) in told


def test_a_portrait_is_given_up_when_the_clerk_cancels() -> None:
    from reader.errors import Cancelled

    cancel = threading.Event()
    cancel.set()
    with PortraitBeside(lambda: 0.0) as portrait, pytest.raises(Cancelled):
        portrait.finish(b"no image", cancel)


@pytest.mark.parametrize("missing", [(2,), (13,), (14,), (15,), (2, 13, 14, 15)], ids=str)
def test_a_document_without_some_groups_is_judged_and_judged_again(
    inspect_issued: Callable[..., Inspection],
    without: Callable[..., IssuedCard],
    issued: IssuedCard,
    issuer: Issuer,
    missing: tuple[int, ...],
) -> None:
    inspection = inspect_issued(without(issued, *missing))
    assert CheckStatus.FAILED not in {check.status for check in inspection.checks}
    trust = TrustMaterial.of([issuer.country.certificate])
    assert inspection.record is not None
    assert judge_again(inspection.record, trust) == inspection.checks
    gathered = gather_again(inspection.record, trust, inspection.record.moment)
    assert judge_gathered(gathered, inspection.record) == inspection.checks


def test_a_security_object_that_is_none_is_judged_again_as_malformed(
    inspect_issued: Callable[..., Inspection], issued: IssuedCard, issuer: Issuer
) -> None:
    inspection = inspect_issued(issued.with_files(SOD=bytes.fromhex("7702300000")[:4]))
    assert inspection.check(CheckId.SOD_SIGNATURE).reason == "malformed-sod"
    assert inspection.record is not None
    assert judge_again(inspection.record, TrustMaterial.of([issuer.country.certificate])) == inspection.checks


def test_an_expiry_that_only_the_zone_denies_is_not_compared(genuine: Genuine) -> None:
    gathered, request = genuine
    assert gathered.mrz is not None
    assert gathered.dg13 is not None
    gathered.mrz = replace(gathered.mrz, expiry="991231")
    gathered.dg13 = replace(gathered.dg13, expiry=None, no_expiry=False)
    check = dg1_dg13_check(gathered, request.moment.date())
    assert check.status is CheckStatus.PASSED
    assert "expiry" not in dict(check.evidence)["compared"].split()


def test_a_read_that_came_without_protection_confirms_no_keys(
    inspect_card: Callable[..., Inspection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that nobody protected says nothing about the chip's key (SM-03, CH-08)."""
    from reader.inspection import card_reading

    def unprotected(link: object, file: FileId, **rest: object) -> FileRead:
        return FileRead(file, ReadOutcome.UNVERIFIED, sw=0x6A82)

    monkeypatch.setattr(card_reading, "read_file", unprotected)
    inspection = inspect_card()
    for id in (CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION):
        assert inspection.check(id).status is CheckStatus.INCONCLUSIVE
    assert inspection.check(CheckId.TERMINAL_AUTHENTICATION).reason == TerminalReason.NO_CREDENTIALS


def test_a_group_of_portraits_without_one_is_no_portrait(
    inspect_card: Callable[..., Inspection], monkeypatch: pytest.MonkeyPatch
) -> None:
    from reader.inspection import procedure

    parse = procedure.parse_dg2
    monkeypatch.setattr(procedure, "parse_dg2", lambda raw: replace(parse(raw), faces=()))
    inspection = inspect_card(decode_portrait=True)
    assert inspection.portrait is None
    assert "no-portrait" in {note.code for note in inspection.check(CheckId.STRUCTURE).notes}


def test_a_decoder_that_gives_up_by_the_clock_is_no_slice_of_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(self: PortraitBeside, image: bytes) -> Portrait:
        raise TimeoutError

    monkeypatch.setattr(PortraitBeside, "_decode", give_up)
    with PortraitBeside(lambda: 0.0) as portrait, pytest.raises(TimeoutError):
        portrait.finish(b"no image", threading.Event())


class RefusingForGood:
    """Refuse Chip Authentication, end the session, and after a reset be a card that nothing opens any more."""

    def __init__(self, card: Any) -> None:
        self._card, self._gone = card, False

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        if self._gone:
            return ResponseAPDU(b"", 0x6F00)
        if command.ins == 0x22 and command.cla & 0x0C:
            self._card.power_on()
            return ResponseAPDU(b"", 0x6A80)
        response: ResponseAPDU = self._card.transmit(command)
        return response

    def reset(self) -> None:
        self._gone = True


def test_a_card_that_does_not_open_again_is_judged_by_what_it_gave(
    factory: CardFactory, request_for: Callable[..., InspectionRequest]
) -> None:
    card = factory.build("nguyen-van-mau")
    card.card.power_on()
    inspection = inspect(RefusingForGood(card.card), request_for(card))
    assert inspection.check(CheckId.CHIP_AUTHENTICATION).reason == "refused-by-chip"
    assert inspection.identity is not None
    assert "EF.DG2" not in dict(inspection.files)

"""What was recorded of an inspection gives the same checks again, without card and reader, for good cards and bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from mock_cards.build import CardFactory
from mock_cards.forgeries import FORGERIES
from reader.access import SecureMessaging
from reader.files import FileId, FileRead, ReadOutcome
from reader.genuine import ActiveProof
from reader.inspection import BASIS, Basis, CheckId, CheckStatus, Inspection, Record, judge_again
from reader.iso7816 import CommandAPDU, ResponseAPDU
from reader.trust import TrustMaterial


def record(inspection: Inspection) -> Record:
    assert inspection.record is not None
    return inspection.record


@pytest.fixture
def trust(factory: CardFactory) -> TrustMaterial:
    return TrustMaterial.of(factory.anchors)


READABLE = [(), *((forgery.name,) for forgery in FORGERIES if forgery.decision)]


@pytest.mark.soak
@pytest.mark.parametrize("forgery", READABLE, ids=" ".join)
def test_the_record_of_any_card_gives_every_check_again(
    inspect_card: Callable[..., Inspection], trust: TrustMaterial, forgery: tuple[str, ...]
) -> None:
    test_the_record_of_a_card_gives_every_check_again(inspect_card, trust, forgery)


@pytest.mark.parametrize("forgery", READABLE[::6], ids=" ".join)
def test_the_record_of_a_card_gives_every_check_again(
    inspect_card: Callable[..., Inspection], trust: TrustMaterial, forgery: tuple[str, ...]
) -> None:
    inspection = inspect_card("nguyen-van-mau", *forgery)
    assert judge_again(record(inspection), trust) == inspection.checks


class Failing:
    """Let a channel die: from the given command on, every answer is cut short."""

    def __init__(self, link: Any, number: int) -> None:
        self._link, self._left = link, number

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        answer: ResponseAPDU = self._link.transmit(command)
        self._left -= 1
        return answer if self._left > 0 else ResponseAPDU(b"", answer.sw)


@pytest.mark.parametrize("number", [10, 14, 20, 27, 30, 40, 60])
def test_the_record_of_a_reading_that_broke_off_gives_every_check_again(
    inspect_card: Callable[..., Inspection], trust: TrustMaterial, number: int
) -> None:
    inspection = inspect_card(around=lambda link: Failing(link, number))
    assert inspection.check(CheckId.SECURE_MESSAGING).status is not CheckStatus.PASSED
    assert judge_again(record(inspection), trust) == inspection.checks


def test_whoever_holds_the_issuers_certificate_learns_more_than_the_inspector(
    inspect_card: Callable[..., Inspection], trust: TrustMaterial
) -> None:
    inspection = inspect_card(trust=TrustMaterial())
    later = {check.id: check for check in judge_again(record(inspection), trust)}
    for id in (CheckId.CHAIN, CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION):
        assert inspection.check(id).status is CheckStatus.INCONCLUSIVE
        assert later[id].status is CheckStatus.PASSED


def changed_files(seen: Record) -> Iterator[tuple[FileId, Record]]:
    for place, read in enumerate(seen.reads):
        middle = len(read.data) // 2
        data = read.data[:middle] + bytes([read.data[middle] ^ 1]) + read.data[middle + 1 :]
        yield read.file, replace(seen, reads=(*seen.reads[:place], replace(read, data=data), *seen.reads[place + 1 :]))


def test_a_file_changed_afterwards_fails_the_checks_that_rest_on_it(
    inspect_card: Callable[..., Inspection], trust: TrustMaterial
) -> None:
    seen = record(inspect_card())
    changed = list(changed_files(seen))
    assert {file for file, _ in changed} >= {FileId.SOD, FileId.DG1, FileId.DG2, FileId.DG13, FileId.DG14, FileId.DG15}
    for file, altered in changed:
        # Nobody signs EF.COM: a change of its versions shows only where EF.SOD repeats them.
        checks = judge_again(altered, trust)
        failed = {check.id for check in checks if check.status is CheckStatus.FAILED}
        if file.data_group is not None:
            assert CheckId.HASHES in failed, file
        elif file is FileId.SOD:
            # A flip may hit the signer's certificate, so that nobody is left to have signed.
            assert next(c for c in checks if c.id is CheckId.SOD_SIGNATURE).status is not CheckStatus.PASSED


@pytest.mark.parametrize("place", ["challenge", "signature"])
def test_the_chips_signature_is_judged_anew(
    inspect_card: Callable[..., Inspection], trust: TrustMaterial, place: str
) -> None:
    """CH-18: the signature over the challenge is a proof for everybody; CH-01: over another challenge it is none."""
    seen = record(inspect_card())
    proof = seen.active_proof
    assert proof is not None
    assert len(proof.challenge) == 8
    other = bytes([getattr(proof, place)[0] ^ 1]) + getattr(proof, place)[1:]
    checks = judge_again(replace(seen, active_proof=replace(proof, **{place: other})), trust)
    found = {check.id: check.status for check in checks}
    assert found[CheckId.ACTIVE_AUTHENTICATION] is CheckStatus.FAILED
    assert found[CheckId.CHIP_AUTHENTICATION] is CheckStatus.PASSED


def test_a_claim_without_the_chips_signature_stays_a_claim(
    inspect_card: Callable[..., Inspection], trust: TrustMaterial
) -> None:
    """Without challenge and signature nothing is left of Active Authentication but what the record says of it."""
    seen = replace(record(inspect_card()), active_proof=None, active=None)
    found = {check.id: check.status for check in judge_again(seen, trust)}
    assert found[CheckId.ACTIVE_AUTHENTICATION] is CheckStatus.INCONCLUSIVE


def test_every_check_has_a_basis_and_only_active_authentication_is_transferable() -> None:
    assert set(BASIS) == set(CheckId)
    assert {id for id, basis in BASIS.items() if basis is Basis.TRANSFERABLE} == {CheckId.ACTIVE_AUTHENTICATION}
    assert {id for id, basis in BASIS.items() if basis is Basis.TRUST} == {
        CheckId.CHAIN,
        CheckId.REVOCATION,
        CheckId.CARD_SECURITY,
    }
    assert BASIS[CheckId.CHIP_AUTHENTICATION] is Basis.INSPECTOR


def test_a_record_shows_neither_files_nor_nonces(inspect_card: Callable[..., Inspection]) -> None:
    seen = record(inspect_card())
    proof = seen.active_proof
    assert isinstance(proof, ActiveProof)
    for text in (repr(seen), repr(proof), repr(seen.channel)):
        assert proof.challenge.hex() not in text
        assert "DG1" not in text
    assert not isinstance(seen.channel.link, SecureMessaging), "a record holds no keys"


def test_a_document_without_files_is_judged_again_too(
    inspect_card: Callable[..., Inspection], trust: TrustMaterial
) -> None:
    seen = replace(record(inspect_card()), reads=(), active_proof=None, active=None, chip=None)
    statuses = {check.id: check.status for check in judge_again(seen, trust)}
    assert statuses[CheckId.SOD_SIGNATURE] is CheckStatus.INCONCLUSIVE
    assert CheckStatus.PASSED not in {statuses[id] for id in CheckId if id.startswith(("passive.", "genuine."))}
    refused = FileRead(FileId.SOD, ReadOutcome.DENIED, sw=0x6982)
    statuses = {check.id: check.status for check in judge_again(replace(seen, reads=(refused,)), trust)}
    assert statuses[CheckId.SOD_SIGNATURE] is CheckStatus.FAILED


def test_the_moment_of_the_inspection_counts_unless_another_is_given(
    inspect_card: Callable[..., Inspection], trust: TrustMaterial
) -> None:
    seen = record(inspect_card())
    later = seen.moment.replace(year=seen.moment.year + 40)
    then = {check.id: check.status for check in judge_again(seen, trust, later)}
    assert then[CheckId.EXPIRY] is CheckStatus.FAILED

"""Files that nobody here made, on a card over pcscd: the BSI's reference data set of an ePassport, 2008."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mock_cards.card import EmulatedCard
from mock_cards.chip import Chip, Passwords, image_from_files, profile_by_name
from reader.access import MrzKey
from reader.errors import WrongPassword
from reader.inspection import CheckId, CheckStatus, Inspection, InspectionRequest, Policy, inspect
from reader.pcsc import PcscTerminal
from reader.trust import TrustMaterial

pytestmark = [pytest.mark.pcsc, pytest.mark.shared]

PutOn = Callable[[EmulatedCard], str]

FILES = {
    "EF.COM": "EF_COM",
    "EF.SOD": "EF_SOD",
    "DG1": "Datagroup1",
    "DG2": "Datagroup2",
    "DG14": "Datagroup14",
    "DG15": "Datagroup15",
}
# What the MRZ of its DG1 says; the passport ran from 2008 to 2013.
MRZ_INFORMATION = b"C11T002JM496081221310317"
KEY = MrzKey("C11T002JM", "960812", "131031")
MOMENT = datetime(2012, 1, 1, tzinfo=UTC)


@pytest.fixture
def files(shared: Path) -> dict[str, bytes]:
    """Return the reference files by their names on the card."""
    return {name: (shared / "data" / "bsi2008" / f"{file}.bin").read_bytes() for name, file in FILES.items()}


@pytest.fixture
def passport(files: dict[str, bytes]) -> EmulatedCard:
    """Return a document with the reference files and Basic Access Control, but without their private keys."""
    return Chip(image_from_files(files, profile_by_name("icao-bac"), Passwords(MRZ_INFORMATION)))


def _inspect(reader: str, trust: TrustMaterial, key: MrzKey = KEY) -> Inspection:
    request = InspectionRequest(passwords=(key,), trust=trust, policy=Policy.shipped(), moment=MOMENT)
    with PcscTerminal().connect(reader) as link:
        return inspect(link, request)


def test_the_files_arrive_as_they_are_and_the_sod_is_judged(
    put_on: PutOn, passport: EmulatedCard, files: dict[str, bytes]
) -> None:
    inspection = _inspect(put_on(passport), TrustMaterial())

    read = {name.removeprefix("EF."): content for name, content in inspection.files}
    # DG15 is neither in EF.COM nor signed by the SOD, so nobody asks for it.
    assert read == {name.removeprefix("EF."): content for name, content in files.items() if name != "DG15"}
    assert inspection.access == "bac"

    signature = inspection.check(CheckId.SOD_SIGNATURE)
    assert signature.status is CheckStatus.PASSED
    assert ("algorithm", "ecdsa-sha1") in signature.evidence
    assert [note.code for note in signature.notes] == ["sha1-signature"]
    assert inspection.check(CheckId.HASHES).status is CheckStatus.PASSED
    assert inspection.check(CheckId.COM_SOD).status is CheckStatus.PASSED
    assert inspection.check(CheckId.KEY_MATCHES_CHIP).status is CheckStatus.PASSED


def test_without_its_anchor_the_chain_is_inconclusive(put_on: PutOn, passport: EmulatedCard, shared: Path) -> None:
    reader = put_on(passport)
    strangers = TrustMaterial.of([(shared / "data" / "de-root-csca07.cer").read_bytes()])
    assert strangers.anchors.anchors
    for trust in (TrustMaterial(), strangers):
        chain = _inspect(reader, trust).check(CheckId.CHAIN)
        assert chain.status is CheckStatus.INCONCLUSIVE


def test_a_copy_of_the_files_is_not_the_chip(put_on: PutOn, passport: EmulatedCard) -> None:
    inspection = _inspect(put_on(passport), TrustMaterial())
    assert inspection.check(CheckId.CHIP_AUTHENTICATION).status is CheckStatus.FAILED
    assert inspection.decision == "stop"


def test_another_mrz_does_not_open_it_and_the_right_one_does_so_afterwards(
    put_on: PutOn, passport: EmulatedCard
) -> None:
    reader = put_on(passport)
    with pytest.raises(WrongPassword):
        _inspect(reader, TrustMaterial(), MrzKey("C11T002JM", "960812", "131030"))
    assert _inspect(reader, TrustMaterial()).access == "bac"

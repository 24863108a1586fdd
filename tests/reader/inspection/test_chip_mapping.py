"""Chip Authentication Mapping as a verdict: EF.CardSecurity first, then the mapping (CH-13 … CH-15, AC-07)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import ModuleType
from typing import Any

import pytest

from mock_cards.issuing import Issuer
from mock_cards.issuing.certificates import DocumentSigner
from mock_cards.issuing.security_infos import make_dg14
from reader.access import ChipMapping
from reader.crypto import curve_by_name
from reader.files import FileId, FileRead, ReadOutcome
from reader.inspection import Check, CheckId, CheckStatus, Decision, Inspection, judge_again, procedure
from reader.inspection.gathered import Gathered
from reader.iso7816 import encode
from reader.lds import parse_dg14, parse_security_infos
from reader.trust import TrustMaterial

BP256 = curve_by_name("brainpoolP256r1")
SECRET = 0x1F2E3D4C5B6A798897A6B5C4D3E2F101
NUMBER = 13
PASSED, FAILED, INCONCLUSIVE = CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.INCONCLUSIVE

Inspect = Callable[..., Inspection]


@pytest.fixture(scope="module")
def signer(issuer: Issuer) -> DocumentSigner:
    return issuer.document_signer(date(2025, 1, 1))


@pytest.fixture
def inspect_mapped(
    inspect_issued: Inspect, issued: Any, mapping_cards: ModuleType, signer: DocumentSigner, monkeypatch: Any
) -> Callable[..., Inspection]:
    """Return a function that inspects a card as if PACE-CAM had opened it.

    ``infos`` replace what EF.CardSecurity says, ``raw`` the file itself, ``outcome`` how its reading ended, ``mapping``
    what the chip sent.
    """

    def inspected(
        *,
        infos: Callable[[bytes, bytes], tuple[bytes, ...]] | None = None,
        raw: Callable[[bytes], bytes] = bytes,
        outcome: ReadOutcome = ReadOutcome.COMPLETE,
        mapping: ChipMapping | None = None,
        by: DocumentSigner | None = None,
        content_type: str = mapping_cards.SECURITY_OBJECT,
        card: Any = None,
        **changes: Any,
    ) -> Inspection:
        card = card or issued
        shown = parse_security_infos(card.files["EF.CardAccess"]).infos
        key = mapping_cards.public_key_info(BP256, SECRET, NUMBER)
        content = (*shown, key) if infos is None else infos(b"".join(shown), key)
        file = raw(mapping_cards.sign_infos(_set_of(*content), by or signer, content_type=content_type))
        read = FileRead(FileId.CARD_SECURITY, outcome, file if outcome is ReadOutcome.COMPLETE else b"", sw=0x6A82)
        original = procedure.open_channel

        def opened(*args: Any, **kwargs: Any) -> Any:
            channel = original(*args, **kwargs)
            sent = mapping or mapping_cards.mapping_of(BP256, SECRET)
            return replace(channel, chip_mapping=sent, card_security=read)

        with monkeypatch.context() as patch:
            patch.setattr(procedure, "open_channel", opened)
            return inspect_issued(card, **changes)

    return inspected


def _set_of(*infos: bytes) -> bytes:
    return encode(0x31, b"".join(infos))


def of(inspection: Inspection, *ids: CheckId) -> list[tuple[CheckStatus, str]]:
    return [(inspection.check(id).status, inspection.check(id).reason) for id in ids]


MASTER, MAPPING, ACCESS = CheckId.CARD_SECURITY, CheckId.CHIP_MAPPING, CheckId.CARD_ACCESS


def test_a_chip_that_holds_the_signed_key_passes(inspect_mapped: Inspect) -> None:
    inspection = inspect_mapped()
    assert of(inspection, MASTER, MAPPING) == [(PASSED, "anchored"), (PASSED, "static-key-shown")]
    assert inspection.check(ACCESS).status is PASSED
    assert dict(inspection.check(ACCESS).evidence)["compared-with"] == "EF.DG14, EF.CardSecurity"
    assert inspection.decision is Decision.PROCEED
    assert "EF.CardSecurity" in dict(inspection.files)


def test_it_is_judged_the_same_again_from_the_record(inspect_mapped: Inspect, issuer: Issuer) -> None:
    inspection = inspect_mapped()
    again = judge_again(inspection.record, TrustMaterial.of([issuer.country.certificate]))
    assert [check for check in again if check.id in (MASTER, MAPPING, ACCESS)] == [
        inspection.check(id) for id in (ACCESS, MASTER, MAPPING)
    ]
    unanchored = {check.id: check for check in judge_again(inspection.record, TrustMaterial())}
    assert (unanchored[MAPPING].status, unanchored[MAPPING].reason) == (INCONCLUSIVE, "key-not-proven")


def test_data_that_do_not_fit_the_key_fail(inspect_mapped: Inspect, mapping_cards: ModuleType) -> None:
    """CH-13: a clone with the issuer's EF.CardSecurity and without its key."""
    inspection = inspect_mapped(mapping=mapping_cards.mapping_of(BP256, SECRET + 1))
    assert of(inspection, MASTER, MAPPING) == [(PASSED, "anchored"), (FAILED, "static-key-not-shown")]
    assert inspection.decision is Decision.STOP


def test_a_signature_that_does_not_hold_leaves_the_key_unproven(inspect_mapped: Inspect) -> None:
    """CH-14: the signature. That the file itself was changed is a failure of its own."""
    inspection = inspect_mapped(raw=lambda file: file[:-1] + bytes((file[-1] ^ 1,)))
    assert of(inspection, MASTER, MAPPING) == [(FAILED, "signature-invalid"), (INCONCLUSIVE, "key-not-proven")]
    changed = inspect_mapped(raw=lambda file: file.replace(b"\x02\x01\x0d\xa0", b"\x02\x01\x0e\xa0"))
    assert of(changed, MASTER)[0][0] is FAILED


def test_without_an_anchor_the_key_is_not_proven(inspect_mapped: Inspect) -> None:
    """CH-14: the chain."""
    inspection = inspect_mapped(trust=TrustMaterial())
    assert of(inspection, MASTER, MAPPING) == [(INCONCLUSIVE, "no-trust-anchor"), (INCONCLUSIVE, "key-not-proven")]


def test_an_impostors_signature_is_untrusted(inspect_mapped: Inspect, issuer: Issuer) -> None:
    forged = issuer.document_signer(date(2026, 1, 1), issuer.impostor())
    inspection = inspect_mapped(by=forged)
    assert of(inspection, MASTER, MAPPING) == [(FAILED, "untrusted"), (INCONCLUSIVE, "key-not-proven")]


def test_the_content_is_of_its_own_type_and_not_an_ef_sods(inspect_mapped: Inspect) -> None:
    inspection = inspect_mapped(content_type="2.23.136.1.1.1")
    assert of(inspection, MASTER, MAPPING) == [(FAILED, "malformed-card-security"), (INCONCLUSIVE, "key-not-proven")]


def test_two_keys_under_one_number_fail(
    inspect_mapped: Inspect, issued: Any, issuer: Issuer, mapping_cards: ModuleType
) -> None:
    """CH-15, AC-07: DG14 has another key under the number that PACE was run with."""
    other = mapping_cards.public_key_info(BP256, SECRET + 2, NUMBER)
    dg14 = make_dg14(*parse_dg14(issued.files["DG14"]).infos, other)
    inspection = inspect_mapped(card=issuer.sign(issued.with_files(DG14=dg14)))
    assert of(inspection, MASTER, MAPPING) == [(PASSED, "anchored"), (FAILED, "keys-differ")]
    check = inspection.check(ACCESS)
    assert (check.status, check.reason) == (FAILED, "signed-files-differ")
    assert dict(check.evidence) == {"pair": "EF.CardSecurity, EF.DG14", "keys": "13"}


def test_a_way_that_card_security_does_not_name_fails_naming_the_pair(inspect_mapped: Inspect) -> None:
    """AC-07: EF.CardAccess beside EF.CardSecurity."""
    check = inspect_mapped(infos=lambda shown, key: (key,)).check(ACCESS)
    assert (check.status, check.reason) == (FAILED, "ways-not-signed")
    assert dict(check.evidence)["pair"] == "EF.CardAccess, EF.CardSecurity"


def test_a_way_that_only_card_security_names_was_hidden(inspect_mapped: Inspect, mapping_cards: ModuleType) -> None:
    """AC-07: somebody stripped it from EF.CardAccess."""
    better = bytes.fromhex("3012060A04007F00070202040204020102020110")
    check = inspect_mapped(infos=lambda shown, key: (shown, better, key)).check(ACCESS)
    assert (check.status, check.reason) == (FAILED, "protocol-downgrade")
    assert dict(check.evidence)["pair"] == "EF.CardAccess, EF.CardSecurity"


@pytest.mark.parametrize("outcome", [ReadOutcome.ABSENT, ReadOutcome.DENIED, ReadOutcome.REFUSED])
def test_a_chip_that_withholds_card_security_fails(inspect_mapped: Inspect, outcome: ReadOutcome) -> None:
    """9303-11 §9.2.11: the file is required where PACE-CAM is supported."""
    inspection = inspect_mapped(outcome=outcome)
    assert of(inspection, MASTER, MAPPING) == [(FAILED, "suppressed"), (FAILED, "suppressed")]
    assert inspection.decision is Decision.STOP


def test_a_card_security_that_could_not_be_read_is_not_held_against_the_chip(inspect_mapped: Inspect) -> None:
    inspection = inspect_mapped(outcome=ReadOutcome.UNVERIFIED)
    assert of(inspection, MASTER, MAPPING) == [(INCONCLUSIVE, "not-read"), (INCONCLUSIVE, "key-not-read")]


@pytest.mark.parametrize("count", [0, 2])
def test_the_key_must_be_there_once(inspect_mapped: Inspect, count: int) -> None:
    inspection = inspect_mapped(infos=lambda shown, key: (shown, *(key,) * count))
    assert of(inspection, MAPPING) == [(FAILED, "key-refused")]


def test_it_counts_as_a_proof_against_copying(
    inspect_mapped: Inspect, inspect_issued: Inspect, issued: Any, without: Any
) -> None:
    """A card that has neither DG14 nor DG15 and was opened by PACE-CAM is proven by that alone."""
    bare = without(issued, 14, 15)
    proven = inspect_mapped(card=bare)
    assert of(proven, MAPPING) == [(PASSED, "static-key-shown")]
    assert proven.decision is Decision.PROCEED
    assert "no-chip-proof" in [finding.reason for finding in inspect_issued(bare).findings]


def test_a_directory_that_is_not_the_signed_copy_fails(
    inspect_mapped: Inspect, mapping_cards: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """9303-11 §4.2: EF.DIR, where it was read, must be what EF.CardSecurity holds of it."""
    signed = bytes.fromhex("61094F07A0000002471001")
    original = procedure.judge

    def checked(read: bytes) -> Check:
        def judge(gathered: Gathered, *rest: Any) -> tuple[Check, ...]:
            gathered.add(FileRead(FileId.DIR, ReadOutcome.COMPLETE, read))
            return original(gathered, *rest)

        monkeypatch.setattr(procedure, "judge", judge)
        info = mapping_cards.directory_info(signed)
        return inspect_mapped(infos=lambda shown, key: (shown, key, info)).check(ACCESS)

    assert checked(signed).status is PASSED
    hidden = checked(signed[:-1] + b"\x02")
    assert (hidden.status, hidden.reason) == (FAILED, "directory-differs")
    assert dict(hidden.evidence)["pair"] == "EF.DIR, EF.CardSecurity"

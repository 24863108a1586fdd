"""Passive Authentication in its parts; the BSI reference set is judged as what it is (PA-01, PA-02, PA-06, PA-11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reader.access import Channel
from reader.files import FileId, read_file
from reader.genuine import DigestReason, SecurityObject, SodReason, judge_digests, judge_security_object
from reader.genuine.passive import NO_CHAIN
from reader.trust import ChainReason, SignerFault, TrustMaterial
from reader.verdict import CheckStatus

Open = Callable[..., Channel]
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def files(open_card: Open) -> dict[int, bytes]:
    """Return the files of one genuine card by data group, EF.SOD as 0."""
    link = open_card().link
    read = {number: read_file(link, FileId.of_data_group(number)).data for number in (1, 2, 13, 14, 15)}
    return read | {0: read_file(link, FileId.SOD).data}


def groups(files: dict[int, bytes]) -> dict[int, bytes]:
    return {number: data for number, data in files.items() if number}


def test_a_genuine_card_verifies_part_by_part(files: dict[int, bytes], factory: object) -> None:
    found = judge_security_object(files[0])
    assert (found.signature.status, found.signature.reason) == (CheckStatus.PASSED, SodReason.VERIFIED)
    anchors = TrustMaterial.of(factory.anchors)  # type: ignore[attr-defined]  # the fixture's type is mock_cards'
    assert found.judge_signer(anchors, NOW).chain.reason == ChainReason.TRUSTED
    digests = judge_digests(found, groups(files))
    assert (digests.status, digests.reason) == (CheckStatus.PASSED, DigestReason.MATCH)
    assert dict(digests.evidence)["not-checked"] == "DG3"


@pytest.mark.parametrize("number", [1, 2, 13, 14, 15])
def test_one_flipped_bit_names_its_group(files: dict[int, bytes], number: int) -> None:
    changed = groups(files)
    changed[number] = changed[number][:-1] + bytes((changed[number][-1] ^ 1,))
    verdict = judge_digests(judge_security_object(files[0]), changed)
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, DigestReason.MISMATCH)
    assert dict(verdict.evidence)["differing"] == f"DG{number}"


def test_a_group_that_was_not_read_leaves_the_check_open(files: dict[int, bytes]) -> None:
    read = groups(files)
    del read[15]
    verdict = judge_digests(judge_security_object(files[0]), read)
    assert (verdict.status, verdict.reason) == (CheckStatus.INCONCLUSIVE, DigestReason.NOT_ALL_READ)
    assert dict(verdict.evidence)["not-read"] == "DG15"


def test_a_changed_group_fails_even_when_others_are_missing(files: dict[int, bytes]) -> None:
    verdict = judge_digests(judge_security_object(files[0]), {1: files[1][:-1] + b"\x00"})
    assert verdict.reason == DigestReason.MISMATCH


def test_digests_under_a_broken_signature_prove_nothing(files: dict[int, bytes]) -> None:
    """PA-02: the reference itself is unproven, so the digests that match it are not passed."""
    sod = files[0]
    found = judge_security_object(sod[:-1] + bytes((sod[-1] ^ 1,)))
    assert (found.signature.status, found.signature.reason) == (CheckStatus.FAILED, SignerFault.SIGNATURE_INVALID)
    verdict = judge_digests(found, groups(files))
    assert (verdict.status, verdict.reason) == (CheckStatus.INCONCLUSIVE, DigestReason.REFERENCE_UNPROVEN)


def test_a_digest_changed_in_the_list_fails_the_signature(files: dict[int, bytes]) -> None:
    place = files[0].index(bytes.fromhex("0420"))
    sod = bytearray(files[0])
    sod[place + 2] ^= 1
    assert judge_security_object(bytes(sod)).signature.reason == SignerFault.CONTENT_CHANGED


@pytest.mark.parametrize("raw", [b"", b"\x77\x00", b"\x77\x02\x30\x00", bytes(40), b"\x30\x80\x00\x00"])
def test_a_malformed_object_is_a_verdict_not_an_error(raw: bytes) -> None:
    found = judge_security_object(raw)
    assert (found.signature.status, found.signature.reason) == (CheckStatus.FAILED, SodReason.MALFORMED)
    assert found.data_groups == ()
    assert found.judge_signer(TrustMaterial(), NOW).chain.reason == NO_CHAIN
    assert judge_digests(found, {}).status is CheckStatus.INCONCLUSIVE


def test_the_bsi_reference_set_is_signed_and_unchanged_by_somebody_we_do_not_know(shared: Path) -> None:
    """BSI reference data of 2008: SHA-1 throughout, a test CSCA that nobody installs; DG3 and DG4 need rights."""
    folder = shared / "data" / "bsi2008"
    found: SecurityObject = judge_security_object((folder / "EF_SOD.bin").read_bytes())
    assert found.signature.status is CheckStatus.PASSED
    assert [note.code for note in found.signature.notes] == ["sha1-signature"]
    chain = found.judge_signer(TrustMaterial(), NOW).chain
    assert (chain.status, chain.reason) == (CheckStatus.INCONCLUSIVE, ChainReason.NO_ANCHOR)
    there = {number: folder / f"Datagroup{number}.bin" for number in range(1, 17)}
    read = {number: file.read_bytes() for number, file in there.items() if file.exists()}
    digests = judge_digests(found, read)
    assert dict(digests.evidence)["matching"] == " ".join(f"DG{n}" for n in found.data_groups if n in read)
    assert (digests.status, digests.reason) == (CheckStatus.PASSED, DigestReason.MATCH)


def test_a_certificate_beside_a_broken_signature_has_signed_nothing(files: dict[int, bytes], factory: object) -> None:
    """The signing time is then anybody's too, so that the chain cannot pass; a foreign authority still fails it."""
    broken = judge_security_object(files[0][:-1] + bytes((files[0][-1] ^ 1,)))
    assert broken.signature.status is CheckStatus.FAILED
    anchors = TrustMaterial.of(factory.anchors)  # type: ignore[attr-defined]  # the fixture's type is mock_cards'
    chain = broken.judge_signer(anchors, NOW).chain
    assert (chain.status, chain.reason) == (CheckStatus.INCONCLUSIVE, DigestReason.REFERENCE_UNPROVEN)
    assert dict(chain.evidence)["signer"] == dict(broken.signature.evidence)["signer"]

"""Passive Authentication in its parts; the BSI reference set is judged as what it is (PA-01, PA-02, PA-06, PA-11)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reader.access import Channel
from reader.files import FileId, read_file
from reader.genuine import (
    DigestReason,
    SecurityObject,
    SodReason,
    digests_match,
    judge_digests,
    judge_security_object,
)
from reader.genuine.passive import NO_CHAIN
from reader.iso7816 import encode, parse
from reader.trust import (
    Certificate,
    ChainReason,
    HeldList,
    RevocationList,
    RevocationLists,
    RevocationReason,
    RevokedSerials,
    SignerFault,
    TrustMaterial,
)
from reader.trust.der import children
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
    # LC-05: DG3 needs terminal rights, so its digest is told as not checked.
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


def test_digests_are_of_the_bytes_as_read(files: dict[int, bytes]) -> None:
    """LC-09: the same content with a longer length than it needs is another file."""
    longer = files[1][:1] + b"\x81" + files[1][1:]
    assert parse(longer).value == parse(files[1]).value
    verdict = judge_digests(judge_security_object(files[0]), groups(files) | {1: longer})
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, DigestReason.MISMATCH)


def without_certificate(sod: bytes) -> tuple[bytes, bytes]:
    """Take the signer's certificate out of an EF.SOD; return both."""
    oid, wrapped = children(parse(parse(sod).value).value)
    version, digests, content, certificates, signers = children(parse(wrapped.value).value)
    data = encode(0x30, version.raw + digests.raw + content.raw + signers.raw)
    return encode(0x77, encode(0x30, oid.raw + encode(0xA0, data))), certificates.value


def test_a_signer_that_is_not_in_the_file_is_looked_up(files: dict[int, bytes], factory: object) -> None:
    """PA-13: by issuer and serial number among the certificates held here; else Inconclusive."""
    bare, certificate = without_certificate(files[0])
    lost = judge_security_object(bare)
    assert (lost.signature.status, lost.signature.reason) == (
        CheckStatus.INCONCLUSIVE,
        SignerFault.CERTIFICATE_MISSING,
    )
    assert lost.judge_signer(TrustMaterial(), NOW).revocation.reason == RevocationReason.NO_ISSUER
    found = judge_security_object(bare, [Certificate.parse(certificate)])
    assert found.signature.status is CheckStatus.PASSED
    trust = TrustMaterial.of(factory.anchors)  # type: ignore[attr-defined]  # the fixture's type is mock_cards'
    assert found.judge_signer(trust, NOW).chain.reason == ChainReason.TRUSTED


def test_a_revoked_signer_fails_even_beside_a_broken_signature(files: dict[int, bytes], factory: object) -> None:
    """What speaks against a document counts in any case; what speaks for it only with the signature."""
    broken = judge_security_object(files[0][:-1] + bytes((files[0][-1] ^ 1,)))
    trust = TrustMaterial.of(factory.anchors)  # type: ignore[attr-defined]  # the fixture's type is mock_cards'
    assert broken.signer is not None
    anchor = trust.anchors.anchors[0]

    def lists(serial: int) -> RevocationLists:
        revoked = RevokedSerials.of(iter([(serial.to_bytes(20, "big"), NOW)]))
        moments = {"this_update": NOW - timedelta(days=1), "next_update": NOW + timedelta(days=1)}
        names = {"issuer": anchor.certificate.subject, "other_names": (), "authority_key_id": None, "number": 1}
        told = {"fingerprint": "", "algorithm": anchor.certificate.algorithm, "algorithms_agree": True}
        content = RevocationList(**names, **moments, **told, revoked=revoked, tbs=b"", signature=b"")  # type: ignore[arg-type]  # gathered by name
        return RevocationLists((HeldList(content, anchor.key_fingerprint),))

    good = broken.judge_signer(replace(trust, revocation=lists(1)), NOW)
    assert good.revocation.reason == DigestReason.REFERENCE_UNPROVEN
    assert good.together == good.chain
    bad = broken.judge_signer(replace(trust, revocation=lists(broken.signer.serial)), NOW)
    assert (bad.revocation.status, bad.revocation.reason) == (CheckStatus.FAILED, RevocationReason.REVOKED)
    assert bad.together == bad.revocation


@pytest.mark.parametrize(
    ("oid", "status", "reason"),
    [
        ("1.2.840.113549.2.5", CheckStatus.FAILED, DigestReason.ALGORITHM_REFUSED),
        ("1.2.3", CheckStatus.INCONCLUSIVE, DigestReason.ALGORITHM_UNSUPPORTED),
    ],
)
def test_digests_by_md5_or_by_what_nobody_knows(
    files: dict[int, bytes], oid: str, status: CheckStatus, reason: DigestReason
) -> None:
    """PA-06."""
    found = judge_security_object(files[0])
    assert found.listed is not None
    weak = replace(found, listed=replace(found.listed, digest_oid=oid))
    verdict = judge_digests(weak, groups(files))
    assert (verdict.status, verdict.reason) == (status, reason)
    assert not digests_match(weak.listed or found.listed, 1, files[1])


def test_sha1_digests_match_with_a_warning(files: dict[int, bytes]) -> None:
    """PA-06: accepted with a warning, as TR-03105-5.1 wants."""
    found = judge_security_object(files[0])
    assert found.listed is not None
    digest = hashlib.sha1(files[1]).digest()  # noqa: S324  # what an old document has
    old = replace(found, listed=replace(found.listed, digest_oid="1.3.14.3.2.26", hashes=((1, digest),)))
    verdict = judge_digests(old, {1: files[1]})
    assert [(note.code, note.severity) for note in verdict.notes] == [("sha1-digest", "warning")]
    assert dict(verdict.evidence) == {"algorithm": "sha1", "matching": "DG1"}


def test_a_list_of_nothing_matches_nothing(files: dict[int, bytes]) -> None:
    found = judge_security_object(files[0])
    assert found.listed is not None
    empty = replace(found, listed=replace(found.listed, hashes=()))
    verdict = judge_digests(empty, groups(files))
    assert (verdict.status, dict(verdict.evidence)["not-read"]) == (CheckStatus.INCONCLUSIVE, "none")


def test_certificates_that_cannot_be_read_are_told(files: dict[int, bytes]) -> None:
    bare, certificate = without_certificate(files[0])
    oid, wrapped = children(parse(parse(bare).value).value)
    version, digests, content, signers = children(parse(wrapped.value).value)
    embedded = encode(0xA0, certificate + b"\x30\x00")
    data = encode(0x30, version.raw + digests.raw + content.raw + embedded + signers.raw)
    found = judge_security_object(encode(0x77, encode(0x30, oid.raw + encode(0xA0, data))))
    assert dict(found.signature.evidence)["unreadable-certificates"] == "1"
    assert found.is_test

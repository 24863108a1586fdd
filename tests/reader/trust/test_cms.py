"""Signed data: verified, or a verdict with its reason; malformed bytes raise (chip-reading 4.3, PA-02 … PA-14)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import encode, parse
from reader.trust import Certificate, SignerFault, verify_signed_data
from reader.trust.cms import content_type_of, embedded_certificates
from reader.trust.der import SIGNED_DATA

SOD = "2.23.136.1.1.1"
CONTENT = b"\x30\x03\x02\x01\x00"


@pytest.fixture(scope="module")
def signer(authority: Any) -> tuple[Any, bytes]:
    """Return a Document Signer's key and certificate, under an authority with explicit parameters."""
    csca, key = authority.key(explicit=True), authority.key("brainpoolP256r1")
    return key, authority.ds(key, csca)


def test_a_good_signature_verifies_and_tells_what_was_signed(authority: Any, signer: tuple[Any, bytes]) -> None:
    moment = datetime(2026, 5, 1, 8, tzinfo=UTC)
    found = verify_signed_data(authority.signed_data(CONTENT, signer[0], (signer[1],), signing_time=moment), SOD)
    assert found.fault is None
    assert found.content == CONTENT
    assert found.signers[0].signing_time == moment
    assert found.signers[0].algorithm == "ecdsa-sha256"
    assert found.signers[0].certificate == Certificate.parse(signer[1])
    assert found.signers[0].notes == ()


def test_changed_content_is_named(authority: Any, signer: tuple[Any, bytes]) -> None:
    blob = authority.signed_data(CONTENT, signer[0], (signer[1],))
    found = verify_signed_data(blob.replace(CONTENT, b"\x30\x03\x02\x01\x01"), SOD)
    assert found.fault is SignerFault.CONTENT_CHANGED


def test_changed_content_with_a_fitting_digest_fails_at_the_signature(
    authority: Any, signer: tuple[Any, bytes]
) -> None:
    other = authority.key("brainpoolP256r1")
    found = verify_signed_data(authority.signed_data(CONTENT, other, (signer[1],)), SOD)
    assert found.fault is SignerFault.SIGNATURE_INVALID


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"claimed_type": "1.2.840.113549.1.7.1"}, SignerFault.ATTRIBUTES),
        ({"claimed_digest": bytes(32)}, SignerFault.CONTENT_CHANGED),
        ({"repeat": "1.2.840.113549.1.9.4"}, SignerFault.ATTRIBUTES),
        ({"repeat": "1.2.840.113549.1.9.3"}, SignerFault.ATTRIBUTES),
        ({"attributes": False}, SignerFault.ATTRIBUTES),
        ({"content_type": "1.2.840.113549.1.7.1"}, SignerFault.CONTENT_TYPE),
        ({"digest": "md5"}, SignerFault.ALGORITHM_REFUSED),
        ({"signers": 0}, SignerFault.NO_SIGNER),
    ],
)
def test_each_way_to_be_wrong_has_its_own_name(
    authority: Any, signer: tuple[Any, bytes], changes: dict[str, Any], fault: SignerFault
) -> None:
    """PA-03: digest, attributes, content type; PA-06: MD5."""
    found = verify_signed_data(authority.signed_data(CONTENT, signer[0], (signer[1],), **changes), SOD)
    assert found.fault is fault


@pytest.mark.parametrize("sign_stored", [True, False])
def test_attributes_out_of_order_verify_either_way(
    authority: Any, signer: tuple[Any, bytes], sign_stored: bool
) -> None:
    """PA-04: every real master list examined stores its attributes in another order than the one that is signed."""
    blob = authority.signed_data(
        CONTENT, signer[0], (signer[1],), store_reversed=True, sign_stored=sign_stored, signing_time=datetime.now(UTC)
    )
    found = verify_signed_data(blob, SOD)
    assert found.fault is None
    # In another order, too, only the right signature is one.
    assert verify_signed_data(blob[:-1] + bytes((blob[-1] ^ 1,)), SOD).fault is SignerFault.SIGNATURE_INVALID
    noted = [note.code for note in found.signers[0].notes]
    assert noted == ([] if sign_stored else ["signed-attributes-reordered"])


def test_a_digest_algorithm_other_than_the_signature_s_is_noted(authority: Any, signer: tuple[Any, bytes]) -> None:
    """PA-05: each is used for its own purpose."""
    found = verify_signed_data(authority.signed_data(CONTENT, signer[0], (signer[1],), digest="sha512"), SOD)
    assert found.fault is None
    assert [note.code for note in found.signers[0].notes] == ["digest-algorithms-differ"]


def test_sha1_verifies_with_a_warning(authority: Any, signer: tuple[Any, bytes]) -> None:
    scheme = authority.scheme(digest="sha1")
    found = verify_signed_data(
        authority.signed_data(CONTENT, signer[0], (signer[1],), digest="sha1", scheme=scheme), SOD
    )
    assert found.fault is None
    assert [(note.code, note.severity) for note in found.signers[0].notes] == [("sha1-signature", "warning")]


@pytest.mark.parametrize(
    ("name", "digest", "salt", "mask"),
    [
        ("pkcs1", "sha256", 0, ""),
        ("pss", "sha256", 32, "sha256"),
        ("pss", "sha256", 0, "sha512"),
        ("pss", "sha512", 17, "sha1"),
    ],
)
def test_rsa_signatures_verify_by_their_own_parameters(
    authority: Any, name: str, digest: str, salt: int, mask: str
) -> None:
    key = authority.rsa_key()
    certificate = authority.ds(key, authority.key())
    scheme = authority.scheme(name, digest, salt, mask)
    assert verify_signed_data(authority.signed_data(CONTENT, key, (certificate,), scheme=scheme), SOD).fault is None


def test_pss_parameters_are_taken_literally(authority: Any) -> None:
    """PA-07."""
    key = authority.rsa_key()
    certificate = authority.ds(key, authority.key())
    blob = authority.signed_data(CONTENT, key, (certificate,), scheme=authority.scheme("pss", "sha256", 32, "sha256"))
    changed = blob.replace(bytes.fromhex("a203020120"), bytes.fromhex("a203020121"))
    assert changed != blob
    assert verify_signed_data(changed, SOD).fault is SignerFault.SIGNATURE_INVALID


def test_plain_ecdsa_verifies(authority: Any, signer: tuple[Any, bytes]) -> None:
    """PA-10."""
    scheme = authority.scheme("plain")
    found = verify_signed_data(authority.signed_data(CONTENT, signer[0], (signer[1],), scheme=scheme), SOD)
    assert found.fault is None
    assert found.signers[0].algorithm == "ecdsa-plain-sha256"


def test_an_rsa_algorithm_beside_an_ec_key_is_refused(authority: Any, signer: tuple[Any, bytes]) -> None:
    key = authority.rsa_key()
    blob = authority.signed_data(CONTENT, key, (signer[1],), scheme=authority.scheme("pkcs1"))
    assert verify_signed_data(blob, SOD).fault is SignerFault.KEY_REFUSED


def test_a_signer_on_a_forged_curve_is_refused(authority: Any) -> None:
    key = authority.key("secp256r1")
    point = key.private.public_key().public_numbers()
    forged = authority.key("secp256r1", gx=point.x, gy=point.y)
    certificate = authority.ds(forged, authority.key())
    found = verify_signed_data(authority.signed_data(CONTENT, forged, (certificate,)), SOD)
    assert found.fault is SignerFault.KEY_REFUSED


def test_the_signer_is_found_by_its_identifier_not_by_its_place(authority: Any, signer: tuple[Any, bytes]) -> None:
    """PA-14."""
    other = authority.ds(authority.key(), authority.key(), serial=8)
    for by_key_id in (False, True):
        blob = authority.signed_data(CONTENT, signer[0], (other, signer[1]), signer=signer[1], by_key_id=by_key_id)
        found = verify_signed_data(blob, SOD)
        assert found.fault is None
        assert found.signers[0].certificate == Certificate.parse(signer[1])


def test_a_signer_without_its_certificate_is_told_apart_from_a_bad_signature(
    authority: Any, signer: tuple[Any, bytes]
) -> None:
    """PA-13: looked up by its identifier among those held here; else Inconclusive."""
    blob = authority.signed_data(CONTENT, signer[0], (), signer=signer[1])
    assert verify_signed_data(blob, SOD).fault is SignerFault.CERTIFICATE_MISSING
    assert verify_signed_data(blob, SOD, [Certificate.parse(signer[1])]).fault is None


def test_every_signer_must_verify(authority: Any, signer: tuple[Any, bytes]) -> None:
    blob = authority.signed_data(CONTENT, signer[0], (signer[1],), signers=2)
    found = verify_signed_data(blob, SOD)
    assert (found.fault, len(found.signers)) == (None, 2)
    damaged = bytearray(blob)
    damaged[-1] ^= 1
    assert verify_signed_data(bytes(damaged), SOD).fault is SignerFault.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "damage", [lambda raw: raw + b"\x00", lambda raw: raw[:-1], lambda raw: b"", lambda raw: b"\x30\x00"]
)
def test_bytes_that_are_no_signed_data_raise(authority: Any, signer: tuple[Any, bytes], damage: Any) -> None:
    with pytest.raises(DataError):
        verify_signed_data(damage(authority.signed_data(CONTENT, signer[0], (signer[1],))), SOD)


@given(place=st.integers(0, 4_000), flip=st.integers(1, 255))
def test_no_damaged_byte_verifies_as_something_else(
    authority: Any, signer: tuple[Any, bytes], place: int, flip: int
) -> None:
    blob = bytearray(authority.signed_data(CONTENT, signer[0], (signer[1],)))
    blob[place % len(blob)] ^= flip
    try:
        found = verify_signed_data(bytes(blob), SOD)
    except DataError:
        return
    assert found.fault is not None or found.content == CONTENT


@given(st.binary(max_size=300))
def test_random_bytes_raise_data_error(raw: bytes) -> None:
    with pytest.raises(DataError):
        verify_signed_data(raw, SOD)


def test_the_bsi_reference_sod_verifies_with_a_warning_for_sha1(shared: Path) -> None:
    """A SOD that neither our card nor our reader made: ECDSA with SHA-1 on an explicit curve, of 2008."""
    wrapped = parse((shared / "data" / "bsi2008" / "EF_SOD.bin").read_bytes())
    found = verify_signed_data(wrapped.value, SOD)
    assert found.fault is None
    assert [note.code for note in found.signers[0].notes] == ["sha1-signature"]
    assert found.signers[0].signing_time is None


def test_what_signed_data_is_about_can_be_told_without_verifying(authority: Any, signer: tuple[Any, bytes]) -> None:
    blob = authority.signed_data(CONTENT, signer[0], (signer[1],))
    assert content_type_of(blob) == SOD
    assert content_type_of(authority.signed_data(CONTENT, signer[0], (signer[1],), content_type="1.2.3")) == "1.2.3"
    assert content_type_of(blob, replace(SIGNED_DATA, size=len(blob))) == SOD
    assert content_type_of(blob, replace(SIGNED_DATA, size=len(blob) - 1)) is None
    for other in (b"", b"\x30\x00", signer[1], blob[:-1], encode(0x30, b"\x05\x00")):
        assert content_type_of(other) is None


def test_the_certificates_that_come_along_are_handed_out_as_they_stand(
    authority: Any, signer: tuple[Any, bytes]
) -> None:
    blob = authority.signed_data(CONTENT, signer[0], (signer[1], b"\x30\x00"), signer=signer[1])
    assert embedded_certificates(blob) == (signer[1], b"\x30\x00")
    assert embedded_certificates(authority.signed_data(CONTENT, signer[0], (), signer=signer[1])) == ()
    with pytest.raises(DataError):
        embedded_certificates(blob, replace(SIGNED_DATA, size=len(blob) - 1))
    with pytest.raises(DataError, match="not signed data"):
        embedded_certificates(blob.replace(bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010703"), 1))


def test_a_verdict_names_algorithm_digest_and_time(authority: Any, signer: tuple[Any, bytes]) -> None:
    moment = datetime(2026, 5, 1, 8, tzinfo=UTC)
    blob = authority.signed_data(CONTENT, signer[0], (signer[1],), signing_time=moment, digest="sha512")
    (found,) = verify_signed_data(blob, SOD).signers
    assert (found.algorithm, found.digest, found.signing_time) == ("ecdsa-sha256", "sha512", moment)
    (lost,) = verify_signed_data(
        authority.signed_data(CONTENT, signer[0], (), signer=signer[1], digest="sha512"), SOD
    ).signers
    assert (lost.fault, lost.certificate, lost.digest) == (SignerFault.CERTIFICATE_MISSING, None, "sha512")
    (weak,) = verify_signed_data(authority.signed_data(CONTENT, signer[0], (signer[1],), digest="md5"), SOD).signers
    assert (weak.fault, weak.algorithm, weak.certificate) == (
        SignerFault.ALGORITHM_REFUSED,
        "ecdsa-sha256",
        Certificate.parse(signer[1]),
    )


def test_a_signer_is_named_by_issuer_and_serial_both(authority: Any, signer: tuple[Any, bytes]) -> None:
    """RFC 5652 §5.3: neither the serial number alone nor the issuer alone is a name."""
    same_serial = authority.ds(authority.key(), authority.key(), issuer="CSCA Other", serial=7)
    same_issuer = authority.ds(authority.key(), authority.key(), serial=8)
    blob = authority.signed_data(CONTENT, signer[0], (same_serial, same_issuer), signer=signer[1])
    assert verify_signed_data(blob, SOD).fault is SignerFault.CERTIFICATE_MISSING
    nameless = authority.ds(authority.key(), authority.key(), key_id=None, serial=9)
    by_key = authority.signed_data(CONTENT, signer[0], (nameless,), signer=signer[1], by_key_id=True)
    assert verify_signed_data(by_key, SOD).fault is SignerFault.CERTIFICATE_MISSING


def test_a_signature_by_another_hash_than_said_is_refused_with_its_reason(authority: Any) -> None:
    """PA-06, PA-07: MD5 as the hash of the signature, under a digest that is fine."""
    key = authority.rsa_key()
    blob = authority.signed_data(CONTENT, key, (authority.ds(key, key),), scheme=authority.scheme("pkcs1", "md5"))
    assert verify_signed_data(blob, SOD).fault is SignerFault.ALGORITHM_REFUSED


def test_the_repr_shows_sizes_and_outcome(authority: Any, signer: tuple[Any, bytes]) -> None:
    good = verify_signed_data(authority.signed_data(CONTENT, signer[0], (signer[1],)), SOD)
    assert repr(good) == "SignedContent(5 bytes, verified)"
    bad = verify_signed_data(authority.signed_data(CONTENT, signer[0], (signer[1],), signers=0), SOD)
    assert repr(bad) == "SignedContent(5 bytes, no-signer)"


def test_everything_that_was_signed_is_handed_out(authority: Any, signer: tuple[Any, bytes]) -> None:
    blob = authority.signed_data(
        CONTENT, signer[0], (signer[1], b"\x30\x00", b"\x30\x02\x05\x00"), signer=signer[1], signers=8
    )
    found = verify_signed_data(blob, SOD)
    assert (found.content_type, found.content, found.fault) == (SOD, CONTENT, None)
    assert found.certificates == (Certificate.parse(signer[1]),)
    assert (found.unreadable_certificates, len(found.signers)) == (2, 8)
    bare = verify_signed_data(authority.signed_data(CONTENT, signer[0], (), signer=signer[1]), SOD)
    assert (bare.certificates, bare.unreadable_certificates) == ((), 0)
    assert bare.signers[0].notes == ()


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(DataError) as refused:
        call()
    return str(refused.value)


def test_a_signed_attribute_is_of_its_own_type(authority: Any, signer: tuple[Any, bytes]) -> None:
    """RFC 5652 §11.1, §11.2: the same bytes as another type are not that attribute."""
    blob = authority.signed_data(CONTENT, signer[0], (signer[1],))
    digest = hashlib.sha256(CONTENT).digest()
    named = bytes.fromhex("0606678108010101")
    for typed in (b"\x04\x20" + digest, b"\x31\x08" + named):
        assert typed in blob
        place = blob.index(typed) + (2 if typed[:1] == b"\x31" else 0)
        as_text = blob[:place] + b"\x0c" + blob[place + 1 :]
        assert refusal(lambda raw=as_text: verify_signed_data(raw, SOD)) == "malformed signer info"


def test_what_is_malformed_is_named(authority: Any, signer: tuple[Any, bytes]) -> None:
    blob = authority.signed_data(CONTENT, signer[0], (signer[1],))
    place = blob.rindex(bytes.fromhex("300a06082a8648ce3d040302"))
    spoilt = blob[:place] + b"\x31" + blob[place + 1 :]
    assert refusal(lambda: verify_signed_data(spoilt, SOD)) == "malformed algorithm identifier"
    other = blob.replace(bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010703"), 1)
    for reading in (lambda raw: verify_signed_data(raw, SOD), embedded_certificates):
        assert refusal(lambda reading=reading: reading(encode(0x30, b"\x05\x00"))) == "malformed signed data"
        assert refusal(lambda reading=reading: reading(other)) == "not signed data"

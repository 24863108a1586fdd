"""What each condition of chip-reading 4.3 must come to, where no other file here says it already."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from reader.crypto import Point, curve_by_name, generator, multiply
from reader.errors import DataError
from reader.iso7816 import encode
from reader.trust import (
    AnchorStore,
    Certificate,
    ChainReason,
    Defect,
    DocumentDates,
    EcPublicKey,
    NationalDefects,
    RsaPublicKey,
    SignatureFault,
    SignerFault,
    TrustMaterial,
    check_signature,
    issued,
    judge_chain,
    parse_signature_algorithm,
    parse_spki,
    signature_algorithm_by_oid,
    verify_signed_data,
    weaknesses,
)
from reader.trust.anchors import Anchor
from reader.trust.der import children, expect
from reader.verdict import CheckStatus, Verdict

SOD = "2.23.136.1.1.1"
CONTENT = b"\x30\x03\x02\x01\x00"
SIGNED = datetime(2026, 3, 1, tzinfo=UTC)
DATES = DocumentDates(moment=datetime(2026, 11, 1, tzinfo=UTC), signed=SIGNED)
DAY = timedelta(days=1)
P, F, I = CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.INCONCLUSIVE  # noqa: E741  # as in the table of reasons


@pytest.fixture(scope="module")
def csca(authority: Any) -> Any:
    return authority.key(explicit=True)


@pytest.fixture(scope="module")
def trust(authority: Any, csca: Any) -> TrustMaterial:
    return TrustMaterial.of([authority.csca(csca)])


def judge(raw: bytes, trust: TrustMaterial, dates: DocumentDates = DATES, code: str | None = None) -> Verdict:
    return judge_chain(Certificate.parse(raw), trust, dates, code).verdict


def notes(verdict: Verdict) -> list[tuple[str, str]]:
    return [(note.code, note.severity.value) for note in verdict.notes]


# --- signed data --------------------------------------------------------------------------------------------------


def test_a_signature_by_a_key_of_another_curve_is_no_signature(authority: Any) -> None:
    """PA-09: of the two curves of 256 bits only the certificate's own is tried."""
    named, other = authority.key("secp256r1"), authority.key("brainpoolP256r1")
    certificate = authority.ds(named, authority.key())
    found = verify_signed_data(authority.signed_data(CONTENT, other, (certificate,)), SOD)
    assert found.fault is SignerFault.SIGNATURE_INVALID


def test_a_plain_signature_has_its_own_length(authority: Any) -> None:
    """PA-10: r and s in full length, one after the other; another length is none."""
    key = authority.key("secp256r1")
    public = parse_spki(key.spki)
    plain = signature_algorithm_by_oid("0.4.0.127.0.7.1.1.4.1.3")
    signature = authority.scheme("plain").sign(key, CONTENT)
    assert check_signature(public, plain, CONTENT, signature) is None
    assert check_signature(public, plain, CONTENT, signature[:-1]) is SignatureFault.INVALID
    assert check_signature(public, plain, CONTENT, b"\x00" + signature) is SignatureFault.INVALID
    assert check_signature(public, plain, CONTENT, bytes(64)) is SignatureFault.INVALID
    n = public.curve.n.to_bytes(32, "big")
    assert check_signature(public, plain, CONTENT, signature[:32] + n) is SignatureFault.INVALID
    der = signature_algorithm_by_oid("1.2.840.10045.4.3.2")
    assert check_signature(public, der, CONTENT, b"\x30\x00") is SignatureFault.INVALID


def test_two_signers_are_each_held_against_their_own_certificate(authority: Any) -> None:
    """PA-14: by identifier; one of them failing is enough."""
    csca = authority.key()
    first, second = authority.key("secp256r1"), authority.key("secp256r1")
    certificates = (authority.ds(first, csca, serial=7), authority.ds(second, csca, serial=8))
    one = verify_signed_data(authority.signed_data(CONTENT, first, certificates, signer=certificates[1]), SOD)
    assert one.fault is SignerFault.SIGNATURE_INVALID
    both = verify_signed_data(authority.signed_data(CONTENT, second, certificates, signer=certificates[1]), SOD)
    assert both.fault is None
    assert both.signers[0].certificate == Certificate.parse(certificates[1])


def test_more_signers_than_a_document_has_are_refused(authority: Any) -> None:
    key = authority.key("secp256r1")
    blob = authority.signed_data(CONTENT, key, (authority.ds(key, key),), signers=9)
    with pytest.raises(DataError, match="more than 8 signers"):
        verify_signed_data(blob, SOD)


def test_certificates_that_cannot_be_read_are_counted_and_in_nobodys_way(authority: Any) -> None:
    key = authority.key("secp256r1")
    certificate = authority.ds(key, authority.key())
    blob = authority.signed_data(CONTENT, key, (certificate, b"\x30\x00"), signer=certificate)
    found = verify_signed_data(blob, SOD)
    assert (found.fault, found.unreadable_certificates) == (None, 1)
    assert repr(found) == "SignedContent(5 bytes, verified)"


def test_an_algorithm_nobody_knows_is_our_gap(authority: Any) -> None:
    key = authority.key("secp256r1")
    blob = authority.signed_data(CONTENT, key, (authority.ds(key, authority.key()),))
    sha256 = bytes.fromhex("0609608648016503040201")
    unknown = bytes.fromhex("0609608648016503040263")
    assert verify_signed_data(blob.replace(sha256, unknown), SOD).fault is SignerFault.ALGORITHM_UNSUPPORTED
    ecdsa = bytes.fromhex("06082a8648ce3d040302")
    place = blob.rindex(ecdsa)
    other = blob[: place + 9] + b"\x63" + blob[place + 10 :]
    assert verify_signed_data(other, SOD).fault is SignerFault.ALGORITHM_UNSUPPORTED


def test_the_hash_may_be_named_by_the_digest_algorithm_alone(authority: Any) -> None:
    """RFC 5652 §10.1.2 with rsaEncryption, and what some issuers write for ECDSA: the kind of key only."""
    rsa = authority.rsa_key()
    blob = authority.signed_data(CONTENT, rsa, (authority.ds(rsa, rsa),), scheme=authority.scheme("pkcs1"))
    named = bytes.fromhex("06092a864886f70d01010b")
    place = blob.rindex(named)
    bare = blob[:place] + bytes.fromhex("06092a864886f70d010101") + blob[place + len(named) :]
    assert verify_signed_data(bare, SOD).fault is None

    class KindOnly(authority.scheme):
        def identifier(self) -> bytes:
            return encode(0x30, bytes.fromhex("06072a8648ce3d0201"))

    key = authority.key("secp256r1")
    certificate = authority.ds(key, authority.key())
    blob = authority.signed_data(CONTENT, key, (certificate,), scheme=KindOnly())
    found = verify_signed_data(blob, SOD)
    assert (found.fault, found.signers[0].algorithm) == (None, "ecdsa-sha256")


def test_ber_from_an_issuer_verifies_like_der(authority: Any) -> None:
    """Indefinite lengths and strings in pieces, as some issuers store them; what was signed is DER (RFC 5652 §5.4)."""
    key = authority.key("secp256r1")
    blob = authority.signed_data(CONTENT, key, (authority.ds(key, authority.key()),))
    octets = encode(0x04, CONTENT)
    assert blob.count(octets) == 1
    pieces = b"\x24\x80" + encode(4, CONTENT[:2]) + encode(4, CONTENT[2:]) + b"\x00\x00"
    oid, wrapped = children(expect(blob, 0x30).value)
    data = expect(wrapped.value, 0x30)
    version, digests, content, certificates, signers = children(data.value)
    kind, _ = children(content.value)
    stored = b"".join((version.raw, digests.raw, b"\x30\x80", kind.raw, b"\xa0\x80", pieces, b"\x00\x00\x00\x00"))
    inner = b"\x30\x80" + stored + certificates.raw + signers.raw + b"\x00\x00"
    ber = b"\x30\x80" + oid.raw + b"\xa0\x80" + inner + b"\x00\x00\x00\x00"
    found = verify_signed_data(ber, SOD)
    assert (found.fault, found.content) == (None, CONTENT)


# --- signatures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["brainpoolP192r1", "brainpoolP224r1", "brainpoolP320r1", "secp192r1", "secp224r1"])
def test_curves_that_nobody_issues_on_any_more_still_verify(name: str) -> None:
    """ICAO 9303-11 §9.5.1, parameters 8 to 11 and 14: computed by hand where cryptography has no such curve."""
    curve = curve_by_name(name)
    secret, k = 0x1234567890ABCDEF1234567, 0xFEDCBA0987654321FEDC
    public = EcPublicKey(curve, multiply(curve, secret, generator(curve)))
    digest = hashlib.sha256(CONTENT).digest()
    e = int.from_bytes(digest, "big") >> max(0, 256 - curve.n.bit_length())
    r = multiply(curve, k, generator(curve)).x % curve.n
    s = pow(k, -1, curve.n) * (e + r * secret) % curve.n
    plain = signature_algorithm_by_oid("0.4.0.127.0.7.1.1.4.1.3")
    size = curve.order_length
    signature = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    assert check_signature(public, plain, CONTENT, signature) is None
    assert check_signature(public, plain, CONTENT + b"x", signature) is SignatureFault.INVALID
    assert [note.code for note in weaknesses(public, plain)] == (["short-key"] if curve.n.bit_length() < 224 else [])


def test_infinity_is_no_signature() -> None:
    """u1·G + u2·Q may be the point at infinity, for a forger who chooses s; then nothing is verified."""
    curve = curve_by_name("brainpoolP224r1")
    plain = signature_algorithm_by_oid("0.4.0.127.0.7.1.1.4.1.3")
    e = int.from_bytes(hashlib.sha256(CONTENT).digest(), "big") >> 32
    r = 5
    inverse = pow(r, -1, curve.n)
    # With Q = -(e/r)·G the two products cancel whatever s is.
    point = multiply(curve, -e * inverse % curve.n, generator(curve))
    size = curve.order_length
    signature = r.to_bytes(size, "big") + (7).to_bytes(size, "big")
    assert check_signature(EcPublicKey(curve, point), plain, CONTENT, signature) is SignatureFault.INVALID
    assert isinstance(point, Point)


def test_a_key_signs_only_in_its_own_way(authority: Any) -> None:
    rsa, curve = parse_spki(authority.rsa_key().spki), parse_spki(authority.key("secp256r1").spki)
    ecdsa, pkcs1 = (
        signature_algorithm_by_oid("1.2.840.10045.4.3.2"),
        signature_algorithm_by_oid("1.2.840.113549.1.1.11"),
    )
    assert check_signature(rsa, ecdsa, b"", b"") is SignatureFault.KEY_MISMATCH
    assert check_signature(curve, pkcs1, b"", b"") is SignatureFault.KEY_MISMATCH
    assert isinstance(rsa, RsaPublicKey)
    assert check_signature(replace(rsa, pss_only=True), pkcs1, b"", b"") is SignatureFault.KEY_MISMATCH
    assert check_signature(rsa, signature_algorithm_by_oid("1.2.3"), b"", b"") is SignatureFault.ALGORITHM_UNSUPPORTED
    assert signature_algorithm_by_oid("1.2.3").name == "1.2.3"


def test_a_mask_with_md5_verifies_nothing(authority: Any) -> None:
    """PA-07: the mask's hash is allow-listed like any other."""
    algorithm = parse_signature_algorithm(authority.scheme("pss", "sha256", 32, "md5").identifier())
    assert algorithm.mgf_hash == "md5"
    assert check_signature(parse_spki(authority.rsa_key().spki), algorithm, b"", bytes(256)) is SignatureFault.INVALID


def test_a_trailer_other_than_one_is_not_known(authority: Any) -> None:
    """PA-07; and absent parameters have their defaults (RFC 4055 §3.1)."""
    trailer = encode(0x30, bytes.fromhex("06092a864886f70d01010a") + encode(0x30, encode(0xA3, b"\x02\x01\x02")))
    assert parse_signature_algorithm(trailer).scheme is None
    bare = parse_signature_algorithm(encode(0x30, bytes.fromhex("06092a864886f70d01010a")))
    assert (bare.hash_name, bare.mgf_hash, bare.salt_length) == ("sha1", "sha1", 20)


# --- the chain ----------------------------------------------------------------------------------------------------


def test_a_document_signed_outside_the_keys_time_of_use_is_a_warning(
    authority: Any, csca: Any, trust: TrustMaterial
) -> None:
    """PA-17: the key's time, both ends, and each end alone."""
    for used, noted in (
        ((SIGNED - DAY, SIGNED + DAY), []),
        ((SIGNED, SIGNED), []),
        ((SIGNED - 9 * DAY, SIGNED - DAY), [("outside-private-key-usage", "warning")]),
        ((SIGNED + DAY, SIGNED + 9 * DAY), [("outside-private-key-usage", "warning")]),
    ):
        verdict = judge(authority.ds(authority.key(), csca, private_usage=used), trust)
        assert (verdict.status, notes(verdict)) == (P, noted)


def test_a_signer_issued_outside_its_authoritys_time_of_use_is_a_warning(authority: Any, csca: Any) -> None:
    used = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    trust = TrustMaterial.of([authority.csca(csca, private_usage=used)])
    verdict = judge(authority.ds(authority.key(), csca), trust)
    assert notes(verdict) == [("issued-outside-private-key-usage", "warning")]
    inside = authority.ds(authority.key(), csca, begin=datetime(2024, 1, 1, tzinfo=UTC))
    assert notes(judge(inside, trust)) == []


def document_types(*codes: str) -> bytes:
    listed = b"".join(sorted(encode(0x13, code.encode()) for code in codes))
    return encode(0x30, b"\x02\x01\x00" + encode(0x31, listed))


@pytest.mark.parametrize(
    ("codes", "code", "noted"),
    [
        (("ID",), "ID", False),
        (("P", "ID"), "ID", False),
        (("P<",), "P", False),
        (("P",), "ID", True),
        ((), "ID", True),
        (("P",), None, False),
    ],
)
def test_a_signer_that_does_not_list_the_type_of_document_is_a_warning(
    authority: Any, csca: Any, trust: TrustMaterial, codes: tuple[str, ...], code: str | None, noted: bool
) -> None:
    """PA-20; the policy may make more of the warning."""
    raw = authority.ds(authority.key(), csca, extra=("2.23.136.1.1.6.2", document_types(*codes)))
    assert notes(judge(raw, trust, code=code)) == ([("document-type-not-listed", "warning")] if noted else [])


def test_a_signer_with_a_purpose_besides_is_a_warning(authority: Any, csca: Any, trust: TrustMaterial) -> None:
    """PA-20: a Document Signer has no extended key usage; that of a list's signer fails (PA-21)."""
    verdict = judge(authority.ds(authority.key(), csca, eku="1.3.6.1.5.5.7.3.4"), trust)
    assert (verdict.status, notes(verdict)) == (P, [("signer-with-extended-key-usage", "warning")])


@pytest.mark.parametrize("what", ["signer", "anchor", "key"])
def test_what_was_put_on_the_list_of_those_not_trusted_fails(
    authority: Any, csca: Any, trust: TrustMaterial, what: str
) -> None:
    """PA-18: an expired CSCA passes; a distrusted one, its signer, or its key under another certificate does not."""
    raw = authority.ds(authority.key(), csca)
    anchor = trust.anchors.anchors[0]
    fingerprint = {
        "signer": Certificate.parse(raw).fingerprint,
        "anchor": anchor.fingerprint,
        "key": anchor.key_fingerprint,
    }[what]
    verdict = judge(raw, replace(trust, distrusted=frozenset({fingerprint})))
    assert (verdict.status, verdict.reason) == (F, ChainReason.DISTRUSTED)


@pytest.mark.parametrize(
    ("changes", "defect", "reason"),
    [
        ({"ca": None}, Defect.NOT_AUTHORITY, ChainReason.ANCHOR_NOT_AUTHORITY),
        ({"ca": False}, Defect.NOT_AUTHORITY, ChainReason.ANCHOR_NOT_AUTHORITY),
        ({"usage": None}, Defect.NO_CERT_SIGN, ChainReason.ANCHOR_NOT_AUTHORITY),
        ({"usage": {"crl_sign"}}, Defect.NO_CERT_SIGN, ChainReason.ANCHOR_NOT_AUTHORITY),
        ({"path_length": 1}, Defect.PATH_LENGTH, ChainReason.ANCHOR_NOT_AUTHORITY),
        ({"unknown_critical": True}, Defect.CRITICAL_EXTENSION, ChainReason.CRITICAL_EXTENSION),
    ],
)
def test_a_defect_of_an_authority_fails_unless_it_is_a_known_one(
    authority: Any, csca: Any, changes: dict[str, Any], defect: Defect, reason: ChainReason
) -> None:
    """PA-19: a defect fails the chain; in the table of national defects it is a warning, for that certificate only."""
    raw = authority.csca(csca, **changes)
    fingerprint = Certificate.parse(raw).fingerprint
    known = NationalDefects({fingerprint: frozenset({defect})})
    signer = authority.ds(authority.key(), csca)
    anchors = AnchorStore.of([raw], known)
    assert len(anchors) == 1
    verdict = judge(signer, TrustMaterial(anchors, defects=known))
    assert (verdict.status, notes(verdict)) == (P, [("known-national-defect", "warning")])
    assert dict(verdict.evidence)["defects"] == defect
    for table in (NationalDefects(), NationalDefects({"0" * 64: frozenset(Defect)}), known):
        others = table if table is not known else NationalDefects({fingerprint: frozenset(Defect) - {defect}})
        verdict = judge(signer, TrustMaterial(anchors, defects=others))
        assert (verdict.status, verdict.reason) == (F, reason)


def test_the_shipped_table_names_certificates_and_what_each_breaks() -> None:
    table = NationalDefects.shipped()
    assert len(table.table) == 20
    assert all(defects for defects in table.table.values())
    assert repr(table) == "NationalDefects(20 certificates)"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "certificate = 1",
        "[[certificate]]\nsha256 = 1\ndefects = []",
        "[[certificate]]\nsha256 = 'AB'\ndefects = []",
        f"[[certificate]]\nsha256 = '{'0' * 63}G'\ndefects = []",
        f"[[certificate]]\nsha256 = '{'0' * 64}'\ndefects = ['whatever']",
        f"[[certificate]]\nsha256 = '{'0' * 64}'",
        "not toml",
    ],
)
def test_a_table_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(DataError):
        NationalDefects.parse(text)


def test_an_issuer_whose_algorithm_we_do_not_know_is_our_gap(authority: Any, csca: Any, trust: TrustMaterial) -> None:
    signer = Certificate.parse(authority.ds(authority.key(), csca))
    unknown = replace(signer, algorithm=signature_algorithm_by_oid("1.2.3"))
    unknown = replace(unknown, inner_algorithm=b"", outer_algorithm=b"")
    verdict = judge_chain(unknown, trust, DATES).verdict
    assert (verdict.status, verdict.reason) == (I, ChainReason.ALGORITHM_UNSUPPORTED)


def test_the_algorithm_inside_has_to_be_the_one_outside(authority: Any, csca: Any, trust: TrustMaterial) -> None:
    """RFC 5280 §4.1.1.2; surplus bytes alone make no difference (PA-28)."""
    signer = Certificate.parse(authority.ds(authority.key(), csca))
    surplus = encode(0x30, bytes.fromhex("06082a8648ce3d0403020500"))
    assert judge_chain(replace(signer, outer_algorithm=surplus), trust, DATES).verdict.status is P
    sha512 = encode(0x30, bytes.fromhex("06082a8648ce3d040304"))
    verdict = judge_chain(replace(signer, inner_algorithm=sha512), trust, DATES).verdict
    assert (verdict.status, verdict.reason) == (F, ChainReason.UNTRUSTED)


@pytest.mark.parametrize("serial", [-5, 0, 2**190])
def test_odd_numbers_and_letters_keep_nobody_out(authority: Any, serial: int) -> None:
    """PA-28: a serial number of zero or below, a country in lower case."""
    key = authority.key()
    trust = TrustMaterial.of([authority.csca(key, serial=serial, country="vn")])
    verdict = judge(authority.ds(authority.key(), key, serial=serial, country="vn"), trust)
    assert verdict.status is P
    assert dict(verdict.evidence)["country"] == "VN"


def test_a_date_of_issue_counts_where_the_signature_has_no_time(
    authority: Any, csca: Any, trust: TrustMaterial
) -> None:
    """PA-16: at either end of the day; without both it is Inconclusive, never passed over."""
    begin = datetime(2026, 3, 1, 12, tzinfo=UTC)
    signer = authority.ds(authority.key(), csca, begin=begin, end=begin + 9 * DAY)
    undated = replace(DATES, signed=None)
    for day, status in (
        (date(2026, 3, 1), P),
        (date(2026, 3, 10), P),
        (date(2026, 3, 11), F),
        (date(2026, 2, 28), F),
    ):
        assert judge(signer, trust, replace(undated, issued=day)).status is status
    assert judge(signer, trust, undated).reason == ChainReason.SIGNING_TIME_UNKNOWN


def test_of_two_certificates_of_one_key_the_one_valid_then_vouches(authority: Any, csca: Any) -> None:
    """PA-22: the self-signed certificate and the link of one key are both held."""
    late = authority.csca(csca, begin=datetime(2026, 6, 1, tzinfo=UTC), serial=5)
    early = authority.csca(csca, serial=6)
    for order in ([late, early], [early, late]):
        verdict = judge(authority.ds(authority.key(), csca), TrustMaterial.of(order))
        assert notes(verdict) == []


def test_of_two_certificates_of_one_key_the_sound_one_vouches(authority: Any, csca: Any) -> None:
    """PA-19, PA-22: a spoilt link does no harm beside the self-signed certificate of the same key."""
    sound, spoilt = authority.csca(csca, serial=5), authority.csca(csca, serial=6, ca=None, usage=None)
    for order in ([sound, spoilt], [spoilt, sound]):
        assert judge(authority.ds(authority.key(), csca), TrustMaterial.of(order)).status is P
    expired = authority.csca(csca, serial=7, end=datetime(2025, 1, 1, tzinfo=UTC))
    late = judge(authority.ds(authority.key(), csca), TrustMaterial.of([expired, spoilt]))
    assert late.reason == ChainReason.ANCHOR_NOT_AUTHORITY


def test_an_anchor_says_who_it_is(authority: Any, csca: Any) -> None:
    anchor = Anchor.parse(authority.csca(csca))
    assert repr(anchor) == f"Anchor(VN, {anchor.key_fingerprint[:16]})"
    assert anchor == Anchor.parse(authority.csca(csca)) or anchor.key_fingerprint == anchor.key.fingerprint
    store = AnchorStore.of([authority.csca(csca)])
    assert repr(store) == "AnchorStore(1 anchors, 0 refused)"
    assert len(store.with_anchors([anchor])) == 2
    assert isinstance(csca.private, ec.EllipticCurvePrivateKey)


def test_every_key_is_tried_once_and_the_likeliest_first(
    authority: Any, csca: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PA-25: all keys of the country, each once however many certificates it has; by key identifier, by name."""
    tried: list[str] = []

    def counted(key: Any, *rest: Any) -> Any:
        tried.append(key.fingerprint)
        return check_signature(key, *rest)

    monkeypatch.setattr(issued, "check_signature", counted)
    other, third = authority.key(), authority.key()
    named = {"subject": "CSCA 3", "issuer": "CSCA 3"}
    crowd = [authority.csca(other, serial=1), authority.csca(other, serial=2), authority.csca(third, serial=3, **named)]
    trust = TrustMaterial.of([*crowd, authority.csca(csca, serial=4)])
    assert judge(authority.ds(authority.key(), csca), trust).status is P
    assert len(tried) == 1
    tried.clear()
    by_name = authority.ds(authority.key(), third, issuer="CSCA 3", authority_key_id=None)
    assert judge(by_name, trust).status is P
    assert len(tried) == 1
    tried.clear()
    assert judge(authority.ds(authority.key(), authority.key(), authority_key_id=csca.key_id), trust).status is F
    assert len(tried) == len(set(tried)) == 3
    found = issued.find_issuer(Certificate.parse(by_name), trust.anchors, SIGNED)
    assert (len(found.tried), found.fault) == (4, None)


@pytest.mark.parametrize(
    "content", [b"", encode(0xA0, encode(0x30, b"\x02\x01\x03"))], ids=["nothing inside", "half of it"]
)
def test_what_is_not_signed_data_is_an_error(content: bytes) -> None:
    for kind in ("06092a864886f70d010702", "06092a864886f70d010701"):
        with pytest.raises(DataError):
            verify_signed_data(encode(0x30, bytes.fromhex(kind) + content), SOD)


def test_signed_data_without_a_content_proves_nothing(authority: Any) -> None:
    key = authority.key("secp256r1")
    blob = authority.signed_data(b"", key, (authority.ds(key, key),))
    with pytest.raises(DataError):  # the lengths around it no longer fit
        verify_signed_data(blob.replace(encode(0xA0, encode(0x04, b"")), b""), SOD)
    kind = bytes.fromhex("0606678108010101")
    detached = encode(0x30, bytes.fromhex("0201033100") + encode(0x30, kind) + b"\x31\x00")
    with pytest.raises(DataError, match="without its content"):
        verify_signed_data(encode(0x30, bytes.fromhex("06092a864886f70d010702") + encode(0xA0, detached)), SOD)
    other = encode(0x30, bytes.fromhex("06092a864886f70d010703") + encode(0xA0, detached))
    with pytest.raises(DataError, match="not signed data"):
        verify_signed_data(other, SOD)

"""Signed data: whether the signers of a CMS object signed these bytes (RFC 5652 §5, ICAO 9303-10 §4.6.2).

Everything is taken from the bytes as they stand: the content that is hashed, the attributes that are signed. The
lengths of BER, which some issuers use, are made those of DER first, as what is signed has them in any case (§5.4). What
is malformed raises DataError. A signature that does not verify is a ``SignerVerdict`` with its fault, since the answer
"this document is not as its issuer signed it" is what the caller asked for.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asn1crypto import cms, core

from reader.errors import DataError
from reader.iso7816.tlv import encode
from reader.trust.algorithms import (
    Scheme,
    SignatureAlgorithm,
    SignatureFault,
    check_signature,
    hash_by_oid,
    parse_signature_algorithm,
    weaknesses,
)
from reader.trust.asn1 import AlgorithmIdentifier, asn1_border
from reader.trust.certificate import Certificate
from reader.trust.der import SIGNED_DATA, SIGNED_LIST, DerLimits, read_element, to_der
from reader.trust.keys import UnsupportedKey
from reader.trust.names import DistinguishedName
from reader.trust.times import read_time
from reader.verdict import Note

__all__ = [
    "SignedContent",
    "SignerFault",
    "SignerVerdict",
    "content_type_of",
    "embedded_certificates",
    "verify_signed_data",
]

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_TIME = "1.2.840.113549.1.9.5"
_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
MAX_SIGNERS = 8


class SignerFault(StrEnum):
    """Say why a signer's signature is not a good one; the strings are reasons of ``passive.sod-signature``."""

    SIGNATURE_INVALID = "signature-invalid"
    CONTENT_CHANGED = "content-digest-mismatch"
    ATTRIBUTES = "signed-attributes-wrong"
    CONTENT_TYPE = "content-type-wrong"
    KEY_REFUSED = "signer-key-refused"
    ALGORITHM_REFUSED = "algorithm-refused"
    ALGORITHM_UNSUPPORTED = "algorithm-unsupported"
    NO_SIGNER = "no-signer"
    CERTIFICATE_MISSING = "signer-certificate-missing"


_FAULT_OF_SIGNATURE = {
    SignatureFault.INVALID: SignerFault.SIGNATURE_INVALID,
    SignatureFault.KEY_MISMATCH: SignerFault.KEY_REFUSED,
    SignatureFault.ALGORITHM_REFUSED: SignerFault.ALGORITHM_REFUSED,
    SignatureFault.ALGORITHM_UNSUPPORTED: SignerFault.ALGORITHM_UNSUPPORTED,
}


@dataclass(frozen=True, slots=True)
class SignerVerdict:
    """Tell how one signer came out; ``fault`` is None exactly when the signature verified."""

    fault: SignerFault | None
    certificate: Certificate | None = None
    algorithm: str = ""
    digest: str = ""
    signing_time: datetime | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class SignedContent:
    """Hold the content as signed, the certificates that came with it, and a verdict for every signer."""

    content_type: str
    content: bytes
    certificates: tuple[Certificate, ...]
    signers: tuple[SignerVerdict, ...]
    unreadable_certificates: int = 0

    @property
    def fault(self) -> SignerFault | None:
        """Return the first signer's fault, or None: every signer verified, and there is at least one."""
        if not self.signers:
            return SignerFault.NO_SIGNER
        return next((signer.fault for signer in self.signers if signer.fault is not None), None)

    def __repr__(self) -> str:
        """Show sizes and outcome only."""
        return f"SignedContent({len(self.content)} bytes, {self.fault or 'verified'})"


class _Attribute(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields = [("type", core.ObjectIdentifier), ("values", cms.SetOfAny)]  # noqa: RUF012  # asn1crypto's way


class _Attributes(core.SetOf):  # type: ignore[misc]  # asn1crypto has no types
    _child_spec = _Attribute


class _SignerInfo(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields = [  # noqa: RUF012  # asn1crypto's way of naming fields
        ("version", core.Integer),
        ("sid", cms.SignerIdentifier),
        ("digest_algorithm", AlgorithmIdentifier),
        ("signed_attributes", _Attributes, {"implicit": 0, "optional": True}),
        ("signature_algorithm", core.Any),
        ("signature", core.OctetString),
        ("unsigned_attributes", core.Any, {"optional": True}),
    ]


class _SignerInfos(core.SetOf):  # type: ignore[misc]  # asn1crypto has no types
    _child_spec = _SignerInfo


class _EncapsulatedContent(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields = [  # noqa: RUF012  # asn1crypto's way of naming fields
        ("content_type", core.ObjectIdentifier),
        ("content", core.OctetString, {"explicit": 0, "optional": True}),
    ]


class _SignedData(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """Read SignedData without looking into certificates, CRLs or algorithms: each is read where it is judged."""

    _fields = [  # noqa: RUF012  # asn1crypto's way of naming fields
        ("version", core.Integer),
        ("digest_algorithms", cms.SetOfAny),
        ("content", _EncapsulatedContent),
        ("certificates", cms.SetOfAny, {"implicit": 0, "optional": True}),
        ("crls", cms.SetOfAny, {"implicit": 1, "optional": True}),
        ("signer_infos", _SignerInfos),
    ]


class _ContentInfo(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields = [("content_type", core.ObjectIdentifier), ("content", _SignedData, {"explicit": 0})]  # noqa: RUF012  # asn1crypto's way


def verify_signed_data(
    blob: bytes,
    expected_content_type: str,
    extra_certificates: Iterable[Certificate] = (),
    limits: DerLimits = SIGNED_DATA,
) -> SignedContent:
    """Check every signer of a CMS SignedData (RFC 5652 §5.4–5.6); raise DataError where ``blob`` is malformed.

    A signer's certificate is found by its identifier among those embedded and ``extra_certificates``. Signed
    attributes are demanded, content type and message digest in them exactly once. The signature is tried over the
    attributes as they stand, then in DER order, which is noted: several issuers sign one and store the other.
    """
    data = _open(blob, limits)
    with asn1_border("malformed signed data"):
        content_type: str = data["content"]["content_type"].dotted
        encapsulated = data["content"]["content"]
        if isinstance(encapsulated, core.Void):
            raise DataError("signed data without its content")
        content = bytes(encapsulated)
        certificates, unreadable = _certificates(data["certificates"])
        infos = list(data["signer_infos"])
    if len(infos) > MAX_SIGNERS:
        raise DataError(f"more than {MAX_SIGNERS} signers")
    known = (*certificates, *extra_certificates)
    signers = tuple(_Signer(info, content_type, content).judge(known) for info in infos)
    if content_type != expected_content_type:
        signers = (SignerVerdict(SignerFault.CONTENT_TYPE),)
    return SignedContent(content_type, content, certificates, signers, unreadable)


def content_type_of(blob: bytes, limits: DerLimits = SIGNED_LIST) -> str | None:
    """Return what the SignedData in ``blob`` is about, or None where it is something else; nothing is verified."""
    try:
        data = _open(blob, limits)
        with asn1_border("malformed signed data"):
            return str(data["content"]["content_type"].dotted)
    except DataError:
        return None


def embedded_certificates(blob: bytes, limits: DerLimits = SIGNED_LIST) -> tuple[bytes, ...]:
    """Return the certificates that a SignedData brings along, as they stand; raise DataError where it is malformed."""
    data = _open(blob, limits)
    with asn1_border("malformed signed data"):
        found = data["certificates"]
        return () if isinstance(found, core.Void) else tuple(entry.dump() for entry in found)


def _open(blob: bytes, limits: DerLimits) -> core.Asn1Value:
    """Return the SignedData in a ContentInfo; raise DataError where there is none."""
    with asn1_border("malformed signed data"):
        info = _ContentInfo.load(to_der(blob, limits), strict=True)
        if info["content_type"].dotted != _SIGNED_DATA:
            raise DataError("not signed data")
        return info["content"]


def _certificates(parsed: core.Asn1Value) -> tuple[tuple[Certificate, ...], int]:
    """Return the embedded certificates that can be read, and the number of those that cannot."""
    if isinstance(parsed, core.Void):
        return (), 0
    found: list[Certificate] = []
    unreadable = 0
    for entry in parsed:
        try:
            found.append(Certificate.parse(entry.dump()))
        except DataError:
            unreadable += 1
    return tuple(found), unreadable


class _Signer:
    """Judge one SignerInfo against the content."""

    def __init__(self, info: core.Asn1Value, content_type: str, content: bytes) -> None:
        self._info = info
        self._content_type = content_type
        self._content = content
        with asn1_border("malformed signer info"):
            self._digest_name = hash_by_oid(info["digest_algorithm"]["algorithm"].dotted)
            self._algorithm = self._complete(parse_signature_algorithm(info["signature_algorithm"].dump()))
            self._signature = bytes(info["signature"])
            attributes = info["signed_attributes"]
            self._attributes = None if isinstance(attributes, core.Void) else attributes

    def _complete(self, algorithm: SignatureAlgorithm) -> SignatureAlgorithm:
        """Name the hash where the identifier names only the kind of key: then it is the digest algorithm's."""
        if algorithm.oid == _EC_PUBLIC_KEY:
            return SignatureAlgorithm(algorithm.oid, Scheme.ECDSA, self._digest_name or "")
        if algorithm.scheme is Scheme.RSA_PKCS1 and not algorithm.hash_name:
            return SignatureAlgorithm(algorithm.oid, Scheme.RSA_PKCS1, self._digest_name or "")
        return algorithm

    def judge(self, known: Sequence[Certificate]) -> SignerVerdict:
        """Return the verdict: digest and attributes first, since they need no certificate."""
        with asn1_border("malformed signer info"):
            fault, signing_time = self._judge_attributes()
            certificate = self._find(known)
        if fault is None and certificate is None:
            fault = SignerFault.CERTIFICATE_MISSING
        notes: tuple[Note, ...] = ()
        if fault is None and certificate is not None:
            fault, notes = self._judge_signature(certificate)
        return SignerVerdict(fault, certificate, self._algorithm.name, self._digest_name or "", signing_time, notes)

    def _judge_attributes(self) -> tuple[SignerFault | None, datetime | None]:
        if self._digest_name is None:
            return SignerFault.ALGORITHM_UNSUPPORTED, None
        if self._digest_name == "md5":
            return SignerFault.ALGORITHM_REFUSED, None
        if self._attributes is None:
            return SignerFault.ATTRIBUTES, None
        content_type = self._single(_CONTENT_TYPE)
        digest = self._single(_MESSAGE_DIGEST)
        if content_type is None or digest is None:
            return SignerFault.ATTRIBUTES, None
        if content_type.parse(core.ObjectIdentifier).dotted != self._content_type:
            return SignerFault.ATTRIBUTES, None
        expected = hashlib.new(self._digest_name, self._content).digest()
        if not hmac.compare_digest(bytes(digest.parse(core.OctetString)), expected):
            return SignerFault.CONTENT_CHANGED, None
        time = self._single(_SIGNING_TIME)
        return None, None if time is None else read_time(read_element(time.dump())[0])

    def _single(self, oid: str) -> core.Any | None:
        """Return the one value of the one attribute ``oid``, or None (RFC 5652 §11.1, §11.2)."""
        found = [attribute for attribute in self._attributes or () if attribute["type"].dotted == oid]
        if len(found) != 1 or len(found[0]["values"]) != 1:
            return None
        return found[0]["values"][0]

    def _find(self, known: Sequence[Certificate]) -> Certificate | None:
        """Return the certificate that the signer identifier names, never simply the first one."""
        sid = self._info["sid"]
        if sid.name == "subject_key_identifier":
            key_id = bytes(sid.chosen)
            return next((certificate for certificate in known if certificate.subject_key_id == key_id), None)
        issuer = DistinguishedName.parse(sid.chosen["issuer"].dump())
        serial = sid.chosen["serial_number"].native
        matching = [certificate for certificate in known if certificate.serial == serial]
        return next((certificate for certificate in matching if certificate.issuer.matches(issuer)), None)

    def _judge_signature(self, certificate: Certificate) -> tuple[SignerFault | None, tuple[Note, ...]]:
        try:
            key = certificate.public_key()
        except UnsupportedKey:
            return SignerFault.ALGORITHM_UNSUPPORTED, ()
        except DataError:
            return SignerFault.KEY_REFUSED, ()
        stored, ordered = self._signed_bytes()
        notes = list(weaknesses(key, self._algorithm))
        fault = check_signature(key, self._algorithm, stored, self._signature)
        if fault is SignatureFault.INVALID and ordered != stored:
            fault = check_signature(key, self._algorithm, ordered, self._signature)
            notes.append(Note("signed-attributes-reordered"))
        if self._algorithm.hash_name != self._digest_name:
            notes.append(Note("digest-algorithms-differ"))
        return (_FAULT_OF_SIGNATURE[fault], ()) if fault else (None, tuple(notes))

    def _signed_bytes(self) -> tuple[bytes, bytes]:
        """Return the attributes under the tag SET OF, as they stand and in DER order (RFC 5652 §5.4)."""
        encoded = [attribute.dump() for attribute in self._attributes or ()]
        return encode(0x31, b"".join(encoded)), encode(0x31, b"".join(sorted(encoded)))

"""X.509 certificates of a test country: a Country Signing CA, its Document Signers, its links (ICAO 9303-12 §7.1).

A certificate is drawn up as a ``CertificateTemplate`` and signed by ``issue``: what a defect is to spoil it changes in
the template, so that every other byte is as it should be. The CA's key carries its domain parameters explicitly, as
those of the real Vietnamese CSCA do. Every name says TEST, and so does an extension.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from mock_cards import der
from mock_cards.issuing import extensions as ext
from mock_cards.issuing.extensions import Extension, KeyUse
from mock_cards.issuing.marks import TEST_ORGANISATION
from mock_cards.issuing.signatures import Key, SignatureScheme, ecdsa, pss, rsa_pkcs1, sign
from mock_cards.keys import EcKey, new_ec_key, new_rsa_key
from reader.crypto import Rng, curve_by_name, encode_point
from reader.errors import DataError

__all__ = [
    "CSCA_ALGORITHM",
    "CSCA_NAME",
    "SIGNER_ALGORITHM",
    "Alter",
    "CertificateTemplate",
    "CountrySigner",
    "DocumentSigner",
    "KeyAlgorithm",
    "Validity",
    "as_it_is",
    "country_template",
    "distinguished_name",
    "key_id_of",
    "link_template",
    "make_country_signer",
    "make_document_signer",
    "new_serial",
    "public_key",
    "signer_template",
]

CSCA_NAME = "TEST CSCA Mot Cua, not Vietnam's"
_SERIAL_BYTES = 16
_COUNTRY = "VN"


@dataclass(frozen=True, slots=True)
class Validity:
    """Say from when to when a certificate is valid, and its private key in use."""

    not_before: datetime
    not_after: datetime
    key_until: datetime

    @classmethod
    def of_years(cls, begin: date, years: int, key_days: int) -> Validity:
        """Begin on ``begin`` and last ``years`` years, the private key ``key_days`` days."""
        start = datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
        leap = begin.month == 2 and begin.day == 29
        return cls(
            start,
            start.replace(year=begin.year + years, day=28 if leap else begin.day),
            start + timedelta(days=key_days),
        )

    def encoded(self) -> bytes:
        """Encode the Validity of a certificate."""
        return der.sequence(der.time(self.not_before), der.time(self.not_after))


@dataclass(frozen=True, slots=True)
class KeyAlgorithm:
    """Choose the kind of a key and how it signs.

    ``name`` is a curve ("brainpoolP384r1"), or "rsa" or "rsa-pss" with the bits ("rsa-pss-3072").
    """

    name: str
    hash_name: str = "sha256"

    @classmethod
    def of(cls, name: str, hash_name: str = "") -> KeyAlgorithm:
        """Return the algorithm; without a hash one as strong as the key. Raise ValueError for an unknown name."""
        kind, bits = _split(name)
        if not kind:
            strength = _curve_bits(name)
            default = "sha256" if strength <= 256 else "sha384" if strength <= 384 else "sha512"
            return cls(name, hash_name or default)
        if not 512 <= bits <= 8192 or bits % 16:
            raise ValueError("an RSA key has 512 to 8192 bits, a multiple of 16")
        return cls(name, hash_name or "sha256")

    def new_key(self, rng: Rng) -> Key:
        """Make a key."""
        kind, bits = _split(self.name)
        return new_rsa_key(bits, rng) if kind else new_ec_key(curve_by_name(self.name), rng)

    @property
    def scheme(self) -> SignatureScheme:
        """Return how the key signs."""
        kind, _ = _split(self.name)
        if kind == "rsa-pss":
            return pss(self.hash_name)
        return rsa_pkcs1(self.hash_name) if kind == "rsa" else ecdsa(self.hash_name)


CSCA_ALGORITHM = KeyAlgorithm("brainpoolP512r1", "sha512")
SIGNER_ALGORITHM = KeyAlgorithm("brainpoolP384r1", "sha256")


def _split(name: str) -> tuple[str, int]:
    """Return ("rsa" or "rsa-pss", bits), or ("", 0) for the name of a curve."""
    kind, _, bits = name.rpartition("-")
    return (kind, int(bits)) if kind in ("rsa", "rsa-pss") and bits.isdigit() else ("", 0)


def _curve_bits(name: str) -> int:
    try:
        return curve_by_name(name).p.bit_length()
    except DataError:
        raise ValueError(f"no key algorithm of the name {name}") from None


@dataclass(frozen=True, slots=True, repr=False)
class CertificateTemplate:
    """Hold what a certificate will say, each part encoded or ready to be.

    ``inner_algorithm`` replaces the algorithm inside the signed part, ``validity`` is encoded already.
    """

    serial: int
    issuer: bytes
    subject: bytes
    validity: bytes
    public_key: bytes
    extensions: tuple[Extension, ...]
    scheme: SignatureScheme
    inner_algorithm: bytes = b""

    def with_extension(self, extension: Extension) -> CertificateTemplate:
        """Put an extension in, in place of one of the same kind."""
        others = tuple(one for one in self.extensions if one.oid != extension.oid)
        return replace(self, extensions=(*others, extension))

    def without_extension(self, oid: str) -> CertificateTemplate:
        """Leave an extension out."""
        return replace(self, extensions=tuple(one for one in self.extensions if one.oid != oid))

    def to_be_signed(self) -> bytes:
        """Encode the TBSCertificate, version 3."""
        return der.sequence(
            der.explicit(0, der.integer(2)),
            der.integer(self.serial),
            self.inner_algorithm or self.scheme.identifier,
            self.issuer,
            self.validity,
            self.subject,
            self.public_key,
            der.explicit(3, der.sequence(*(extension.encoded() for extension in self.extensions))),
        )

    def issue(self, key: Key) -> bytes:
        """Sign with the issuer's key and return the certificate, DER."""
        body = self.to_be_signed()
        return der.sequence(body, self.scheme.identifier, der.bit_string(sign(key, self.scheme, body)))


Alter = Callable[[CertificateTemplate], CertificateTemplate]


def as_it_is(template: CertificateTemplate) -> CertificateTemplate:
    """Alter nothing."""
    return template


@dataclass(frozen=True, slots=True, repr=False)
class CountrySigner:
    """Hold a CSCA: key, certificate, the key id that its certificates name, its name, and how it signs."""

    key: Key
    certificate: bytes
    key_id: bytes
    name: bytes
    scheme: SignatureScheme


@dataclass(frozen=True, slots=True, repr=False)
class DocumentSigner:
    """Hold a Document Signer, or a signer of lists: key, certificate, how a signature names it, and how it signs."""

    key: Key
    certificate: bytes
    issuer: bytes
    serial: int
    scheme: SignatureScheme = SIGNER_ALGORITHM.scheme


def country_template(
    key: Key, name: bytes, validity: Validity, serial: int, scheme: SignatureScheme, *, explicit_parameters: bool = True
) -> CertificateTemplate:
    """Draw up a self-signed CSCA certificate."""
    key_id = key_id_of(key)
    return CertificateTemplate(
        serial,
        name,
        name,
        validity.encoded(),
        public_key(key, explicit_parameters=explicit_parameters),
        (
            ext.authority_key_id(key_id),
            ext.subject_key_id(key_id),
            ext.key_usage(KeyUse.KEY_CERT_SIGN, KeyUse.CRL_SIGN),
            ext.private_key_usage(validity.not_before, validity.key_until),
            *ext.alternative_names(),
            ext.basic_constraints(),
            ext.crl_distribution_point(),
            ext.test_mark(),
        ),
        scheme,
    )


def link_template(template: CertificateTemplate, old: CountrySigner) -> CertificateTemplate:
    """Draw up the link from ``old`` to the CSCA of ``template``; another name makes it a change of name (§7.1.2)."""
    renamed = template.subject != old.name
    link = replace(template, issuer=old.name, scheme=old.scheme)
    link = link.with_extension(ext.authority_key_id(old.key_id))
    return link.with_extension(ext.name_change()) if renamed else link


def signer_template(
    key: Key, country: CountrySigner, validity: Validity, serial: int, *, common_name: str = "", code: str = _COUNTRY
) -> CertificateTemplate:
    """Draw up a Document Signer under ``country`` that may sign documents of type ID."""
    subject = distinguished_name(code, common_name or f"TEST Document Signer {validity.not_before:%Y-%m}")
    return CertificateTemplate(
        serial,
        country.name,
        subject,
        validity.encoded(),
        public_key(key, explicit_parameters=False),
        (
            ext.authority_key_id(country.key_id),
            ext.subject_key_id(key_id_of(key)),
            ext.key_usage(KeyUse.DIGITAL_SIGNATURE),
            ext.private_key_usage(validity.not_before, validity.key_until),
            *ext.alternative_names(),
            ext.crl_distribution_point(),
            ext.document_types(("ID",)),
            ext.test_mark(),
        ),
        country.scheme,
    )


def make_country_signer(
    rng: Rng,
    validity: Validity,
    *,
    key_id: bytes | None = None,
    name: bytes | None = None,
    algorithm: KeyAlgorithm = CSCA_ALGORITHM,
    explicit_parameters: bool = True,
    alter: Alter = as_it_is,
) -> CountrySigner:
    """Make a self-signed CSCA; an impostor hands in the ``key_id`` of the one it copies, a defect ``alter``s it."""
    key = algorithm.new_key(rng)
    own_name = name or distinguished_name(_COUNTRY, CSCA_NAME)
    template = country_template(
        key, own_name, validity, new_serial(rng), algorithm.scheme, explicit_parameters=explicit_parameters
    )
    own_id = key_id or key_id_of(key)
    template = template.with_extension(ext.authority_key_id(own_id)).with_extension(ext.subject_key_id(own_id))
    altered = alter(template)
    return CountrySigner(key, altered.issue(key), own_id, altered.subject, algorithm.scheme)


def make_document_signer(
    rng: Rng,
    country: CountrySigner,
    validity: Validity,
    *,
    algorithm: KeyAlgorithm = SIGNER_ALGORITHM,
    alter: Alter = as_it_is,
) -> DocumentSigner:
    """Make a Document Signer under ``country``; a defect ``alter``s its certificate."""
    key = algorithm.new_key(rng)
    template = alter(signer_template(key, country, validity, new_serial(rng)))
    return DocumentSigner(key, template.issue(country.key), template.issuer, template.serial, algorithm.scheme)


def new_serial(rng: Rng) -> int:
    """Draw a positive serial number of sixteen bytes (RFC 5280 §4.1.2.2 allows twenty)."""
    return int.from_bytes(rng(_SERIAL_BYTES), "big") >> 1 | 1 << (8 * _SERIAL_BYTES - 2)


def public_key(key: Key, *, explicit_parameters: bool) -> bytes:
    """Encode a SubjectPublicKeyInfo; the flag bears on elliptic curves only."""
    if isinstance(key, EcKey):
        return der.point_key(key.curve, key.point, explicit_parameters=explicit_parameters)
    return der.rsa_key(key.modulus, key.public_exponent)


def key_id_of(key: Key) -> bytes:
    """Return the key identifier: SHA-1 of the public key's bits (RFC 5280 §4.2.1.2)."""
    if isinstance(key, EcKey):
        return ext.key_identifier(encode_point(key.curve, key.point))
    return ext.key_identifier(der.sequence(der.integer(key.modulus), der.integer(key.public_exponent)))


def distinguished_name(
    country: str,
    common_name: str,
    organisation: str = TEST_ORGANISATION,
) -> bytes:
    """Encode a Name: the country a PrintableString, the others UTF8Strings."""
    attributes = (
        ("2.5.4.6", der.printable(country)),
        ("2.5.4.10", der.utf8(organisation)),
        ("2.5.4.3", der.utf8(common_name)),
    )
    return der.sequence(*(der.set_of(der.sequence(der.object_identifier(oid), value)) for oid, value in attributes))

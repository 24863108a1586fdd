"""A test country: a Country Signing CA and its Document Signers, by the profile of ICAO 9303-12 §7.1.

The CA's key carries its domain parameters explicitly, as those of the real Vietnamese CSCA do. Every name says TEST.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mock_cards import der
from mock_cards.keys import EcKey, new_ec_key
from reader.crypto import Rng, curve_by_name, encode_point
from reader.iso7816 import encode

__all__ = ["CountrySigner", "DocumentSigner", "Validity", "make_country_signer", "make_document_signer"]

CSCA_NAME = "TEST CSCA Mot Cua, not Vietnam's"
CSCA_CURVE = "brainpoolP512r1"
SIGNER_CURVE = "brainpoolP384r1"

_ECDSA_SHA512 = "1.2.840.10045.4.3.4"
_DOCUMENT_TYPE_LIST = "2.23.136.1.1.6.2"
_DIGITAL_SIGNATURE, _KEY_CERT_SIGN, _CRL_SIGN = 0, 5, 6
_CONTACT = "test@csca.example"
_CRL = "https://csca.example/TEST.crl"
_SERIAL_BYTES = 16


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
        return cls(start, start.replace(year=begin.year + years), start + timedelta(days=key_days))


@dataclass(frozen=True, slots=True, repr=False)
class CountrySigner:
    """Hold a CSCA: key, certificate and the key id that its certificates name."""

    key: EcKey
    certificate: bytes
    key_id: bytes
    name: bytes


@dataclass(frozen=True, slots=True, repr=False)
class DocumentSigner:
    """Hold a Document Signer: key, certificate, and how a signature names it."""

    key: EcKey
    certificate: bytes
    issuer: bytes
    serial: int


def make_country_signer(rng: Rng, validity: Validity, *, key_id: bytes | None = None) -> CountrySigner:
    """Make a self-signed CSCA; an impostor hands in the ``key_id`` of the one it copies."""
    key = new_ec_key(curve_by_name(CSCA_CURVE), rng)
    own_id = key_id or _key_identifier(key)
    name = _distinguished_name("VN", "Mot Cua test issuer", CSCA_NAME)
    extensions = (
        _authority_key_id(own_id),
        _subject_key_id(own_id),
        _extension("2.5.29.15", der.named_bits(_KEY_CERT_SIGN, _CRL_SIGN), critical=True),
        _private_key_usage_period(validity),
        _alternative_name("2.5.29.17"),
        _alternative_name("2.5.29.18"),
        _extension("2.5.29.19", der.sequence(der.TRUE, der.integer(0)), critical=True),
        _crl_distribution_point(),
    )
    public_key = der.point_key(key.curve, key.point, explicit_parameters=True)
    body = _to_be_signed(_serial(rng), name, validity, name, public_key, extensions)
    return CountrySigner(key, _sign(body, key), own_id, name)


def make_document_signer(rng: Rng, country: CountrySigner, validity: Validity) -> DocumentSigner:
    """Make a Document Signer under ``country`` that may sign documents of type ID."""
    key = new_ec_key(curve_by_name(SIGNER_CURVE), rng)
    serial = _serial(rng)
    subject = _distinguished_name("VN", "Mot Cua test issuer", f"TEST Document Signer {validity.not_before:%Y-%m}")
    document_types = der.sequence(der.integer(0), der.set_of(der.printable("ID")))
    extensions = (
        _authority_key_id(country.key_id),
        _subject_key_id(_key_identifier(key)),
        _extension("2.5.29.15", der.named_bits(_DIGITAL_SIGNATURE), critical=True),
        _private_key_usage_period(validity),
        _alternative_name("2.5.29.17"),
        _alternative_name("2.5.29.18"),
        _crl_distribution_point(),
        _extension(_DOCUMENT_TYPE_LIST, document_types),
    )
    public_key = der.point_key(key.curve, key.point, explicit_parameters=False)
    body = _to_be_signed(serial, country.name, validity, subject, public_key, extensions)
    return DocumentSigner(key, _sign(body, country.key), country.name, serial)


def _to_be_signed(
    serial: int, issuer: bytes, validity: Validity, subject: bytes, public_key: bytes, extensions: tuple[bytes, ...]
) -> bytes:
    """Encode a TBSCertificate, version 3."""
    return der.sequence(
        der.explicit(0, der.integer(2)),
        der.integer(serial),
        der.sequence(der.object_identifier(_ECDSA_SHA512)),
        issuer,
        der.sequence(der.time(validity.not_before), der.time(validity.not_after)),
        subject,
        public_key,
        der.explicit(3, der.sequence(*extensions)),
    )


def _sign(body: bytes, key: EcKey) -> bytes:
    """Sign a TBSCertificate: ECDSA with SHA-512, the nonce derived from key and message so that seeds repeat."""
    signature = key.signing_key().sign(body, ec.ECDSA(hashes.SHA512(), deterministic_signing=True))
    return der.sequence(body, der.sequence(der.object_identifier(_ECDSA_SHA512)), der.bit_string(signature))


def _serial(rng: Rng) -> int:
    """Draw a positive serial number of sixteen bytes."""
    return int.from_bytes(rng(_SERIAL_BYTES), "big") >> 1 | 1 << (8 * _SERIAL_BYTES - 2)


def _key_identifier(key: EcKey) -> bytes:
    """Return the SHA-1 of the public key's bits (RFC 5280 §4.2.1.2, method 1)."""
    return hashlib.sha1(encode_point(key.curve, key.point), usedforsecurity=False).digest()


def _distinguished_name(country: str, organization: str, common_name: str) -> bytes:
    attributes = (
        ("2.5.4.6", der.printable(country)),
        ("2.5.4.10", der.utf8(organization)),
        ("2.5.4.3", der.utf8(common_name)),
    )
    return der.sequence(*(der.set_of(der.sequence(der.object_identifier(oid), value)) for oid, value in attributes))


def _extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(der.object_identifier(oid), der.TRUE if critical else b"", der.octet_string(value))


def _authority_key_id(key_id: bytes) -> bytes:
    return _extension("2.5.29.35", der.sequence(der.implicit(0, key_id)))


def _subject_key_id(key_id: bytes) -> bytes:
    return _extension("2.5.29.14", der.octet_string(key_id))


def _private_key_usage_period(validity: Validity) -> bytes:
    period = der.implicit(0, der.generalized_time(validity.not_before)) + der.implicit(
        1, der.generalized_time(validity.key_until)
    )
    return _extension("2.5.29.16", encode(0x30, period))


def _alternative_name(oid: str) -> bytes:
    """Name a contact, and the State by its MRZ code as locality (ICAO 9303-12 §7.1.1.2)."""
    locality = der.set_of(der.sequence(der.object_identifier("2.5.4.7"), der.printable("VNM")))
    directory_name = der.explicit(4, der.sequence(locality))
    return _extension(oid, der.sequence(der.implicit(1, _CONTACT.encode()), directory_name))


def _crl_distribution_point() -> bytes:
    full_name = der.explicit(0, der.implicit(6, _CRL.encode()))
    return _extension("2.5.29.31", der.sequence(der.sequence(der.explicit(0, full_name))))

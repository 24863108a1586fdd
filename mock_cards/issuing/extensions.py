"""Extensions of certificates and revocation lists, one encoder each (RFC 5280 §4.2, §5.2; ICAO 9303-12 §7.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mock_cards import der
from mock_cards.issuing.marks import TEST_MARK_OID, TEST_MARK_VALUE
from reader.iso7816 import encode

__all__ = [
    "AUTHORITY_KEY_ID",
    "BASIC_CONSTRAINTS",
    "CRL_NUMBER",
    "DOCUMENT_TYPE_LIST",
    "EXTENDED_KEY_USAGE",
    "KEY_USAGE",
    "NAME_CHANGE",
    "PRIVATE_KEY_USAGE",
    "SUBJECT_KEY_ID",
    "Extension",
    "KeyUse",
    "alternative_names",
    "authority_key_id",
    "basic_constraints",
    "crl_distribution_point",
    "crl_number",
    "document_types",
    "extended_key_usage",
    "key_identifier",
    "key_usage",
    "name_change",
    "private_key_usage",
    "subject_key_id",
    "test_mark",
]

SUBJECT_KEY_ID = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
PRIVATE_KEY_USAGE = "2.5.29.16"
BASIC_CONSTRAINTS = "2.5.29.19"
CRL_NUMBER = "2.5.29.20"
AUTHORITY_KEY_ID = "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"
NAME_CHANGE = "2.23.136.1.1.6.1"
DOCUMENT_TYPE_LIST = "2.23.136.1.1.6.2"

_CONTACT = "test@csca.example"
_CRL_PLACE = "https://csca.example/TEST.crl"


class KeyUse:
    """Number the bits of KeyUsage that documents' certificates have (RFC 5280 §4.2.1.3)."""

    DIGITAL_SIGNATURE = 0
    KEY_ENCIPHERMENT = 2
    KEY_CERT_SIGN = 5
    CRL_SIGN = 6


@dataclass(frozen=True, slots=True)
class Extension:
    """Hold one extension; ``value`` is what goes into its OCTET STRING."""

    oid: str
    value: bytes
    critical: bool = False

    def encoded(self) -> bytes:
        """Encode it; FALSE, the default, is left out."""
        critical = der.TRUE if self.critical else b""
        return der.sequence(der.object_identifier(self.oid), critical, der.octet_string(self.value))


def key_identifier(encoded_point_or_key: bytes) -> bytes:
    """Return SHA-1 of the subject's public key bits (RFC 5280 §4.2.1.2, method 1)."""
    return hashlib.sha1(encoded_point_or_key, usedforsecurity=False).digest()


def subject_key_id(key_id: bytes) -> Extension:
    """Name the certificate's own key."""
    return Extension(SUBJECT_KEY_ID, der.octet_string(key_id))


def authority_key_id(key_id: bytes) -> Extension:
    """Name the issuer's key."""
    return Extension(AUTHORITY_KEY_ID, der.sequence(der.implicit(0, key_id)))


def key_usage(*bits: int) -> Extension:
    """Say what the key is for; always critical."""
    return Extension(KEY_USAGE, der.named_bits(*bits), critical=True)


def basic_constraints(*, is_ca: bool = True, path_length: int | None = 0) -> Extension:
    """Say whether the subject is an authority and how many lie below it; always critical."""
    length = b"" if path_length is None else der.integer(path_length)
    return Extension(BASIC_CONSTRAINTS, der.sequence(der.TRUE if is_ca else b"", length), critical=True)


def private_key_usage(begin: datetime, end: datetime) -> Extension:
    """Say from when to when the private key signs (ICAO 9303-12 §7.1.1.5)."""
    ends = der.implicit(0, der.generalized_time(begin)) + der.implicit(1, der.generalized_time(end))
    return Extension(PRIVATE_KEY_USAGE, encode(0x30, ends))


def extended_key_usage(*oids: str) -> Extension:
    """Say for what alone the key may be used; critical, as the signers of lists have it (ICAO 9303-12 §7.1.1.4)."""
    return Extension(EXTENDED_KEY_USAGE, der.sequence(*map(der.object_identifier, oids)), critical=True)


def alternative_names() -> tuple[Extension, Extension]:
    """Name a contact for subject and issuer, and the State by its MRZ code as locality (ICAO 9303-12 §7.1.1.2)."""
    locality = der.set_of(der.sequence(der.object_identifier("2.5.4.7"), der.printable("VNM")))
    names = der.sequence(der.implicit(1, _CONTACT.encode()), der.explicit(4, der.sequence(locality)))
    return Extension("2.5.29.17", names), Extension("2.5.29.18", names)


def crl_distribution_point() -> Extension:
    """Say where the revocation list would be, under a name that no machine has (RFC 2606)."""
    full_name = der.explicit(0, der.implicit(6, _CRL_PLACE.encode()))
    return Extension("2.5.29.31", der.sequence(der.sequence(der.explicit(0, full_name))))


def document_types(types: Iterable[str]) -> Extension:
    """List the MRZ document codes that a Document Signer may sign (ICAO 9303-12 §7.1.1.6)."""
    return Extension(DOCUMENT_TYPE_LIST, der.sequence(der.integer(0), der.set_of(*map(der.printable, types))))


def name_change() -> Extension:
    """Say that the subject is the issuer under a new name (ICAO 9303-12 §7.1.1.7)."""
    return Extension(NAME_CHANGE, der.NULL)


def crl_number(number: int) -> Extension:
    """Give a revocation list its number."""
    return Extension(CRL_NUMBER, der.integer(number))


def test_mark() -> Extension:
    """Say that the certificate is a test's; see ``marks``."""
    return Extension(TEST_MARK_OID, TEST_MARK_VALUE)

"""Diffie-Hellman public keys from a SubjectPublicKeyInfo, as DG14 holds them for Chip Authentication.

ICAO 9303-11 §9.6 wants PKCS #3, and documents have been issued in X9.42 (§8.5, note 2): both are read, and the number
of a standardised group as well. Keys that sign are in ``reader.trust.keys``; this one only ever agrees.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from asn1crypto import core

from reader.crypto import ModpGroup, decode_public_value, explicit_group, modp_group_by_parameter_id
from reader.errors import DataError
from reader.trust.asn1 import asn1_border
from reader.trust.der import KEY, scan
from reader.trust.keys import STANDARDISED_PARAMETERS, UnsupportedKey, split_spki

__all__ = ["DhPublicKey", "parse_dh_spki"]

DH_PUBLIC_NUMBER = "1.2.840.10046.2.1"
DH_KEY_AGREEMENT = "1.2.840.113549.1.3.1"
SHORT_BITS = 2048


@dataclass(frozen=True, slots=True)
class DhPublicKey:
    """Hold a public value and the group it is an element of."""

    group: ModpGroup
    value: int

    @property
    def name(self) -> str:
        """Return the group's name, as evidence shows it."""
        return self.group.name

    @property
    def is_short(self) -> bool:
        """Tell whether the key is shorter than what is issued today: less than 2048 bits."""
        return self.group.p.bit_length() < SHORT_BITS

    @property
    def fingerprint(self) -> str:
        """Return SHA-256 over group and value in hex, however they were written down."""
        return hashlib.sha256(f"dh:{self.group.p:x}:{self.group.g:x}:{self.value:x}".encode()).hexdigest()


class _DhParameter(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """Read the parameters of PKCS #3."""

    _fields = [("p", core.Integer), ("g", core.Integer), ("length", core.Integer, {"optional": True})]  # noqa: RUF012  # asn1crypto's way


class _DomainParameters(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """Read the parameters of X9.42: the order comes third."""

    _fields = [  # noqa: RUF012  # asn1crypto's way of naming fields
        ("p", core.Integer),
        ("g", core.Integer),
        ("q", core.Integer),
        ("j", core.Integer, {"optional": True}),
        ("validation", core.Sequence, {"optional": True}),
    ]


def parse_dh_spki(raw: bytes) -> DhPublicKey:
    """Parse a DER SubjectPublicKeyInfo of a Diffie-Hellman key (RFC 3279 §2.3.3, PKCS #3 §9).

    Raise UnsupportedKey for another kind of key, DataError for what is malformed, for parameters that are no group's,
    and for a value that is 0, 1, p - 1, not below p, or outside the subgroup where its order is known.
    """
    oid, parameters, key = split_spki(raw)
    group = _group(oid, parameters)
    scan(key, KEY)
    with asn1_border("malformed Diffie-Hellman key"):
        value: int = core.Integer.load(key, strict=True).native
    if value <= 0:
        raise DataError("public value not in the subgroup")
    return DhPublicKey(group, decode_public_value(group, value.to_bytes((value.bit_length() + 7) // 8, "big")))


def _group(oid: str, parameters: bytes) -> ModpGroup:
    if oid == STANDARDISED_PARAMETERS:
        with asn1_border("malformed number of domain parameters"):
            number: int = core.Integer.load(parameters, strict=True).native
        return modp_group_by_parameter_id(number)
    if oid not in (DH_PUBLIC_NUMBER, DH_KEY_AGREEMENT):
        raise UnsupportedKey("public key of a kind that is not used here")
    order: int | None = None
    with asn1_border("malformed Diffie-Hellman parameters"):
        if oid == DH_PUBLIC_NUMBER:
            parsed = _DomainParameters.load(parameters, strict=True)
            order = int(parsed["q"].native)
        else:
            parsed = _DhParameter.load(parameters, strict=True)
        prime, base = int(parsed["p"].native), int(parsed["g"].native)
    return explicit_group(prime, base, order)

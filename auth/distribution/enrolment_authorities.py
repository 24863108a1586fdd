"""The authorities under which enrolment offices certify devices' keys, distributed with the trust.

{"format": "motcua-enrolment-authorities-1", "office": "so-mau", "certificates": [base64 of DER …]}

A slip is judged by them wherever it is brought, whichever office certified the computer that signed it. They count
beside those of the settings. While an office changes its authority both stand in its file, for slips that were signed
under the old one stay. They vouch for devices only: none of them is ever taken for an issuer of cards.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auth.distribution.canonical import parse_json
from auth.distribution.plain_kinds import ENROLMENT_AUTHORITIES_FORMAT, MAX_PLAIN
from auth.distribution.refusal import TEST_CERTIFICATE, NotTaken
from auth.distribution.register_keys import register_name
from reader.errors import DataError
from reader.trust import Anchor, Certificate
from reader.trust.anchors import NotAnAuthority

__all__ = ["EnrolmentAuthorities", "authorities_in", "parse_enrolment_authorities", "still_vouching"]

MAX_AUTHORITIES = 20


@dataclass(frozen=True, slots=True, repr=False)
class EnrolmentAuthorities:
    """Hold the name of an enrolment office, and the certificates of its authorities."""

    office: str
    authorities: tuple[Anchor, ...]


def parse_enrolment_authorities(raw: bytes) -> EnrolmentAuthorities:
    """Return the authorities that a file tells.

    Raise NotTaken where one is the test issuer's, NotAnAuthority where one may certify nobody, DataError.
    """
    said = parse_json(raw, MAX_PLAIN)
    if set(said) != {"format", "office", "certificates"} or said["format"] != ENROLMENT_AUTHORITIES_FORMAT:
        raise DataError("malformed authorities of an enrolment office")
    told = said["certificates"]
    if not isinstance(told, list) or not 0 < len(told) <= MAX_AUTHORITIES:
        raise DataError("malformed authorities of an enrolment office")
    return EnrolmentAuthorities(register_name(said["office"]), tuple(_authority(text) for text in told))


def authorities_in(files: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """Return the certificates, DER, that ``files`` of the store hold."""
    return tuple(one.raw for raw in files.values() for one in parse_enrolment_authorities(raw).authorities)


def still_vouching(certificates: Iterable[bytes], distrusted: frozenset[str]) -> tuple[bytes, ...]:
    """Return each of ``certificates``, DER, once, without those that vouch no more, wherever they come from.

    ``distrusted`` are SHA-256 fingerprints of certificates or of keys. What is no certificate stays: it is told where
    it is to be used.
    """
    return tuple(one for one in dict.fromkeys(certificates) if not distrusted or not _named(one) & distrusted)


def _named(raw: bytes) -> frozenset[str]:
    own = frozenset({hashlib.sha256(raw).hexdigest()})
    try:
        return own | {Certificate.parse(raw).public_key().fingerprint}
    except DataError:
        return own


def _authority(text: object) -> Anchor:
    try:
        raw = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        raise DataError("malformed authorities of an enrolment office") from None
    anchor = Anchor.parse(raw)
    if anchor.is_test:
        raise NotTaken(TEST_CERTIFICATE)
    if anchor.certificate.extensions.is_ca is not True:
        # Unlike a State's old certificates, these are made for this program, and say what they may do.
        raise NotAnAuthority("does not say that it may certify")
    return anchor

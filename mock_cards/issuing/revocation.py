"""Certificate revocation lists of the test country (RFC 5280 §5; ICAO 9303-12 §7.1.4).

Drawn up as a ``CrlTemplate`` that a defect may alter, then signed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mock_cards import der
from mock_cards.issuing import extensions as ext
from mock_cards.issuing.certificates import CountrySigner
from mock_cards.issuing.extensions import Extension
from mock_cards.issuing.signatures import Key, SignatureScheme, sign
from reader.iso7816 import encode

__all__ = ["CrlTemplate", "Revoked", "crl_template"]

_LIFE = timedelta(days=90)
_REASON_CODE = "2.5.29.21"
_KEY_COMPROMISE = 1


@dataclass(frozen=True, slots=True)
class Revoked:
    """Name a certificate that is revoked, and since when; a reason code where one is given (RFC 5280 §5.3.1)."""

    serial: int
    since: datetime
    reason: int | None = _KEY_COMPROMISE

    def encoded(self) -> bytes:
        """Encode one entry of revokedCertificates."""
        reason = b""
        if self.reason is not None:
            code = encode(0x0A, bytes((self.reason,)))
            reason = der.sequence(Extension(_REASON_CODE, code).encoded())
        return der.sequence(der.integer(self.serial), der.time(self.since), reason)


@dataclass(frozen=True, slots=True, repr=False)
class CrlTemplate:
    """Hold what a list will say; ``version`` 2 is the one that profiles allow, ``next_update`` may be left out."""

    issuer: bytes
    this_update: datetime
    next_update: datetime | None
    revoked: tuple[Revoked, ...]
    extensions: tuple[Extension, ...]
    scheme: SignatureScheme
    version: int = 2

    def without_extension(self, oid: str) -> CrlTemplate:
        """Leave an extension out."""
        return replace(self, extensions=tuple(one for one in self.extensions if one.oid != oid))

    def issue(self, key: Key) -> bytes:
        """Sign with the issuer's key and return the list, DER."""
        entries = der.sequence(*(entry.encoded() for entry in self.revoked)) if self.revoked else b""
        extensions = der.explicit(0, der.sequence(*(extension.encoded() for extension in self.extensions)))
        body = der.sequence(
            der.integer(1) if self.version > 1 else b"",
            self.scheme.identifier,
            self.issuer,
            der.time(self.this_update),
            der.time(self.next_update) if self.next_update else b"",
            entries,
            extensions if self.version > 1 and self.extensions else b"",
        )
        return der.sequence(body, self.scheme.identifier, der.bit_string(sign(key, self.scheme, body)))


def crl_template(country: CountrySigner, issued: datetime, number: int, *revoked: Revoked) -> CrlTemplate:
    """Draw up the list number ``number`` of ``country``; it holds ninety days, the longest that is allowed."""
    return CrlTemplate(
        country.name,
        issued,
        issued + _LIFE,
        revoked,
        (ext.authority_key_id(country.key_id), ext.crl_number(number)),
        country.scheme,
    )

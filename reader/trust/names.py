"""Distinguished names as they are compared: folded, and by country. A name only orders candidates, it proves nothing.

RFC 5280 §7.1 wants case and spaces folded and the string types told apart by nothing but their characters; national
certificates vary in all three.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass

from reader.errors import DataError
from reader.trust.der import CERTIFICATE, Element, children, expect, read_oid, scan

__all__ = ["DistinguishedName"]

_COUNTRY = "2.5.4.6"
_COMMON_NAME = "2.5.4.3"
_ORGANISATION = "2.5.4.10"
_SEQUENCE, _SET = 0x30, 0x31
# UTF8, Numeric, Printable, Teletex, IA5, Visible, Universal, BMP (X.680 §41); where an issuer puts more than ASCII into
# the narrow ones it means Latin-1.
_CODECS = {
    0x0C: "utf-8",
    0x12: "latin-1",
    0x13: "latin-1",
    0x14: "latin-1",
    0x16: "latin-1",
    0x1A: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
MAX_ATTRIBUTES = 64


@dataclass(frozen=True, slots=True)
class DistinguishedName:
    """Hold a name as its bytes and as (OID, folded text) pairs in their order."""

    raw: bytes
    parts: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, raw: bytes) -> DistinguishedName:
        """Read a DER Name; raise DataError where it is malformed. A value that is no text is kept as hex."""
        scan(raw, CERTIFICATE)
        parts: list[tuple[str, str]] = []
        for rdn in children(expect(raw, _SEQUENCE).value):
            for attribute in children(expect(rdn.raw, _SET).value):
                found = tuple(children(expect(attribute.raw, _SEQUENCE).value))
                if len(found) != 2:
                    raise DataError("malformed name")
                parts.append((read_oid(found[0]), _text(found[1])))
        return cls(raw, tuple(parts[:MAX_ATTRIBUTES]))

    @property
    def folded(self) -> bytes:
        """Return what stands for the folded name in an index: equal exactly where the names match."""
        return hashlib.sha256(repr(self.parts).encode()).digest() if self.parts else b""

    @property
    def country(self) -> str:
        """Return the country code, two or three letters in upper case, or an empty string.

        A name comes from whoever made the certificate, so that a longer text never gets into evidence under this name.
        """
        code = next((text.upper() for oid, text in self.parts if oid == _COUNTRY), "")
        return code if code.isascii() and code.isalpha() and 2 <= len(code) <= 3 else ""

    @property
    def common_name(self) -> str:
        """Return the folded common name, or an empty string; for evidence only."""
        return next((text for oid, text in self.parts if oid == _COMMON_NAME), "")

    @property
    def organisation(self) -> str:
        """Return the folded organisation, or an empty string."""
        return next((text for oid, text in self.parts if oid == _ORGANISATION), "")

    def matches(self, other: DistinguishedName) -> bool:
        """Tell whether two names are the same once folded."""
        return bool(self.parts) and self.parts == other.parts


def _text(value: Element) -> str:
    try:
        text = value.value.decode(_CODECS[value.tag])
    except (KeyError, UnicodeDecodeError):
        return value.value.hex()
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())

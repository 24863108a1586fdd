"""Distinguished names as they are compared: folded, and by country. A name only orders candidates, it proves nothing.

RFC 5280 §7.1 wants case and spaces folded and the string types told apart by nothing but their characters; national
certificates vary in all three.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from asn1crypto import x509

from reader.trust.asn1 import asn1_border

__all__ = ["DistinguishedName"]

_COUNTRY = "2.5.4.6"
_COMMON_NAME = "2.5.4.3"
_ORGANISATION = "2.5.4.10"
MAX_ATTRIBUTES = 64


@dataclass(frozen=True, slots=True)
class DistinguishedName:
    """Hold a name as its bytes and as (OID, folded text) pairs in their order."""

    raw: bytes
    parts: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, raw: bytes) -> DistinguishedName:
        """Read a DER Name; raise DataError where it is malformed. A value that is no text is kept as hex."""
        parts: list[tuple[str, str]] = []
        with asn1_border("malformed name"):
            for rdn in x509.Name.load(raw, strict=True).chosen:
                for attribute in rdn:
                    parts.append((attribute["type"].dotted, _text(attribute)))
        return cls(raw, tuple(parts[:MAX_ATTRIBUTES]))

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


def _text(attribute: x509.NameTypeAndValue) -> str:
    value = attribute["value"]
    try:
        text = value.native
    except (ValueError, KeyError, TypeError):
        text = None
    if not isinstance(text, str):
        return str(value.contents.hex())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())

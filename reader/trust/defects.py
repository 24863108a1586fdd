"""The table of known national defects: certificates of real authorities that break ICAO 9303-12, and how (PA-19).

Every row names one certificate by its SHA-256, never a country or a name, so that it excuses nothing else. What a row
excuses becomes a warning; what it does not name still fails.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources

from reader.errors import DataError
from reader.trust.certificate import Certificate

__all__ = ["Defect", "NationalDefects", "defects_of"]

_FINGERPRINT_DIGITS = 64


class Defect(StrEnum):
    """Name what an authority's certificate lacks, or has too much of."""

    NOT_AUTHORITY = "not-an-authority"
    NO_CERT_SIGN = "no-key-cert-sign"
    PATH_LENGTH = "path-length"
    CRITICAL_EXTENSION = "unknown-critical-extension"


def defects_of(certificate: Certificate) -> list[Defect]:
    """Return what an authority's certificate breaks (ICAO 9303-12 §7.1, table 6)."""
    said = certificate.extensions
    breaks = {
        Defect.NOT_AUTHORITY: not said.is_ca,
        Defect.NO_CERT_SIGN: said.key_usage is None or "key_cert_sign" not in said.key_usage,
        Defect.PATH_LENGTH: said.path_length is not None and said.path_length != 0,
        Defect.CRITICAL_EXTENSION: bool(said.unknown_critical),
    }
    return [defect for defect, broken in breaks.items() if broken]


@dataclass(frozen=True, slots=True, repr=False)
class NationalDefects:
    """Hold what is excused, by the SHA-256 of the certificate in hex."""

    table: Mapping[str, frozenset[Defect]] = field(default_factory=dict)

    @classmethod
    @cache
    def shipped(cls) -> NationalDefects:
        """Return the table that comes with the program."""
        return cls.parse(resources.files("reader.trust").joinpath("national_defects.toml").read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> NationalDefects:
        """Read a table in TOML; raise DataError where a row is no fingerprint with defects that are known."""
        try:
            rows = tomllib.loads(text)["certificate"]
            table = {row["sha256"]: frozenset(map(Defect, row["defects"])) for row in rows}
        except (tomllib.TOMLDecodeError, RecursionError, KeyError, TypeError, ValueError):
            raise DataError("malformed table of national defects") from None
        if not all(_is_fingerprint(name) for name in table):
            raise DataError("table of national defects with a name that is no fingerprint")
        return cls(table)

    def excuses(self, fingerprint: str, defect: Defect) -> bool:
        """Tell whether the certificate is known to have this defect."""
        return defect in self.table.get(fingerprint, ())

    def __repr__(self) -> str:
        """Show how many rows there are."""
        return f"NationalDefects({len(self.table)} certificates)"


def _is_fingerprint(text: object) -> bool:
    return isinstance(text, str) and len(text) == _FINGERPRINT_DIGITS and not set(text) - set("0123456789abcdef")

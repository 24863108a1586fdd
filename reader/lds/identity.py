"""Who the card speaks of: the citizen's data joined from DG1 and DG13, and calendar dates that may be partial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from reader.errors import DataError

__all__ = ["CalendarDate", "Identity", "Sex"]


class Sex(StrEnum):
    """Name the sex markers of ICAO 9303-3 §4.1.1; ``UNSPECIFIED`` stands for ``<`` and X."""

    MALE = "M"
    FEMALE = "F"
    UNSPECIFIED = "X"


@dataclass(frozen=True, slots=True, order=True)
class CalendarDate:
    """Hold a date of which month and day may be unknown (0), as civil records of elderly people have it."""

    year: int
    month: int = 0
    day: int = 0

    def __post_init__(self) -> None:
        """Refuse what no calendar has."""
        if not 1 <= self.year <= 9999 or (self.day and not self.month):
            raise DataError("no such date")
        if self.month:
            try:
                date(self.year, self.month, self.day or 1)
            except ValueError:
                raise DataError("no such date") from None

    @property
    def is_complete(self) -> bool:
        """Tell whether year, month and day are all known."""
        return bool(self.day)

    def isoformat(self) -> str:
        """Return YYYY, YYYY-MM or YYYY-MM-DD."""
        parts = [f"{self.year:04d}"]
        if self.month:
            parts.append(f"{self.month:02d}")
        if self.day:
            parts.append(f"{self.day:02d}")
        return "-".join(parts)

    def vietnamese(self) -> str:
        """Return dd/MM/yyyy, MM/yyyy or yyyy, as forms in Vietnam print it."""
        return "/".join(reversed(self.isoformat().split("-")))

    @classmethod
    def from_iso(cls, text: str) -> CalendarDate:
        """Parse YYYY[-MM[-DD]]; raise DataError for anything else."""
        return cls._from_parts(text.split("-"))

    @classmethod
    def from_vietnamese(cls, text: str) -> CalendarDate:
        """Parse [[dd/]MM/]yyyy; raise DataError for anything else."""
        return cls._from_parts(list(reversed(text.split("/"))))

    @classmethod
    def _from_parts(cls, parts: list[str]) -> CalendarDate:
        widths = [len(part) for part in parts]
        digits = all(part.isascii() and part.isdigit() for part in parts)
        if not digits or widths not in ([4], [4, 2], [4, 2, 2]):
            raise DataError("not a date")
        return cls(*(int(part) for part in parts))


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Hold what DG1 and DG13 say of one citizen; text is NFC as on the chip, empty where the chip is silent.

    ``expiry`` is None for a card without expiry ("Không thời hạn"). ``other`` keeps the DG13 fields whose meaning
    nobody outside the issuer knows, as (id, raw bytes). ``repr`` shows nothing.
    """

    personal_number: str
    full_name: str
    date_of_birth: CalendarDate
    sex: Sex
    nationality: str
    ethnicity: str = ""
    religion: str = ""
    place_of_origin: str = ""
    residence: str = ""
    distinguishing_marks: str = ""
    issue_date: CalendarDate | None = None
    expiry: CalendarDate | None = None
    father: str = ""
    mother: str = ""
    spouse: str = ""
    old_number: str = ""
    document_number: str = ""
    mrz_name: str = ""
    other: tuple[tuple[int, bytes], ...] = ()

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "Identity(…)"

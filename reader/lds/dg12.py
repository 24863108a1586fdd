"""DG12: further details of the document, each of them optional (ICAO 9303-10 §4.7.12)."""

from __future__ import annotations

from dataclasses import dataclass

from reader.lds.details import open_details
from reader.lds.dg13 import FieldDefect
from reader.lds.displayed_image import DisplayedImage
from reader.lds.identity import CalendarDate
from reader.lds.safe_text import TextFinding

__all__ = ["Dg12", "parse_dg12"]

DG12_TAG = 0x6C
MAX_FILE_BYTES = 1024 * 1024

ISSUING_AUTHORITY = 0x5F19
DATE_OF_ISSUE = 0x5F26
OTHER_PERSON = 0x5F1A
ENDORSEMENTS = 0x5F1B
TAX_EXIT = 0x5F1C
FRONT = 0x5F1D
REAR = 0x5F1E
PERSONALIZED = 0x5F55
PERSONALIZATION_SYSTEM = 0x5F56
_KNOWN = (
    *(ISSUING_AUTHORITY, DATE_OF_ISSUE, ENDORSEMENTS, TAX_EXIT, FRONT, REAR, PERSONALIZED, PERSONALIZATION_SYSTEM),
)


@dataclass(frozen=True, slots=True, repr=False)
class Dg12:
    """Hold DG12; text is NFC and safe to show, empty where the chip is silent, date and images None likewise.

    ``personalized`` are the fourteen digits yyyymmddhhmmss. ``unknown_tags`` are elements without a known meaning;
    ``altered`` and ``defects`` are named by tag.
    """

    issuing_authority: str = ""
    date_of_issue: CalendarDate | None = None
    other_persons: tuple[str, ...] = ()
    endorsements: str = ""
    tax_exit_requirements: str = ""
    front: DisplayedImage | None = None
    rear: DisplayedImage | None = None
    personalized: str = ""
    personalization_system: str = ""
    unknown_tags: tuple[int, ...] = ()
    altered: tuple[tuple[int, TextFinding], ...] = ()
    defects: tuple[FieldDefect, ...] = ()

    def __repr__(self) -> str:
        """Show nothing of the document."""
        return f"Dg12({len(self.defects)} defects)"


def parse_dg12(raw: bytes) -> Dg12:
    """Parse DG12; raise DataError for another file, one of more than 1 MiB, or an element twice."""
    details = open_details(raw, DG12_TAG, MAX_FILE_BYTES)
    return Dg12(
        issuing_authority=details.text(ISSUING_AUTHORITY),
        date_of_issue=details.date(DATE_OF_ISSUE),
        other_persons=details.repeated(OTHER_PERSON),
        endorsements=details.text(ENDORSEMENTS),
        tax_exit_requirements=details.text(TAX_EXIT),
        front=details.image(FRONT),
        rear=details.image(REAR),
        personalized=details.digits(PERSONALIZED, 14),
        personalization_system=details.text(PERSONALIZATION_SYSTEM),
        unknown_tags=details.unknown(_KNOWN),
        altered=tuple(details.altered),
        defects=tuple(details.defects),
    )

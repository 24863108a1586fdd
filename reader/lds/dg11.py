"""DG11: further details of the holder, each of them optional (ICAO 9303-10 §4.7.11)."""

from __future__ import annotations

from dataclasses import dataclass

from reader.lds.details import open_details
from reader.lds.dg13 import FieldDefect
from reader.lds.displayed_image import DisplayedImage
from reader.lds.identity import CalendarDate
from reader.lds.safe_text import TextFinding

__all__ = ["Dg11", "parse_dg11"]

DG11_TAG = 0x6B
MAX_FILE_BYTES = 1024 * 1024

FULL_NAME = 0x5F0E
OTHER_NAME = 0x5F0F
PERSONAL_NUMBER = 0x5F10
DATE_OF_BIRTH = 0x5F2B
PLACE_OF_BIRTH = 0x5F11
ADDRESS = 0x5F42
TELEPHONE = 0x5F12
PROFESSION = 0x5F13
TITLE = 0x5F14
PERSONAL_SUMMARY = 0x5F15
PROOF_OF_CITIZENSHIP = 0x5F16
OTHER_DOCUMENTS = 0x5F17
CUSTODY = 0x5F18
_KNOWN = (
    *(FULL_NAME, PERSONAL_NUMBER, DATE_OF_BIRTH, PLACE_OF_BIRTH, ADDRESS, TELEPHONE, PROFESSION, TITLE),
    *(PERSONAL_SUMMARY, PROOF_OF_CITIZENSHIP, OTHER_DOCUMENTS, CUSTODY),
)


@dataclass(frozen=True, slots=True, repr=False)
class Dg11:
    """Hold DG11; text is NFC and safe to show, empty where the chip is silent, dates and images None likewise.

    Names are written as in the MRZ, ``<<`` between primary and secondary identifier, in national letters.
    ``unknown_tags`` are elements without a known meaning; ``altered`` and ``defects`` are named by tag.
    """

    full_name: str = ""
    other_names: tuple[str, ...] = ()
    personal_number: str = ""
    date_of_birth: CalendarDate | None = None
    place_of_birth: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    telephone: str = ""
    profession: str = ""
    title: str = ""
    personal_summary: str = ""
    proof_of_citizenship: DisplayedImage | None = None
    other_documents: tuple[str, ...] = ()
    custody: str = ""
    unknown_tags: tuple[int, ...] = ()
    altered: tuple[tuple[int, TextFinding], ...] = ()
    defects: tuple[FieldDefect, ...] = ()

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return f"Dg11({len(self.defects)} defects)"


def parse_dg11(raw: bytes) -> Dg11:
    """Parse DG11; raise DataError for another file, one of more than 1 MiB, or an element twice."""
    details = open_details(raw, DG11_TAG, MAX_FILE_BYTES)
    return Dg11(
        full_name=details.text(FULL_NAME),
        other_names=details.repeated(OTHER_NAME),
        personal_number=details.text(PERSONAL_NUMBER),
        date_of_birth=details.date(DATE_OF_BIRTH),
        place_of_birth=details.parts(PLACE_OF_BIRTH),
        address=details.parts(ADDRESS),
        telephone=details.text(TELEPHONE),
        profession=details.text(PROFESSION),
        title=details.text(TITLE),
        personal_summary=details.text(PERSONAL_SUMMARY),
        proof_of_citizenship=details.image(PROOF_OF_CITIZENSHIP),
        other_documents=details.parts(OTHER_DOCUMENTS),
        custody=details.text(CUSTODY),
        unknown_tags=details.unknown(_KNOWN),
        altered=tuple(details.altered),
        defects=tuple(details.defects),
    )

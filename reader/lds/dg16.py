"""DG16: persons to notify in an emergency (ICAO 9303-10 §4.7.16)."""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.asn1 import INTEGER, decode_natural, decode_one
from reader.lds.details import DetailReader
from reader.lds.dg13 import FieldDefect
from reader.lds.identity import CalendarDate
from reader.lds.safe_text import TextFinding

__all__ = ["Dg16", "PersonToNotify", "parse_dg16"]

DG16_TAG = 0x70
# The templates are numbered by their tags: A1, A2 and so on, up to AF.
FIRST_TEMPLATE_TAG = 0xA1
MAX_PERSONS = 15
MAX_ELEMENTS = 8
MAX_FILE_BYTES = 32 * 1024

DATE_RECORDED = 0x5F50
NAME = 0x5F51
TELEPHONE = 0x5F52
ADDRESS = 0x5F53


@dataclass(frozen=True, slots=True, repr=False)
class PersonToNotify:
    """Hold one person; text is safe to show, the name as in the MRZ with ``<<`` between its identifiers."""

    recorded: CalendarDate | None
    name: str
    telephone: str
    address: str

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "PersonToNotify(…)"


@dataclass(frozen=True, slots=True)
class Dg16:
    """Hold the persons in the order of the file; ``altered`` and ``defects`` are named by tag."""

    persons: tuple[PersonToNotify, ...]
    altered: tuple[tuple[int, TextFinding], ...] = ()
    defects: tuple[FieldDefect, ...] = ()


def parse_dg16(raw: bytes) -> Dg16:
    """Parse DG16; raise DataError for another file, more than 32 KiB, or templates that are not numbered from A1 on."""
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("DG16 of more than 32 KiB")
    members = decode_one(raw, DG16_TAG).children(1 + MAX_PERSONS)
    if not members:
        return Dg16(())
    if decode_natural(members[0].expect(INTEGER), 1) != len(members) - 1:
        raise DataError("another number of persons than said", members[0].start)
    persons: list[PersonToNotify] = []
    altered: list[tuple[int, TextFinding]] = []
    defects: list[FieldDefect] = []
    for place, template in enumerate(members[1:]):
        details = DetailReader(template.expect(FIRST_TEMPLATE_TAG + place).children(MAX_ELEMENTS))
        persons.append(_person(details))
        altered += details.altered
        defects += details.defects
    return Dg16(tuple(persons), tuple(altered), tuple(defects))


def _person(details: DetailReader) -> PersonToNotify:
    recorded = details.date(DATE_RECORDED)
    return PersonToNotify(recorded, details.text(NAME), details.text(TELEPHONE), details.text(ADDRESS))

"""DG13 of the Vietnamese ID card: everything that the card says in Vietnamese.

The encoding is not published; it was worked out from several independent readers and agrees byte for byte with prefixes
of a real card: ``6D`` around a SEQUENCE (in some a SET inside it) of ``SEQUENCE { INTEGER id, value }``. Digits and
dates are PrintableString, text is UTF8String; fields 13 (father, mother) and 14 (spouse) nest further SEQUENCEs. A
field may have no value at all. What nobody outside the issuer understands (field 16, ids beyond) is kept raw.

A field that cannot be read spoils only itself: it stays empty and ``defects`` names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from reader.errors import DataError
from reader.lds.asn1 import (
    IA5_STRING,
    INTEGER,
    PRINTABLE_STRING,
    SEQUENCE,
    SET,
    UTF8_STRING,
    Element,
    decode_natural,
    decode_one,
)
from reader.lds.identity import CalendarDate, Sex
from reader.lds.safe_text import TextFinding, make_safe

__all__ = ["Dg13", "FieldDefect", "parse_dg13"]

DG13_TAG = 0x6D
MAX_FILE_BYTES = 32 * 1024
MAX_FIELDS = 64
MAX_WRAPPERS = 4
MAX_SPOUSES = 8

NO_EXPIRY = "không thời hạn"
_SEXES = {"nam": Sex.MALE, "nữ": Sex.FEMALE}

_ENCODINGS = {UTF8_STRING: "utf-8", PRINTABLE_STRING: "ascii", IA5_STRING: "ascii"}
_PERSONAL_NUMBER = re.compile(r"[0-9]{12}")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class FieldDefect:
    """Name one field that could not be read and where it begins in the file; 0 where not even its id could."""

    field_id: int
    offset: int


@dataclass(frozen=True, slots=True, repr=False)
class Dg13:
    """Hold the fields of DG13; text is NFC and safe to show, empty where the card is silent, dates None likewise.

    ``no_expiry`` says that the card bears "Không thời hạn". ``altered`` are (field id, finding) where text had to be
    changed to be safe. ``other`` are (id, raw value) of fields without a known meaning.
    """

    personal_number: str = ""
    full_name: str = ""
    date_of_birth: CalendarDate | None = None
    sex: Sex | None = None
    nationality: str = ""
    ethnicity: str = ""
    religion: str = ""
    place_of_origin: str = ""
    residence: str = ""
    distinguishing_marks: str = ""
    issue_date: CalendarDate | None = None
    expiry: CalendarDate | None = None
    no_expiry: bool = False
    father: str = ""
    mother: str = ""
    spouses: tuple[str, ...] = ()
    old_number: str = ""
    other: tuple[tuple[int, bytes], ...] = ()
    field_ids: tuple[int, ...] = ()
    altered: tuple[tuple[int, TextFinding], ...] = ()
    defects: tuple[FieldDefect, ...] = ()

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return f"Dg13({len(self.field_ids)} fields)"


def parse_dg13(raw: bytes) -> Dg13:
    """Parse DG13; raise DataError for another file, no fields at all, a field twice, or more than 64 fields."""
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("DG13 of more than 32 KiB")
    fields: dict[int, Element] = {}
    strangers: list[FieldDefect] = []
    for element in _find_fields(decode_one(raw, DG13_TAG)):
        number = _field_id(element)
        if number is None:
            strangers.append(FieldDefect(0, element.start))
            continue
        field_id = decode_natural(number, 2)
        if field_id in fields:
            raise DataError(f"field {field_id} twice", element.start)
        fields[field_id] = element
    return _Reading(fields, strangers).finish()


def _find_fields(outer: Element) -> tuple[Element, ...]:
    """Return the field elements, whatever stands around them: 30, 30 31, or a version or OID ahead of them."""
    level = outer
    for _ in range(MAX_WRAPPERS):
        nested = _nested(level)
        if not nested:
            break
        if _field_id(nested[0]) is not None and not _is_wrapper(nested[0]):
            return nested
        level = nested[0]
    raise DataError("no fields where DG13 has them", level.start)


def _nested(element: Element) -> tuple[Element, ...]:
    return tuple(child for child in element.children(MAX_FIELDS) if child.tag in (SEQUENCE, SET))


def _field_id(element: Element) -> Element | None:
    """Return the INTEGER that a field begins with, None for anything that is not a field."""
    first = element.first() if element.tag == SEQUENCE else None
    return first if first is not None and first.tag == INTEGER else None


def _is_wrapper(element: Element) -> bool:
    """Tell a wrapper from a field: fields stand inside it, or inside the first SEQUENCE or SET that it holds."""
    try:
        inner = _nested(element)
        innermost = _nested(inner[0]) if inner else ()
    except DataError:
        return False
    return any(_field_id(holder[0]) is not None for holder in (inner, innermost) if holder)


class _Reading:
    """Read the fields of one DG13 one after the other."""

    def __init__(self, fields: dict[int, Element], strangers: list[FieldDefect]) -> None:
        self._fields = fields
        self._altered: list[tuple[int, TextFinding]] = []
        self._defects = list(strangers)

    def finish(self) -> Dg13:
        """Return all fields as values."""
        no_date: tuple[CalendarDate | None, bool] = (None, False)
        expiry, no_expiry = self._guarded(12, self._expiry, no_date)
        father, mother = self._guarded(13, self._parents, ("", ""))
        known = range(1, 16)
        return Dg13(
            personal_number=self._guarded(1, self._number, ""),
            full_name=self._text(2),
            date_of_birth=self._guarded(3, self._date, None),
            sex=self._guarded(4, self._sex, None),
            nationality=self._text(5),
            ethnicity=self._text(6),
            religion=self._text(7),
            place_of_origin=self._text(8),
            residence=self._text(9),
            distinguishing_marks=self._text(10),
            issue_date=self._guarded(11, self._date, None),
            expiry=expiry,
            no_expiry=no_expiry,
            father=father,
            mother=mother,
            spouses=self._guarded(14, self._spouses, ()),
            old_number=self._text(15),
            other=tuple((key, _raw_value(field)) for key, field in self._fields.items() if key not in known),
            field_ids=tuple(self._fields),
            altered=tuple(dict.fromkeys(self._altered)),
            defects=tuple(self._defects),
        )

    def _guarded(self, field_id: int, read: Callable[[int, tuple[Element, ...]], _T], absent: _T) -> _T:
        field = self._fields.get(field_id)
        if field is None:
            return absent
        try:
            return read(field_id, field.children(MAX_FIELDS)[1:])
        except DataError:
            self._defects.append(FieldDefect(field_id, field.start))
            return absent

    def _text(self, field_id: int) -> str:
        return self._guarded(field_id, self._one_text, "")

    def _one_text(self, field_id: int, values: tuple[Element, ...]) -> str:
        if len(values) > 1:
            raise DataError("more than one value in a field", values[1].start)
        return self._string(field_id, values[0]) if values else ""

    def _string(self, field_id: int, element: Element) -> str:
        encoding = _ENCODINGS.get(element.tag)
        if encoding is None:
            raise DataError("not a string", element.start)
        try:
            text = element.value.decode(encoding)
        except UnicodeDecodeError:
            raise DataError("bytes that are no text", element.start) from None
        safe = make_safe(text)
        self._altered.extend((field_id, finding) for finding in safe.findings)
        return safe.text

    def _number(self, field_id: int, values: tuple[Element, ...]) -> str:
        text = self._one_text(field_id, values)
        if text and not _PERSONAL_NUMBER.fullmatch(text):
            raise DataError("personal number of other than twelve digits")
        return text

    def _date(self, field_id: int, values: tuple[Element, ...]) -> CalendarDate | None:
        return _vietnamese_date(self._one_text(field_id, values))

    def _sex(self, field_id: int, values: tuple[Element, ...]) -> Sex | None:
        text = self._one_text(field_id, values)
        if text and text.casefold() not in _SEXES:
            raise DataError("neither Nam nor Nữ")
        return _SEXES.get(text.casefold())

    def _expiry(self, field_id: int, values: tuple[Element, ...]) -> tuple[CalendarDate | None, bool]:
        text = self._one_text(field_id, values)
        if text.casefold() == NO_EXPIRY:
            return None, True
        return _vietnamese_date(text), False

    def _parents(self, field_id: int, values: tuple[Element, ...]) -> tuple[str, str]:
        names = self._names(field_id, values, 2)
        return names[0] if names else "", names[1] if len(names) > 1 else ""

    def _spouses(self, field_id: int, values: tuple[Element, ...]) -> tuple[str, ...]:
        return tuple(name for name in self._names(field_id, values, MAX_SPOUSES) if name)

    def _names(self, field_id: int, values: tuple[Element, ...], most: int) -> list[str]:
        """Return the nested names by place: an empty one keeps its place, so that a mother never becomes the father."""
        if len(values) == 1 and values[0].tag in (SEQUENCE, SET):
            inner = values[0].children(MAX_FIELDS)
            if inner and all(child.tag == SEQUENCE for child in inner):
                values = inner
        if len(values) > most:
            raise DataError("more names than this field has places", values[most].start)
        return [self._name(field_id, value) for value in values]

    def _name(self, field_id: int, element: Element) -> str:
        if element.tag != SEQUENCE:
            return self._string(field_id, element)
        return self._one_text(field_id, element.children(MAX_FIELDS))


def _raw_value(field: Element) -> bytes:
    number = field.first()
    return field.source[number.end if number else field.begin : field.end]


def _vietnamese_date(text: str) -> CalendarDate | None:
    """Return a dd/MM/yyyy date, None for an empty field; day and month that are 00 are unknown."""
    return CalendarDate.from_vietnamese(text.removeprefix("00/").removeprefix("00/")) if text else None

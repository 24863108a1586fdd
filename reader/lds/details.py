"""What DG11, DG12 and DG16 are made of: text, dates and images under tags of their own (ICAO 9303-10 §4.7.11, §4.7.12).

All of it is optional, so an element that cannot be read spoils only itself: it stays empty and a defect names it. Text
is UTF-8 and made safe to show; ``<`` between the parts of a name or an address is left where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from reader.errors import DataError
from reader.lds.asn1 import INTEGER, Element, decode_natural, decode_one
from reader.lds.dg13 import FieldDefect
from reader.lds.displayed_image import DisplayedImage, read_displayed_image
from reader.lds.identity import CalendarDate
from reader.lds.safe_text import TextFinding, make_safe

__all__ = ["DetailReader", "open_details", "read_digits"]

TAG_LIST_TAG = 0x5C
REPEATED_TAG = 0xA0
MAX_ELEMENTS = 32
MAX_REPEATED = 16
MAX_TAG_LIST_BYTES = 128
# The standard allows 99 bytes, 999 for custody information; an alphabet of three bytes a letter makes more of them.
MAX_TEXT_BYTES = 3000

_T = TypeVar("_T")


def open_details(raw: bytes, tag: int, most_bytes: int) -> DetailReader:
    """Open the file of ``tag``; raise DataError for another file, a larger one, or an element that is there twice."""
    if len(raw) > most_bytes:
        raise DataError(f"details of more than {most_bytes} bytes")
    return DetailReader(decode_one(raw, tag).children(MAX_ELEMENTS))


class DetailReader:
    """Read elements by their tags; ``defects`` and ``altered`` gather what was wrong, named by tag."""

    def __init__(self, elements: Iterable[Element]) -> None:
        self.defects: list[FieldDefect] = []
        self.altered: list[tuple[int, TextFinding]] = []
        self._elements: dict[int, Element] = {}
        for element in elements:
            if element.tag in self._elements:
                raise DataError(f"element {element.tag:02X} twice", element.start)
            self._elements[element.tag] = element

    def unknown(self, known: Iterable[int]) -> tuple[int, ...]:
        """Return the tags that are there and not ``known``."""
        return tuple(tag for tag in self._elements if tag not in {*known, TAG_LIST_TAG, REPEATED_TAG})

    def text(self, tag: int) -> str:
        """Return the text under ``tag``, empty where there is none that can be read."""
        return self._read(tag, self._safe) or ""

    def parts(self, tag: int) -> tuple[str, ...]:
        """Return the parts of a text that ``<`` separates; parts that are empty are left out."""
        return tuple(part.strip() for part in self.text(tag).split("<") if part.strip())

    def date(self, tag: int) -> CalendarDate | None:
        """Return a date yyyymmdd in eight characters or four bytes of BCD; None where the year is not known."""
        return self._read(tag, _date)

    def digits(self, tag: int, count: int) -> str:
        """Return ``count`` digits, in characters or BCD; empty where there are none."""
        return self._read(tag, lambda element: read_digits(element, count)) or ""

    def image(self, tag: int) -> DisplayedImage | None:
        """Return the image under ``tag``."""
        return self._read(tag, lambda element: read_displayed_image(element) if len(element) else None)

    def repeated(self, tag: int) -> tuple[str, ...]:
        """Return the texts of ``tag`` that stand, with their number before them, under A0."""
        return self._read(REPEATED_TAG, lambda group: self._repeated(group, tag)) or ()

    def _repeated(self, group: Element, tag: int) -> tuple[str, ...]:
        members = group.children(1 + MAX_REPEATED)
        if not members or decode_natural(members[0].expect(INTEGER), 1) != len(members) - 1:
            raise DataError("another number of names than said", group.start)
        return tuple(self._safe(member.expect(tag)) for member in members[1:])

    def _read(self, tag: int, reader: Callable[[Element], _T]) -> _T | None:
        element = self._elements.get(tag)
        if element is None:
            return None
        try:
            return reader(element)
        except DataError:
            self.defects.append(FieldDefect(tag, element.start))
            return None

    def _safe(self, element: Element) -> str:
        if len(element) > MAX_TEXT_BYTES:
            raise DataError("text longer than any detail is", element.start)
        try:
            safe = make_safe(element.value.decode("utf-8"))
        except UnicodeDecodeError:
            raise DataError("text that is not UTF-8", element.begin) from None
        self.altered += [(element.tag, finding) for finding in safe.findings]
        return safe.text


def read_digits(element: Element, count: int) -> str:
    """Return ``count`` digits that stand in as many characters, or in half as many bytes of BCD (§4.7.12)."""
    value = element.value
    text = value.hex() if len(value) * 2 == count else value.decode("latin-1")
    if len(text) != count or not (text.isascii() and text.isdigit()):
        raise DataError("digits of another number or kind", element.start)
    return text


def _date(element: Element) -> CalendarDate | None:
    digits = read_digits(element, 8)
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    # Zeros stand for what is not known (§4.7.11.1, note).
    return CalendarDate(year, month, day) if year else None

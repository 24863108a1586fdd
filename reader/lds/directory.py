"""EF.DIR: the applications that a card says it has (ICAO 9303-10 §3.11.2, ISO/IEC 7816-4 §12.2.1).

EF.DIR is not signed. Where EF.CardSecurity holds a signed copy of it, the two must be the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.asn1 import Element, walk
from reader.lds.safe_text import make_safe

__all__ = ["CardApplication", "Directory", "parse_directory"]

MAX_FILE_BYTES = 4096
MAX_APPLICATIONS = 32
MAX_ELEMENTS = 16
TEMPLATE_TAG = 0x61
AID_TAG = 0x4F
LABEL_TAG = 0x50
MAX_AID_BYTES = 16
# What a file of fixed size is filled up with.
_FILLING = b"\x00\xff"


@dataclass(frozen=True, slots=True)
class CardApplication:
    """Hold one application: its identifier, and its label, empty where it has none."""

    aid: bytes
    label: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """Hold the applications in the order of the file."""

    applications: tuple[CardApplication, ...]

    def has(self, aid: bytes) -> bool:
        """Tell whether an application of exactly ``aid`` is listed."""
        return any(application.aid == aid for application in self.applications)


def parse_directory(raw: bytes) -> Directory:
    """Parse EF.DIR; raise DataError for more than 4 KiB, anything but templates, or an identifier listed twice."""
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("EF.DIR of more than 4 KiB")
    found: list[CardApplication] = []
    offset = 0
    while offset < len(raw) and raw[offset] not in _FILLING:
        if len(found) >= MAX_APPLICATIONS:
            raise DataError("EF.DIR of too many applications", offset)
        template = next(walk(raw, offset)).expect(TEMPLATE_TAG)
        found.append(_application(template))
        offset = template.end
    if len(set(raw[offset:])) > 1:
        raise DataError("something else than application templates", offset)
    if len({application.aid for application in found}) != len(found):
        raise DataError("application listed twice")
    return Directory(tuple(found))


def _application(template: Element) -> CardApplication:
    parts = template.children(MAX_ELEMENTS)
    aids = [part for part in parts if part.tag == AID_TAG]
    if len(aids) != 1 or not 1 <= len(aids[0]) <= MAX_AID_BYTES:
        raise DataError("application template without one identifier", template.start)
    labels = [part for part in parts if part.tag == LABEL_TAG]
    if len(labels) > 1:
        raise DataError("application with two labels", labels[1].start)
    label = make_safe(labels[0].value.decode("utf-8", errors="replace")).text if labels else ""
    return CardApplication(aids[0].value, label)

"""EF.COM: the LDS and Unicode versions and which data groups the chip claims to hold (ICAO 9303-10 §4.6.1).

EF.COM is not signed. What it says is compared with the SOD and decides nothing by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.files.layout import FileId
from reader.lds.asn1 import Element, decode_one

__all__ = ["Com", "parse_com"]

COM_TAG = 0x60
LDS_VERSION_TAG = 0x5F01
UNICODE_VERSION_TAG = 0x5F36
TAG_LIST_TAG = 0x5C
MAX_FILE_BYTES = 1024
MAX_TAGS = 32


@dataclass(frozen=True, slots=True)
class Com:
    """Hold EF.COM: ``lds_version`` as "1.7", ``unicode_version`` as "4.0.0", ``tags`` in the order of the file."""

    lds_version: str
    unicode_version: str
    tags: tuple[int, ...]

    @property
    def data_groups(self) -> tuple[int, ...]:
        """Return the numbers of the data groups that the tags stand for, ascending; foreign tags are left out."""
        return tuple(sorted(number for tag in self.tags if (number := _data_group(tag)) is not None))

    @property
    def unknown_tags(self) -> tuple[int, ...]:
        """Return the tags that stand for no data group."""
        return tuple(tag for tag in self.tags if _data_group(tag) is None)


def parse_com(raw: bytes) -> Com:
    """Parse EF.COM; raise DataError for another file, a missing or repeated object, or a tag listed twice."""
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("EF.COM of more than 1 KiB")
    children = decode_one(raw, COM_TAG).children(8)
    lds = _one(children, LDS_VERSION_TAG)
    unicode = _one(children, UNICODE_VERSION_TAG)
    tags = _one(children, TAG_LIST_TAG)
    listed = tuple(tags.value)
    if len(listed) > MAX_TAGS or len(set(listed)) != len(listed):
        raise DataError("tag list too long or with a tag twice", tags.start)
    return Com(
        lds_version=".".join(_numbers(lds, 2)),
        unicode_version=".".join(_numbers(unicode, 3)),
        tags=listed,
    )


def _data_group(tag: int) -> int | None:
    file = FileId.of_tag(tag)
    return file.data_group if file is not None else None


def _one(children: tuple[Element, ...], tag: int) -> Element:
    found = [child for child in children if child.tag == tag]
    if len(found) != 1:
        raise DataError(f"{len(found)} data objects {tag:02X} where one is needed")
    return found[0]


def _numbers(element: Element, count: int) -> list[str]:
    value = element.value
    if len(value) != 2 * count or not value.isdigit():
        raise DataError("version of another form", element.start)
    return [str(int(value[place : place + 2])) for place in range(0, 2 * count, 2)]

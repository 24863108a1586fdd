"""EF.SOD: the signed list of data-group digests (ICAO 9303-10 §4.6.2).

This file takes the CMS out of its wrapper and reads the list inside; whether the CMS is signed by anyone is judged by
``reader.trust``. A list that was not proven is only a claim.
"""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.asn1 import (
    OCTET_STRING,
    PRINTABLE_STRING,
    SEQUENCE,
    Element,
    decode_natural,
    decode_oid,
    decode_one,
)

__all__ = ["LdsSecurityObject", "cms_of_sod", "parse_lds_security_object"]

SOD_TAG = 0x77
MAX_FILE_BYTES = 256 * 1024
MAX_LIST_BYTES = 4096
MAX_DIGEST_BYTES = 64
DATA_GROUPS = 16


@dataclass(frozen=True, slots=True)
class LdsSecurityObject:
    """Hold the signed list: ``hashes`` are (data-group number, digest) in the order of the list.

    ``lds_version`` and ``unicode_version`` are there from version 1 on, as the chip spells them ("1.8", "4.0.0").
    """

    version: int
    digest_oid: str
    hashes: tuple[tuple[int, bytes], ...]
    lds_version: str | None = None
    unicode_version: str | None = None

    @property
    def data_groups(self) -> tuple[int, ...]:
        """Return the numbers of the listed data groups, ascending."""
        return tuple(sorted(number for number, _ in self.hashes))

    def digest_of(self, data_group: int) -> bytes | None:
        """Return the listed digest of one data group, None where the list has none."""
        return next((digest for number, digest in self.hashes if number == data_group), None)


def cms_of_sod(raw: bytes) -> bytes:
    """Return the CMS ContentInfo of an EF.SOD, with or without the 77 around it; raise DataError for anything else.

    Some middleware hands the SOD over already stripped, so both forms are taken.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("EF.SOD of more than 256 KiB")
    if raw[:1] == bytes((SOD_TAG,)):
        content = decode_one(raw, SOD_TAG).children(1)
        if len(content) != 1:
            raise DataError("EF.SOD is empty", 0)
        return content[0].expect(SEQUENCE).raw
    return decode_one(raw, SEQUENCE).raw


def parse_lds_security_object(raw: bytes) -> LdsSecurityObject:
    """Parse the eContent of a SOD; raise DataError for a data group listed twice or a number beyond 16."""
    if len(raw) > MAX_LIST_BYTES:
        raise DataError("LDSSecurityObject of more than 4 KiB")
    whole = decode_one(raw, SEQUENCE)
    fields = whole.children(4)
    if len(fields) < 3:
        raise DataError("LDSSecurityObject with missing elements", whole.start)
    version = decode_natural(fields[0], 1)
    algorithm = fields[1].expect(SEQUENCE).children(2)
    if not algorithm:
        raise DataError("digest algorithm missing", fields[1].start)
    hashes = tuple(_hash(entry) for entry in fields[2].expect(SEQUENCE).children(DATA_GROUPS))
    numbers = [number for number, _ in hashes]
    if not hashes or len(set(numbers)) != len(numbers):
        raise DataError("no data group listed, or one listed twice", fields[2].start)
    lds_version, unicode_version = _versions(fields[3]) if len(fields) == 4 else (None, None)
    return LdsSecurityObject(version, decode_oid(algorithm[0]), hashes, lds_version, unicode_version)


def _hash(entry: Element) -> tuple[int, bytes]:
    parts = entry.expect(SEQUENCE).children(2)
    if len(parts) != 2:
        raise DataError("data-group digest with missing elements", entry.start)
    number = decode_natural(parts[0], 1)
    digest = parts[1].expect(OCTET_STRING)
    if not 1 <= number <= DATA_GROUPS or not 1 <= len(digest) <= MAX_DIGEST_BYTES:
        raise DataError("no such data group or digest", entry.start)
    return number, digest.value


def _versions(element: Element) -> tuple[str, str]:
    parts = element.expect(SEQUENCE).children(2)
    if len(parts) != 2:
        raise DataError("LDS version with missing elements", element.start)
    return _version(parts[0]), _version(parts[1])


def _version(element: Element) -> str:
    value = element.expect(PRINTABLE_STRING).value
    if not 1 <= len(value) <= 16 or not all(byte in b"0123456789." for byte in value):
        raise DataError("version of another form", element.start)
    return value.decode("ascii")

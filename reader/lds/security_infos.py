"""SecurityInfos: what the chip says it can do, in EF.CardAccess and DG14 (ICAO 9303-11 §9.2, BSI TR-03110-3 §A.1).

EF.CardAccess is unsigned and read before anything protects the channel, so what it says only chooses how to go on; the
signed DG14 must later hold the same. For that comparison the exact bytes of each info are kept in ``infos``.

A file that is cut short, has bytes after its end, or is a SEQUENCE where a SET belongs still yields the infos that can
be read; what was wrong is listed in ``defects`` for the structure check to judge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from reader.errors import DataError
from reader.iso7816.tlv import read_header
from reader.lds.asn1 import (
    OCTET_STRING,
    SEQUENCE,
    SET,
    Element,
    decode_natural,
    decode_oid,
    walk,
)

__all__ = [
    "ActiveAuthenticationInfo",
    "ChipAuthenticationInfo",
    "ChipAuthenticationPublicKey",
    "PaceInfo",
    "SecurityInfos",
    "StructureDefect",
    "TerminalAuthenticationInfo",
    "parse_dg14",
    "parse_security_infos",
]

MAX_FILE_BYTES = 64 * 1024
MAX_INFOS = 64
DG14_TAG = 0x6E

ID_PK = "0.4.0.127.0.7.2.2.1"
ID_TA = "0.4.0.127.0.7.2.2.2"
ID_CA = "0.4.0.127.0.7.2.2.3"
ID_PACE = "0.4.0.127.0.7.2.2.4"
ID_AA = "2.23.136.1.1.5"


class StructureDefect(StrEnum):
    """Name what is wrong with the encoding of a file whose infos could be read all the same."""

    NOT_A_SET = "not-a-set"
    TRAILING_BYTES = "trailing-bytes"
    CUT_SHORT = "cut-short"
    UNREADABLE_INFO = "unreadable-info"
    REPEATED_INFO = "repeated-info"
    NOT_ORDERED = "not-ordered"


@dataclass(frozen=True, slots=True)
class PaceInfo:
    """Hold one PACEInfo (§9.2.1); ``parameter_id`` names standardised domain parameters; ``raw`` is the whole info."""

    oid: str
    version: int
    parameter_id: int | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class ChipAuthenticationInfo:
    """Hold one ChipAuthenticationInfo (§9.2.5)."""

    oid: str
    version: int
    key_id: int | None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationPublicKey:
    """Hold one ChipAuthenticationPublicKeyInfo (§9.2.6); ``spki`` is the SubjectPublicKeyInfo as it stands."""

    protocol_oid: str
    spki: bytes
    key_id: int | None


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationInfo:
    """Hold the ActiveAuthenticationInfo of a chip that signs with ECDSA (§9.2.4)."""

    signature_algorithm_oid: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class TerminalAuthenticationInfo:
    """Hold one TerminalAuthenticationInfo (§9.2.8); file and short identifier of EF.CVCA where the chip tells them."""

    oid: str
    version: int
    cvca_fid: bytes | None = None
    cvca_sfi: int | None = None


@dataclass(frozen=True, slots=True)
class SecurityInfos:
    """Hold every SecurityInfo of one file, sorted by protocol.

    ``infos`` are the exact bytes of each info in the order of the file. ``pace_domain_parameters`` (explicit, never to
    be used unseen, §9.2.2), ``unknown`` and ``unreadable`` are raw infos.
    """

    infos: tuple[bytes, ...]
    pace: tuple[PaceInfo, ...] = ()
    pace_domain_parameters: tuple[bytes, ...] = ()
    chip_authentication: tuple[ChipAuthenticationInfo, ...] = ()
    chip_public_keys: tuple[ChipAuthenticationPublicKey, ...] = ()
    active_authentication: ActiveAuthenticationInfo | None = None
    terminal_authentication: tuple[TerminalAuthenticationInfo, ...] = ()
    unknown: tuple[bytes, ...] = ()
    unreadable: tuple[bytes, ...] = ()
    defects: tuple[StructureDefect, ...] = ()


def parse_security_infos(raw: bytes) -> SecurityInfos:
    """Parse a SET OF SecurityInfo, as EF.CardAccess is.

    Raise DataError for more than 64 KiB or 64 infos, and where not even the outer header can be read.
    """
    return _parse(raw, 0)


def parse_dg14(raw: bytes) -> SecurityInfos:
    """Parse DG14: SecurityInfos under tag 6E (ICAO 9303-10 §4.7.14); raise DataError as ``parse_security_infos``."""
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("DG14 of more than 64 KiB")
    tag, header, length = read_header(raw)
    if tag != DG14_TAG:
        raise DataError("not DG14: tag 6E is needed", 0)
    found = _parse(raw[: header + length], header)
    if header + length == len(raw):
        return found
    defect = StructureDefect.TRAILING_BYTES if header + length < len(raw) else StructureDefect.CUT_SHORT
    return replace(found, defects=tuple(dict.fromkeys((*found.defects, defect))))


def _parse(raw: bytes, offset: int) -> SecurityInfos:
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("SecurityInfos of more than 64 KiB")
    tag, header, length = read_header(raw, offset)
    if tag not in (SET, SEQUENCE):
        raise DataError(f"tag {tag:02X} where SecurityInfos begin", offset)
    begin = offset + header
    end = min(begin + length, len(raw))
    collected = _Collector()
    if tag != SET:
        collected.defects.append(StructureDefect.NOT_A_SET)
    if begin + length < len(raw):
        collected.defects.append(StructureDefect.TRAILING_BYTES)
    cut_short = begin + length > len(raw)
    try:
        for element in walk(raw, begin, end, MAX_INFOS):
            collected.add(element)
    except DataError:
        if len(collected.infos) >= MAX_INFOS:
            raise
        cut_short = True
    if cut_short:
        collected.defects.append(StructureDefect.CUT_SHORT)
    return collected.finish()


class _Collector:
    """Sort infos by protocol while one file is walked."""

    def __init__(self) -> None:
        self.infos: list[bytes] = []
        self.pace: list[PaceInfo] = []
        self.domain_parameters: list[bytes] = []
        self.chip: list[ChipAuthenticationInfo] = []
        self.keys: list[ChipAuthenticationPublicKey] = []
        self.active: list[ActiveAuthenticationInfo] = []
        self.terminal: list[TerminalAuthenticationInfo] = []
        self.unknown: list[bytes] = []
        self.unreadable: list[bytes] = []
        self.defects: list[StructureDefect] = []

    def add(self, element: Element) -> None:
        """Sort one info; an info that its protocol cannot read is kept as unreadable, and the others go on."""
        self.infos.append(element.raw)
        try:
            fields = element.expect(SEQUENCE).children(8)
            if not fields:
                raise DataError("empty SecurityInfo", element.start)
            self._sort(decode_oid(fields[0]), fields, element)
        except DataError:
            self.unreadable.append(element.raw)
            self.defects.append(StructureDefect.UNREADABLE_INFO)

    def _sort(self, oid: str, fields: tuple[Element, ...], element: Element) -> None:
        below_pace = _arcs_below(oid, ID_PACE)
        if below_pace == 2:
            version, parameter_id = _version_and_id(fields)
            self.pace.append(PaceInfo(oid, version, parameter_id, element.raw))
        elif below_pace == 1:
            self.domain_parameters.append(element.raw)
        elif _arcs_below(oid, ID_CA) == 2:
            self.chip.append(ChipAuthenticationInfo(oid, *_version_and_id(fields)))
        elif _arcs_below(oid, ID_PK) == 1:
            self.keys.append(_public_key(oid, fields))
        elif oid == ID_AA:
            _required(fields, 3)
            self.active.append(ActiveAuthenticationInfo(decode_oid(fields[2]), decode_natural(fields[1])))
        elif oid == ID_TA:
            self.terminal.append(_terminal_authentication(oid, fields))
        else:
            self.unknown.append(element.raw)

    def finish(self) -> SecurityInfos:
        """Freeze what was found."""
        if len(set(self.infos)) != len(self.infos) or len(set(self.active)) > 1:
            self.defects.append(StructureDefect.REPEATED_INFO)
        if self.infos != sorted(self.infos):
            self.defects.append(StructureDefect.NOT_ORDERED)
        return SecurityInfos(
            infos=tuple(self.infos),
            pace=tuple(self.pace),
            pace_domain_parameters=tuple(self.domain_parameters),
            chip_authentication=tuple(self.chip),
            chip_public_keys=tuple(self.keys),
            active_authentication=self.active[0] if self.active else None,
            terminal_authentication=tuple(self.terminal),
            unknown=tuple(self.unknown),
            unreadable=tuple(self.unreadable),
            defects=tuple(dict.fromkeys(self.defects)),
        )


def _arcs_below(oid: str, parent: str) -> int:
    """Return how many arcs ``oid`` has below ``parent``; 0 where it is not below it."""
    return oid[len(parent) :].count(".") if oid.startswith(parent + ".") else 0


def _required(fields: tuple[Element, ...], least: int, most: int | None = None) -> tuple[Element, ...]:
    if not least <= len(fields) <= (most or least):
        raise DataError("SecurityInfo with missing or surplus elements", fields[0].start)
    return fields


def _version_and_id(fields: tuple[Element, ...]) -> tuple[int, int | None]:
    _required(fields, 2, 3)
    version = decode_natural(fields[1])
    return version, decode_natural(fields[2]) if len(fields) == 3 else None


def _public_key(oid: str, fields: tuple[Element, ...]) -> ChipAuthenticationPublicKey:
    _required(fields, 2, 3)
    key_id = decode_natural(fields[2]) if len(fields) == 3 else None
    return ChipAuthenticationPublicKey(oid, fields[1].expect(SEQUENCE).raw, key_id)


def _terminal_authentication(oid: str, fields: tuple[Element, ...]) -> TerminalAuthenticationInfo:
    _required(fields, 2, 3)
    version = decode_natural(fields[1])
    if len(fields) == 2:
        return TerminalAuthenticationInfo(oid, version)
    file_id = _required(fields[2].expect(SEQUENCE).children(2), 1, 2)
    fid = file_id[0].expect(OCTET_STRING)
    if len(fid) != 2:
        raise DataError("file identifier of other than two bytes", fid.start)
    if len(file_id) == 1:
        return TerminalAuthenticationInfo(oid, version, fid.value)
    sfi = file_id[1].expect(OCTET_STRING)
    if len(sfi) != 1:
        raise DataError("short file identifier of other than one byte", sfi.start)
    return TerminalAuthenticationInfo(oid, version, fid.value, sfi.value[0])

"""Selecting and reading files as the chip does it (ICAO 9303-10 §3.6)."""

from __future__ import annotations

from collections.abc import Callable

from mock_cards.image import CardImage, ElementaryFile, ReadRule
from mock_cards.refusal import Refused
from reader.errors import DataError
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU, encode, parse_all

__all__ = ["EMRTD_APPLICATION", "FileSystem"]

EMRTD_APPLICATION = bytes.fromhex("A0000002471001")

_MF = b"\x3f\x00"
_SELECT = "ICAO 9303-10 §3.6.1"
_SELECT_EF = "ICAO 9303-10 §3.6.2"
_READ = "ICAO 9303-10 §3.6.3"
_READ_ODD = "ICAO 9303-10 §3.6.6"
_STATUS = "ICAO 9303-11 §4.4.2"
_LONGEST_OFFSET = 4

_FileTest = Callable[[ElementaryFile], bool]


class FileSystem:
    """Hold the files of a card, which application is selected, and which EF is current.

    Every method is told whether a session of secure messaging stands: that is what opens files of rule SESSION.
    """

    def __init__(self, image: CardImage) -> None:
        self._image = image
        self._in_application = False
        self._current: ElementaryFile | None = None

    @property
    def in_application(self) -> bool:
        """Tell whether the eMRTD application is selected; else the MF is."""
        return self._in_application

    @property
    def current_fid(self) -> int | None:
        """Return the file identifier of the current EF."""
        return self._current.fid if self._current else None

    def deselect(self) -> None:
        """Forget the current EF, as happens when a session ends."""
        self._current = None

    def select(self, command: CommandAPDU, *, session: bool) -> ResponseAPDU:
        """Take SELECT: the MF, the application by its name, or an EF under what is selected."""
        if command.p1 == 0x04:
            return self._select_application(command)
        if command.p1 == 0x00:
            return self._select_master(command)
        if command.p1 != 0x02:
            raise Refused(SW.WRONG_P1P2, _SELECT, "P1 selects nothing that a document has")
        if command.p2 != 0x0C:
            raise Refused(SW.WRONG_P1P2, _SELECT_EF, "P2 is 0C: no answer data")
        if len(command.data) != 2:
            raise Refused(SW.WRONG_LENGTH, _SELECT_EF, "a file identifier is two bytes")
        fid = int.from_bytes(command.data, "big")
        self._current = self._open(lambda file: file.fid == fid, session=session)
        return ResponseAPDU(b"", SW.OK)

    def read(self, command: CommandAPDU, room: int, *, session: bool) -> ResponseAPDU:
        """Take READ BINARY, even or odd; answer at most ``room`` bytes of data."""
        if not command.ne:
            raise Refused(SW.WRONG_LENGTH, _READ, "Le is missing")
        if command.ins & 1:
            return self._read_odd(command, room, session=session)
        if command.data:
            raise Refused(SW.WRONG_LENGTH, _READ, "READ BINARY with even INS takes no data")
        if command.p1 & 0x80:
            self._current = self._open_short(command.p1, session=session)
            offset = command.p2
        else:
            offset = command.p1 << 8 | command.p2
        content = self._readable(session=session)
        return _slice(content, offset, command.ne, room)

    def _select_application(self, command: CommandAPDU) -> ResponseAPDU:
        if command.p2 not in (0x00, 0x0C):
            raise Refused(SW.WRONG_P1P2, _SELECT, "P2 is 0C")
        if command.data != EMRTD_APPLICATION:
            raise Refused(SW.FILE_NOT_FOUND, _SELECT, "no such application")
        self._in_application = True
        self._current = None
        name = encode(0x6F, encode(0x84, EMRTD_APPLICATION)) if command.p2 == 0x00 and command.ne else b""
        return ResponseAPDU(name, SW.OK)

    def _select_master(self, command: CommandAPDU) -> ResponseAPDU:
        if not self._image.profile.select_mf:
            # What Vietnamese cards are seen to answer; the standard recommends terminals not to try (§3.6.1.1).
            raise Refused(SW.INS_NOT_SUPPORTED, "ICAO 9303-10 §3.6.1.1", "this chip knows no SELECT MF")
        if command.data not in (b"", _MF):
            raise Refused(SW.FILE_NOT_FOUND, "ICAO 9303-10 §3.6.1.1", "only the MF is selected so")
        self._in_application = False
        self._current = None
        return ResponseAPDU(b"", SW.OK)

    def _open_short(self, p1: int, *, session: bool) -> ElementaryFile:
        if p1 & 0x60 or not 1 <= p1 & 0x1F <= 30:
            raise Refused(SW.WRONG_P1P2, "ICAO 9303-10 §3.6.3.2", "P1 is 100 and a short identifier from 1 to 30")
        return self._open(lambda file: file.sfi == p1 & 0x1F, session=session)

    def _open(self, wanted: _FileTest, *, session: bool) -> ElementaryFile:
        if self._in_application and not session:
            # Whether the file exists is not told either.
            raise Refused(SW.SECURITY_STATUS, _STATUS, "no access before BAC or PACE")
        for file in self._image.application if self._in_application else self._image.master:
            if wanted(file):
                _check_rule(file, session=session)
                return file
        raise Refused(SW.FILE_NOT_FOUND, _SELECT_EF, "no such file")

    def _readable(self, *, session: bool) -> bytes:
        if self._in_application and not session:
            raise Refused(SW.SECURITY_STATUS, _STATUS, "no access before BAC or PACE")
        if self._current is None:
            raise Refused(SW.NO_CURRENT_EF, _READ, "no EF is selected")
        _check_rule(self._current, session=session)
        return self._current.content

    def _read_odd(self, command: CommandAPDU, room: int, *, session: bool) -> ResponseAPDU:
        reference = command.p1 << 8 | command.p2
        if 0 < reference <= 0x1F:
            self._current = self._open_short(0x80 | reference, session=session)
        elif reference:
            self._current = self._open(lambda file: file.fid == reference, session=session)
        content = self._readable(session=session)
        offset = _read_offset(command.data)
        # The answer is one object 53, whose header counts against Le too.
        limit = min(room, command.ne)
        inner = max(min(limit - 2, 127), min(limit - 3, 255), min(limit - 4, 65535))
        if inner <= 0:
            raise Refused(SW.WRONG_LENGTH, _READ_ODD, "Le leaves no room for object 53")
        wants_all = command.ne in (256, 65536)
        part = _slice(content, offset, command.ne if wants_all else inner, inner)
        return ResponseAPDU(encode(0x53, part.data), part.sw)


def _check_rule(file: ElementaryFile, *, session: bool) -> None:
    if file.rule is ReadRule.TERMINAL:
        raise Refused(SW.SECURITY_STATUS, "ICAO 9303-11 §7.1", "needs Terminal Authentication")
    if file.rule is ReadRule.SESSION and not session:
        raise Refused(SW.SECURITY_STATUS, _STATUS, "no access before BAC or PACE")


def _read_offset(data: bytes) -> int:
    try:
        objects = tuple(parse_all(data))
    except DataError:
        objects = ()
    if len(objects) != 1 or objects[0].tag != 0x54 or not 1 <= len(objects[0].value) <= _LONGEST_OFFSET:
        raise Refused(SW.WRONG_DATA, _READ_ODD, "the offset is one object 54")
    return int.from_bytes(objects[0].value, "big")


def _slice(content: bytes, offset: int, ne: int, room: int) -> ResponseAPDU:
    """Return the bytes from ``offset``, and 6282 where the file ends before as many as asked for.

    Le of zeros asks for all there is, so that the end of the file is no warning then (ISO/IEC 7816-4 §11.3.3).
    """
    if offset >= len(content):
        raise Refused(SW.WRONG_OFFSET, _READ, "the offset lies behind the end of the file")
    data = content[offset : offset + min(ne, room)]
    asked_for_all = ne in (256, 65536)
    ended = offset + len(data) == len(content) and len(data) < ne and not asked_for_all
    return ResponseAPDU(data, SW.END_OF_FILE if ended else SW.OK)

"""Selecting files as the chip does it, and who may read them (ICAO 9303-10 §3.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mock_cards.chip.reading import cut_out, cut_out_object, read_offset
from mock_cards.genuine import TrustStore
from mock_cards.image import CardImage, ElementaryFile, ReadRule, Right
from mock_cards.refusal import Refused
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU, encode

__all__ = ["EMRTD_APPLICATION", "FileAccess", "FileSystem"]

EMRTD_APPLICATION = bytes.fromhex("A0000002471001")

_MF = b"\x3f\x00"
_CVCA_FID, _CVCA_SFI = 0x011C, 0x1C
_ALL_EQUAL = 0x1F  # five bits that are all equal name no short identifier (ISO/IEC 7816-4 §11.3)
_SELECT = "ICAO 9303-10 §3.6.1"
_SELECT_EF = "ICAO 9303-10 §3.6.2"
_READ = "ICAO 9303-10 §3.6.3"
_STATUS = "ICAO 9303-11 §4.4.2"

_FileTest = Callable[[ElementaryFile], bool]


@dataclass(frozen=True, slots=True)
class FileAccess:
    """Say what opens files now: a session of secure messaging, how it began, and an authenticated terminal's rights."""

    session: bool
    pace: bool = False
    rights: Right = Right.NONE


class FileSystem:
    """Hold the files of a card, which application is selected, and which EF is current."""

    def __init__(self, image: CardImage, trust: TrustStore) -> None:
        self._image = image
        self._trust = trust
        self._application: bytes | None = None
        self._current: ElementaryFile | None = None

    @property
    def in_application(self) -> bool:
        """Tell whether an application is selected; else the MF is."""
        return self._application is not None

    @property
    def current_fid(self) -> int | None:
        """Return the file identifier of the current EF."""
        return self._current.fid if self._current else None

    def deselect(self) -> None:
        """Forget the current EF, as happens when a session ends."""
        self._current = None

    def select(self, command: CommandAPDU, access: FileAccess) -> ResponseAPDU:
        """Take SELECT: the MF, an application by its name, or an EF under what is selected."""
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
        self._current = self._open(lambda file: file.fid == fid, access)
        return ResponseAPDU(b"", SW.OK)

    def read(self, command: CommandAPDU, room: int, access: FileAccess) -> ResponseAPDU:
        """Take READ BINARY, even or odd; answer at most ``room`` bytes of data."""
        if not command.ne:
            raise Refused(SW.WRONG_LENGTH, _READ, "Le is missing")
        if command.ins & 1:
            return self._read_odd(command, room, access)
        if command.data:
            raise Refused(SW.WRONG_LENGTH, _READ, "READ BINARY with even INS takes no data")
        if command.p1 & 0x80:
            file, offset = self._open_short(command.p1, access), command.p2
        else:
            file, offset = self._readable(access), command.p1 << 8 | command.p2
        answer = cut_out(file.content, offset, command.ne, room, self._image.profile.manners)
        # A file becomes the current one by a read that succeeds, and not by one that is refused (ISO/IEC 7816-4 §11.3).
        self._current = file
        return answer

    def _select_application(self, command: CommandAPDU) -> ResponseAPDU:
        if command.p2 not in (0x00, 0x0C):
            raise Refused(SW.WRONG_P1P2, _SELECT, "P2 is 0C")
        profile = self._image.profile
        known = (*((EMRTD_APPLICATION,) if profile.emrtd else ()), *profile.applications)
        if command.data not in known:
            raise Refused(SW.FILE_NOT_FOUND, _SELECT, "no such application")
        self._application = command.data
        self._current = None
        name = encode(0x6F, encode(0x84, command.data)) if command.p2 == 0x00 and command.ne else b""
        return ResponseAPDU(name, SW.OK)

    def _select_master(self, command: CommandAPDU) -> ResponseAPDU:
        if not self._image.profile.select_mf:
            # What Vietnamese cards are seen to answer; the standard recommends terminals not to try (§3.6.1.1).
            raise Refused(SW.INS_NOT_SUPPORTED, "ICAO 9303-10 §3.6.1.1", "this chip knows no SELECT MF")
        if command.data not in (b"", _MF):
            raise Refused(SW.FILE_NOT_FOUND, "ICAO 9303-10 §3.6.1.1", "only the MF is selected so")
        self._application = None
        self._current = None
        return ResponseAPDU(b"", SW.OK)

    def _open_short(self, p1: int, access: FileAccess) -> ElementaryFile:
        if not self._image.profile.manners.sfi:
            raise Refused(
                SW.WRONG_P1P2, "ICAO 9303-10 §3.6.3", "this chip has no short identifiers, against the standard"
            )
        if p1 & 0x60 or not 1 <= p1 & 0x1F <= 30:
            raise Refused(SW.WRONG_P1P2, "ICAO 9303-10 §3.6.3.2", "P1 is 100 and a short identifier from 1 to 30")
        return self._open(lambda file: file.sfi == p1 & 0x1F, access)

    def _open(self, wanted: _FileTest, access: FileAccess) -> ElementaryFile:
        if self.in_application and not access.session:
            # Whether the file exists is not told either.
            raise Refused(SW.SECURITY_STATUS, _STATUS, "no access before BAC or PACE")
        for file in self._files():
            if wanted(file):
                _check_rule(file, access)
                return file
        raise Refused(SW.FILE_NOT_FOUND, _SELECT_EF, "no such file")

    def _files(self) -> tuple[ElementaryFile, ...]:
        """Return the files under what is selected; EF.CVCA is as the trust points are now (9303-11 §K.2)."""
        if self._application is None:
            return self._image.master
        if self._application != EMRTD_APPLICATION:
            return ()
        if not self._image.profile.terminal_authentication:
            return self._image.application
        own = ElementaryFile(_CVCA_FID, _CVCA_SFI, self._trust.file(), ReadRule.SESSION)
        return (*self._image.application, own)

    def _readable(self, access: FileAccess) -> ElementaryFile:
        if self.in_application and not access.session:
            raise Refused(SW.SECURITY_STATUS, _STATUS, "no access before BAC or PACE")
        if self._current is None:
            raise Refused(SW.NO_CURRENT_EF, _READ, "no EF is selected")
        _check_rule(self._current, access)
        return self._current

    def _read_odd(self, command: CommandAPDU, room: int, access: FileAccess) -> ResponseAPDU:
        manners = self._image.profile.manners
        if not manners.odd_read:
            raise Refused(SW.INS_NOT_SUPPORTED, "ICAO 9303-10 §3.6.6", "this chip has no file that needs the odd INS")
        reference = command.p1 << 8 | command.p2
        if 0 < reference < _ALL_EQUAL:
            file = self._open_short(0x80 | reference, access)
        elif reference:
            file = self._open(lambda file: file.fid == reference, access)
        else:
            file = self._readable(access)
        answer = cut_out_object(file.content, read_offset(command.data), command.ne, room, manners)
        self._current = file
        return answer


def _check_rule(file: ElementaryFile, access: FileAccess) -> None:
    if file.rule is ReadRule.TERMINAL and not file.right & access.rights:
        raise Refused(SW.SECURITY_STATUS, "ICAO 9303-11 §7.1.3", "needs Terminal Authentication with the right to it")
    if file.rule is ReadRule.PACE and not access.pace:
        raise Refused(SW.SECURITY_STATUS, "ICAO 9303-10 §3.11.4", "readable after PACE only")
    if file.rule is ReadRule.SESSION and not access.session:
        raise Refused(SW.SECURITY_STATUS, _STATUS, "no access before BAC or PACE")

"""What of a card's commands may be written down: names and lengths in the place of secrets and personal data.

Shown are the files that any reader may have without a password, the head of every other file (its tag and length,
which tell why a reading went as it went), and what selects files and protocols. All else is a name and a length: nonces
and keys, cryptograms, certificates, signatures, and every file's content, EF.SOD included, since hashes of few possible
data give the data away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reader.errors import DataError
from reader.files.layout import EMRTD_AID, Application, FileId
from reader.iso7816 import SW, TLV, CommandAPDU, ResponseAPDU, parse, parse_all

__all__ = ["SecretsByName"]

_SELECT, _READ, _READ_ODD, _MANAGE, _GENERAL = 0xA4, 0xB0, 0xB1, 0x22, 0x86
_OPEN_FILES = frozenset({FileId.CARD_ACCESS, FileId.ATR_INFO, FileId.DIR})
_LONGEST_REFERENCE = 24
_MANAGED_IN_PLAIN = frozenset({0x80, 0x84})
_PASSWORD_REFERENCE, _LONGEST_PASSWORD_REFERENCE = 0x83, 1

_COMMAND_NAMES = {
    0x20: "password",
    0x24: "password",
    0x2C: "password",
    0x2A: "certificate",
    0x82: "authentication",
    0x88: "challenge",
}
_ANSWER_NAMES = {0x82: "authentication", 0x84: "nonce", 0x88: "signature"}
_SENT_NAMES = {0x80: "ephemeral key", 0x81: "mapping key", 0x83: "ephemeral key", 0x85: "token"}
_GIVEN_NAMES = {
    0x80: "nonce",
    0x82: "mapping key",
    0x84: "ephemeral key",
    0x86: "token",
    0x8A: "chip authentication data",
}


class SecretsByName:
    """Redact the commands of one connection to one card (``reader.iso7816.Redaction``).

    Follows which file is current.
    """

    def __init__(self) -> None:
        self._application = Application.MASTER_FILE
        self._current: FileId | None = None
        self._head = b""

    def command(self, command: CommandAPDU) -> str:
        """Return what to write of the data field of ``command``."""
        if not command.data:
            return ""
        if command.ins in (_SELECT, _READ_ODD):
            return _hex(command.data) if len(command.data) <= _LONGEST_REFERENCE else _named("data", command.data)
        if command.ins == _MANAGE:
            return _objects(command.data, _managed)
        if command.ins == _GENERAL:
            return _dynamic(command.data, _SENT_NAMES)
        return _named(_COMMAND_NAMES.get(command.ins, "data"), command.data)

    def answer(self, command: CommandAPDU, answer: ResponseAPDU) -> str:
        """Return what to write of the answer to ``command``."""
        if command.ins == _SELECT:
            self._follow_select(command, answer.sw)
            return _named("file control", answer.data)
        if command.ins in (_READ, _READ_ODD):
            return self._content(command, answer)
        if command.ins == _GENERAL:
            return _dynamic(answer.data, _GIVEN_NAMES)
        return _named(_ANSWER_NAMES.get(command.ins, "data"), answer.data)

    def _follow_select(self, command: CommandAPDU, sw: int) -> None:
        self._become_current(None)
        if sw != SW.OK:
            return
        if command.p1 == 0x04:
            known = command.data == EMRTD_AID
            self._application = Application.EMRTD if known else Application.MASTER_FILE
        elif command.p1 == 0x00:
            self._application = Application.MASTER_FILE
        else:
            self._become_current(self._find(lambda file: file.fid == command.data))

    def _content(self, command: CommandAPDU, answer: ResponseAPDU) -> str:
        """Write an open file as it is, of another one its head and then its name."""
        data, around, offset = answer.data, "", command.p1 << 8 | command.p2
        if command.ins == _READ_ODD:
            offset = _offset_of(command.data)
            data, around = _unwrap(data)
        elif command.p1 & 0x80:
            offset = command.p2
            self._become_current(self._find(lambda file: file.sfi == command.p1 & 0x1F))
        if self._current in _OPEN_FILES:
            return around + _hex(data)
        shown = self._head_in(data, offset)
        name = self._current.label if self._current is not None else "file"
        return around + _hex(data[:shown]) + _named(name, data[shown:])

    def _head_in(self, data: bytes, offset: int) -> int:
        """Return how many of the first bytes of ``data`` belong to the head of the current file."""
        if self._current is None or offset != len(self._head):
            return 0
        shown = 0
        for byte in data:
            if _is_whole_head(self._head):
                break
            self._head += bytes((byte,))
            shown += 1
        return shown

    def _become_current(self, file: FileId | None) -> None:
        self._current = file
        self._head = b""

    def _find(self, wanted: Callable[[FileId], bool]) -> FileId | None:
        return next((file for file in FileId if file.application is self._application and wanted(file)), None)


def _is_whole_head(head: bytes) -> bool:
    """Tell whether tag and length are complete, at most seven bytes of them."""
    position = 1
    if head[:1] and head[0] & 0x1F == 0x1F:
        position = 2
    if len(head) <= position:
        return False
    more = head[position] & 0x7F if head[position] & 0x80 else 0
    return len(head) >= min(7, position + 1 + more)


def _managed(tlv: TLV) -> str:
    """Write what names protocols, keys and passwords; a key itself, as in MSE:Set KAT, only by its length."""
    short = len(tlv.value) <= _LONGEST_REFERENCE
    if tlv.tag in _MANAGED_IN_PLAIN and short:
        return _hex(tlv.value)
    if tlv.tag == _PASSWORD_REFERENCE and len(tlv.value) <= _LONGEST_PASSWORD_REFERENCE:
        return _hex(tlv.value)
    return _named("reference" if tlv.tag == _PASSWORD_REFERENCE else "key", tlv.value)


def _dynamic(data: bytes, names: Mapping[int, str]) -> str:
    """Write dynamic authentication data as their objects, values by name (ICAO 9303-11 §4.4.4.2)."""
    return _objects(
        data, lambda outer: _objects(outer.value, lambda tlv: _named(names.get(tlv.tag, "data"), tlv.value))
    )


def _objects(data: bytes, value: Callable[[TLV], str]) -> str:
    """Write data objects, their heads as they are and their values by ``value``; bytes that are none by length only."""
    try:
        objects = list(parse_all(data))
    except DataError:
        return _named("data", data)
    return "".join(_hex(data[tlv.start : tlv.start + tlv.header]) + value(tlv) for tlv in objects)


def _offset_of(data: bytes) -> int:
    try:
        return int.from_bytes(parse(data).value, "big")
    except DataError:
        return 0


def _unwrap(data: bytes) -> tuple[bytes, str]:
    """Return what DO53 holds, and its head in hexadecimal digits."""
    try:
        tlv = parse(data)
    except DataError:
        return data, ""
    return (tlv.value, _hex(data[: tlv.header])) if tlv.end == len(data) else (data, "")


def _hex(data: bytes) -> str:
    return data.hex().upper()


def _named(name: str, data: bytes) -> str:
    return f"<{name}:{len(data)}>" if data else ""

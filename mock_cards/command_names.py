"""Commands by name, for people who look on: by ISO/IEC 7816-4 and what eMRTDs make of it."""

from __future__ import annotations

__all__ = ["name_of"]

_NAMES = {
    0x0E: "ERASE BINARY",
    0x20: "VERIFY",
    0x22: "MANAGE SECURITY ENVIRONMENT",
    0x24: "CHANGE REFERENCE DATA",
    0x2A: "PERFORM SECURITY OPERATION",
    0x2C: "RESET RETRY COUNTER",
    0x82: "EXTERNAL AUTHENTICATE",
    0x84: "GET CHALLENGE",
    0x86: "GENERAL AUTHENTICATE",
    0x88: "INTERNAL AUTHENTICATE",
    0xA4: "SELECT",
    0xB0: "READ BINARY",
    0xB1: "READ BINARY",
    0xC0: "GET RESPONSE",
    0xCA: "GET DATA",
    0xCB: "GET DATA",
    0xD6: "UPDATE BINARY",
}
_SELECTED = {0x00: "by file identifier", 0x02: "EF by file identifier", 0x04: "application", 0x0C: ""}
_READ_BINARY, _SELECT = 0xB0, 0xA4
_SHORT_IDENTIFIER = 0x80


def name_of(header: bytes) -> str:
    """Return the name of the command whose four header bytes are ``header``, with what P1-P2 say where that helps."""
    _, ins, p1, p2 = header
    name = _NAMES.get(ins, f"INS {ins:02X}")
    if ins == _READ_BINARY:
        place = f"SFI {p1 & 0x1F:02X} at {p2}" if p1 & _SHORT_IDENTIFIER else f"at {p1 << 8 | p2}"
        return f"{name} {place}"
    if ins == _SELECT:
        return f"{name} {_SELECTED.get(p1, '')}".rstrip()
    return name

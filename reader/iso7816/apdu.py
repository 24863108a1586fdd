"""Command and response APDUs, encoded and decoded in all four cases (ISO/IEC 7816-4 §5.2, 7816-3 §12.1)."""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError

__all__ = ["CommandAPDU", "ResponseAPDU"]

SHORT_DATA = 255
SHORT_NE = 256
EXTENDED_DATA = 65535
EXTENDED_NE = 65536


@dataclass(frozen=True, slots=True, repr=False)
class CommandAPDU:
    """Hold one command: header, data field and ``ne``, the number of answer bytes expected (0 for none).

    ``extended`` forces the extended encoding where the short one would do; without it the shortest that fits is
    taken. ``repr`` shows header and lengths only: the data of a command may be a secret.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    ne: int = 0
    extended: bool = False

    def __post_init__(self) -> None:
        """Refuse a header byte, data length or ``ne`` that no encoding can hold."""
        if not all(0 <= byte <= 0xFF for byte in (self.cla, self.ins, self.p1, self.p2)):
            raise ValueError("header bytes are 0..255")
        if len(self.data) > EXTENDED_DATA or not 0 <= self.ne <= EXTENDED_NE:
            raise ValueError("data at most 65535 bytes, ne at most 65536")

    @property
    def header(self) -> bytes:
        """Return CLA INS P1 P2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def is_extended(self) -> bool:
        """Tell whether the encoding uses extended length fields."""
        return self.extended or len(self.data) > SHORT_DATA or self.ne > SHORT_NE

    def to_bytes(self) -> bytes:
        """Encode as case 1, 2, 3 or 4, short or extended."""
        if not self.data and not self.ne:
            return self.header
        if self.is_extended:
            return self._to_extended()
        lc = bytes((len(self.data),)) + self.data if self.data else b""
        le = bytes((self.ne & 0xFF,)) if self.ne else b""
        return self.header + lc + le

    def _to_extended(self) -> bytes:
        lc = b"\x00" + len(self.data).to_bytes(2, "big") + self.data if self.data else b""
        # Without a data field the three-byte Le carries the leading zero itself (ISO/IEC 7816-4 §5.2).
        le = (b"" if self.data else b"\x00") + (self.ne & 0xFFFF).to_bytes(2, "big") if self.ne else b""
        return self.header + lc + le

    @classmethod
    def from_bytes(cls, raw: bytes) -> CommandAPDU:
        """Decode a command as a card receives it; raise DataError where the lengths do not add up."""
        if len(raw) < 4:
            raise DataError("command shorter than its header", len(raw))
        cla, ins, p1, p2 = raw[:4]
        data, ne, extended = _read_body(raw[4:])
        return cls(cla, ins, p1, p2, data, ne, extended)

    def __repr__(self) -> str:
        """Show header and lengths, never data."""
        return f"CommandAPDU({self.header.hex().upper()} Lc={len(self.data)} Ne={self.ne})"


def _read_body(body: bytes) -> tuple[bytes, int, bool]:
    """Return data field, ``ne`` and whether the length fields are extended (ISO/IEC 7816-4 §5.2)."""
    if not body:
        return b"", 0, False
    if len(body) == 1:
        return b"", body[0] or SHORT_NE, False
    if body[0]:
        return _read_short(body)
    return _read_extended(body)


def _read_short(body: bytes) -> tuple[bytes, int, bool]:
    lc = body[0]
    data, rest = body[1 : 1 + lc], body[1 + lc :]
    if len(data) < lc or len(rest) > 1:
        raise DataError("Lc does not fit the command", 4)
    return data, (rest[0] or SHORT_NE) if rest else 0, False


def _read_extended(body: bytes) -> tuple[bytes, int, bool]:
    if len(body) < 3:
        raise DataError("extended length field cut short", 4)
    length = int.from_bytes(body[1:3], "big")
    if len(body) == 3:
        return b"", length or EXTENDED_NE, True
    data, rest = body[3 : 3 + length], body[3 + length :]
    if not length or len(data) < length or len(rest) not in (0, 2):
        raise DataError("extended Lc does not fit the command", 4)
    return data, (int.from_bytes(rest, "big") or EXTENDED_NE) if rest else 0, True


@dataclass(frozen=True, slots=True, repr=False)
class ResponseAPDU:
    """Hold one answer: data field and status word. ``repr`` never shows the data."""

    data: bytes
    sw: int

    @property
    def sw1(self) -> int:
        """Return the first status byte."""
        return self.sw >> 8

    @property
    def sw2(self) -> int:
        """Return the second status byte."""
        return self.sw & 0xFF

    def to_bytes(self) -> bytes:
        """Encode as data followed by SW1 SW2."""
        return self.data + self.sw.to_bytes(2, "big")

    @classmethod
    def from_bytes(cls, raw: bytes) -> ResponseAPDU:
        """Decode an answer; raise DataError where even the status word is missing."""
        if len(raw) < 2:
            raise DataError("answer shorter than a status word", len(raw))
        return cls(bytes(raw[:-2]), int.from_bytes(raw[-2:], "big"))

    def __repr__(self) -> str:
        """Show length and status word, never data."""
        return f"ResponseAPDU({len(self.data)} bytes, {self.sw:04X})"

"""Secure messaging as the chip does it: takes commands apart and wraps answers (ICAO 9303-11 §9.8)."""

from __future__ import annotations

import hmac

from mock_cards.refusal import Refused
from reader.crypto import (
    COUNTER_ENC,
    COUNTER_MAC,
    CipherSuite,
    decrypt_cbc,
    derive_key,
    encrypt_block,
    encrypt_cbc,
    mac,
    pad,
    unpad,
)
from reader.errors import DataError
from reader.iso7816 import SW, TLV, CommandAPDU, ResponseAPDU, encode, parse_all

__all__ = ["SecureSession"]

_ORDER = (0x85, 0x87, 0x97, 0x8E)
_MAC_OBJECT = 10
_STATUS_OBJECT = 4
_CLAUSE = "ICAO 9303-11 §9.8.4"


class SecureSession:
    """Hold the keys and the counter of one session; made from a shared secret, gone when the chip aborts it."""

    def __init__(self, suite: CipherSuite, secret: bytes, counter: int = 0) -> None:
        self._suite = suite
        self._enc = derive_key(secret, COUNTER_ENC, suite)
        self._mac = derive_key(secret, COUNTER_MAC, suite)
        self._counter = counter

    def unwrap(self, command: CommandAPDU) -> CommandAPDU:
        """Verify and decrypt a protected command; raise Refused 6987 or 6988, on which the chip ends the session."""
        self._count()
        objects = _parse_command_objects(command)
        signed = b"".join(_raw(command, tlv) for tlv in objects if tlv.tag != 0x8E)
        header = pad(command.header, self._suite.block_size)
        expected = self._checksum(header + signed)
        if not hmac.compare_digest(objects[-1].value, expected):
            raise Refused(SW.SM_OBJECTS_INCORRECT, _CLAUSE, "the checksum of the command is wrong")
        data, ne = b"", 0
        for tlv in objects[:-1]:
            if tlv.tag == 0x97:
                ne = _read_le(tlv.value)
            else:
                data = self._decrypt(tlv)
        return CommandAPDU(command.cla & 0xF0, command.ins, command.p1, command.p2, data, ne, command.is_extended)

    def rewind(self) -> None:
        """Count as if the last command had not come."""
        self._counter -= 1

    def wrap(self, ins: int, response: ResponseAPDU, *, padded: bool = True) -> ResponseAPDU:
        """Encrypt and sign an answer: [85 or 87] 99 8E; the status word stands outside too.

        Not ``padded``, the data is filled up with zeros only, as some chips do it wrongly.
        """
        self._count()
        body = b""
        if response.data:
            size = self._suite.block_size
            zeros = response.data + bytes(-len(response.data) % size)
            encrypted = self._crypt(pad(response.data, size) if padded else zeros)
            body = encode(0x85, encrypted) if ins & 1 else encode(0x87, b"\x01" + encrypted)
        body += encode(0x99, response.sw.to_bytes(2, "big"))
        return ResponseAPDU(body + encode(0x8E, self._checksum(body)), response.sw)

    def capacity(self, ins: int, room: int) -> int:
        """Return how many bytes of data an answer can hold whose protected form is at most ``room`` bytes long."""
        indicator = 0 if ins & 1 else 1
        room -= _STATUS_OBJECT + _MAC_OBJECT
        # A value below 128 bytes takes a header of two bytes, below 256 of three (ISO/IEC 7816-4 §5.2.2.2).
        value = max(min(room - 2, 127), min(room - 3, 255), min(room - 4, 65535))
        blocks = (value - indicator) // self._suite.block_size
        return max(0, blocks * self._suite.block_size - 1)

    def _count(self) -> None:
        size = self._suite.block_size
        self._counter = (self._counter + 1) % (1 << 8 * size)

    @property
    def _ssc(self) -> bytes:
        return self._counter.to_bytes(self._suite.block_size, "big")

    @property
    def _iv(self) -> bytes:
        # AES: the counter under the encryption key (§9.8.7.1); 3DES: zero (§9.8.6.1).
        return encrypt_block(self._suite, self._enc, self._ssc) if self._suite.is_aes else bytes(8)

    def _checksum(self, data: bytes) -> bytes:
        return mac(self._suite, self._mac, pad(self._ssc + data, self._suite.block_size))

    def _crypt(self, padded: bytes) -> bytes:
        return encrypt_cbc(self._suite, self._enc, self._iv, padded)

    def _decrypt(self, tlv: TLV) -> bytes:
        encrypted = tlv.value
        if tlv.tag == 0x87:
            if encrypted[:1] != b"\x01":
                raise Refused(SW.SM_OBJECTS_INCORRECT, _CLAUSE, "padding indicator 01 missing in DO 87")
            encrypted = encrypted[1:]
        try:
            if not encrypted:
                raise DataError("nothing encrypted")
            return unpad(decrypt_cbc(self._suite, self._enc, self._iv, encrypted))
        except DataError:
            raise Refused(SW.SM_OBJECTS_INCORRECT, _CLAUSE, "the cryptogram does not decrypt") from None


def _raw(command: CommandAPDU, tlv: TLV) -> bytes:
    """Return a data object exactly as it was sent: the checksum covers those bytes."""
    return command.data[tlv.start : tlv.end]


def _parse_command_objects(command: CommandAPDU) -> tuple[TLV, ...]:
    """Return [85 or 87] [97] 8E in this order and nothing else; raise Refused otherwise."""
    try:
        objects = tuple(parse_all(command.data))
    except DataError:
        raise Refused(SW.SM_OBJECTS_INCORRECT, _CLAUSE, "the data field is no sequence of data objects") from None
    tags = [tlv.tag for tlv in objects]
    if not tags or tags[-1] != 0x8E:
        raise Refused(SW.SM_OBJECTS_MISSING, _CLAUSE, "DO 8E missing at the end")
    wrong = 0x87 if command.ins & 1 else 0x85
    if len(set(tags)) != len(tags) or wrong in tags or tags != [tag for tag in _ORDER if tag in tags]:
        raise Refused(SW.SM_OBJECTS_INCORRECT, _CLAUSE, "data objects unknown, twice, out of order, or for another INS")
    if len(objects[-1].value) != 8:
        raise Refused(SW.SM_OBJECTS_INCORRECT, _CLAUSE, "DO 8E is not eight bytes")
    return objects


def _read_le(value: bytes) -> int:
    if len(value) not in (1, 2):
        raise Refused(SW.SM_OBJECTS_INCORRECT, _CLAUSE, "DO 97 is not one or two bytes")
    return int.from_bytes(value, "big") or (256 if len(value) == 1 else 65536)

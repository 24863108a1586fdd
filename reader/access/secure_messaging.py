"""Secure messaging: a link around a link, in encrypt-then-authenticate mode with 3DES or AES (ICAO 9303-11 §9.8).

Whatever does not verify ends the channel: nothing of such an answer is handed on, the keys are dropped, and every later
command is refused here, before it reaches the card. Only padding that is wrong under a right MAC leaves the channel
open, since then the chip itself made the mistake.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import NoReturn

from reader.crypto import (
    MAC_LENGTH,
    CipherSuite,
    decrypt_cbc,
    encrypt_block,
    encrypt_cbc,
    mac,
    pad,
    unpad,
)
from reader.errors import DataError, SecureMessagingError, UnprotectedStatus
from reader.files import EMRTD_AID, Buffers, ChunkSizes, extended_chunk
from reader.iso7816 import SW, TLV, CardLink, CommandAPDU, ResponseAPDU, encode, parse_all, witness_of

__all__ = ["SecureMessaging", "SessionKeys"]

SM_CLASS = 0x0C
DO_DATA_ODD = 0x85
DO_DATA = 0x87
DO_LE = 0x97
DO_STATUS = 0x99
DO_MAC = 0x8E
PADDING_INDICATOR = b"\x01"

# The most plain bytes whose protected answer still fits a short one of 256: padding included, 33 bytes go around them.
SHORT_CHUNK = {8: 231, 16: 223}

PROBE = CommandAPDU(0x00, 0xA4, 0x04, 0x0C, EMRTD_AID)


@dataclass(frozen=True, slots=True, repr=False)
class SessionKeys:
    """Hold what a protocol agreed on: cipher suite, encryption key, MAC key and the counter's start value."""

    suite: CipherSuite
    enc: bytes
    mac: bytes
    counter: int = 0

    def __repr__(self) -> str:
        """Show the suite only."""
        return f"SessionKeys({self.suite.name})"


class SecureMessaging:
    """Protect every command and verify every answer; a ``CardLink`` itself."""

    def __init__(self, link: CardLink, keys: SessionKeys) -> None:
        self._link = link
        self._witness = witness_of(link)
        self._keys: SessionKeys | None = keys
        self._suite = keys.suite
        self._counter = keys.counter
        self._unpadded_answers = 0
        self._verified_answers = 0
        self._unprotected_answers = 0

    @property
    def suite(self) -> CipherSuite:
        """Return the cipher suite of the current keys."""
        return self._suite

    @property
    def is_open(self) -> bool:
        """Tell whether the channel still holds."""
        return self._keys is not None

    @property
    def chunk_sizes(self) -> ChunkSizes:
        """Return how much one protected READ BINARY may bring: 231 bytes with 3DES, 223 with AES."""
        return ChunkSizes(short=SHORT_CHUNK[self._suite.block_size])

    def chunk_sizes_within(self, buffers: Buffers | None) -> ChunkSizes:
        """Return the same with extended length, where card and reader share ``buffers`` that are worth it."""
        short = SHORT_CHUNK[self._suite.block_size]
        longest = extended_chunk(buffers.response, self._suite.block_size) if buffers else 0
        return ChunkSizes(short, longest if longest > short else None)

    @property
    def unpadded_answers(self) -> int:
        """Count the answers 6282 whose data came without the padding it must have (SM-07), for a note."""
        return self._unpadded_answers

    @property
    def verified_answers(self) -> int:
        """Count the answers whose protection verified."""
        return self._verified_answers

    @property
    def unprotected_answers(self) -> int:
        """Count the bare statuses that nobody vouches for, whether or not the channel held."""
        return self._unprotected_answers

    def change_keys(self, keys: SessionKeys) -> None:
        """Go on under new keys and counter, as after Chip Authentication (ICAO 9303-11 §9.8.2)."""
        if self._keys is None:
            raise SecureMessagingError("the channel is closed")
        self._keys, self._suite, self._counter = keys, keys.suite, keys.counter

    def take_over(self, fresh: SecureMessaging) -> None:
        """Go on with the session that ``fresh`` has opened over the same card, after this one had ended.

        The counts of answers go on; ``fresh`` is closed and not to be used any more.
        """
        self._keys, self._suite, self._counter = fresh._open_keys(), fresh._suite, fresh._counter
        fresh.close()

    def close(self) -> None:
        """Drop the keys; every later command is refused."""
        self._keys = None
        self._counter = 0

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Send ``command`` protected and return the verified answer.

        Raise SecureMessagingError when anything about the answer does not verify or the channel is closed already,
        UnprotectedStatus when the chip answered a bare error, DataError when a verified answer is wrongly padded, and
        what the link below raises; that closes the channel too, since the counters may differ from then on (SM-10).
        """
        answer: ResponseAPDU | None = None
        try:
            answer = self._exchange_plain(command)
            return answer
        finally:
            if self._witness is not None:
                self._witness(command, answer)

    def _exchange_plain(self, command: CommandAPDU) -> ResponseAPDU:
        response = self._exchange(command)
        if response.data or response.sw == SW.OK:
            return self._unprotect(response, command.ins)
        self._unprotected_answers += 1
        # The chip refused without protection. By ICAO 9303-11 §9.8.3 its session is over; some chips merely did not
        # count the command, so one harmless command under the old and one under the new count finds out (SM-03).
        self._counter -= 2
        for ahead in (0, 2):
            if self._probe(ahead):
                raise UnprotectedStatus(response.sw, channel_alive=True)
        self.close()
        raise UnprotectedStatus(response.sw, channel_alive=False)

    def _probe(self, ahead: int) -> bool:
        start = self._counter
        self._counter += ahead
        response = self._exchange(PROBE)
        if not response.data:
            self._counter = start
            if response.sw == SW.OK:
                self._fail("answer without protection")
            return False
        if self._unprotect(response, PROBE.ins).data:
            self._fail("data in answer to a command that asks for none")
        return True

    def _exchange(self, command: CommandAPDU) -> ResponseAPDU:
        """Protect and send; on return the counter stands at the answer's value."""
        keys = self._open_keys()
        self._counter += 1
        protected = self._protect(command, keys)
        try:
            response = self._link.transmit(protected)
        except BaseException:
            self.close()
            raise
        self._counter += 1
        return response

    def _protect(self, command: CommandAPDU, keys: SessionKeys) -> CommandAPDU:
        """Build the protected command (§9.8.4, figure 5)."""
        block = keys.suite.block_size
        masked = CommandAPDU(command.cla | SM_CLASS, command.ins, command.p1, command.p2)
        objects = b""
        if command.data:
            objects += self._protected_data(command, keys)
        if command.ne:
            objects += encode(DO_LE, _le(command))
        text = pad(masked.header, block) + objects
        code = self._code(text if not objects else pad(text, block), keys)
        body = objects + encode(DO_MAC, code)
        extended = command.is_extended or len(body) > 255
        ne = 65536 if extended else 256
        return CommandAPDU(masked.cla, masked.ins, masked.p1, masked.p2, body, ne, extended)

    def _protected_data(self, command: CommandAPDU, keys: SessionKeys) -> bytes:
        encrypted = encrypt_cbc(keys.suite, keys.enc, self._iv(keys), pad(command.data, keys.suite.block_size))
        if command.ins & 1:
            return encode(DO_DATA_ODD, encrypted)
        return encode(DO_DATA, PADDING_INDICATOR + encrypted)

    def _unprotect(self, response: ResponseAPDU, ins: int) -> ResponseAPDU:
        """Verify and open the protected answer (§9.8.4, figure 6)."""
        keys = self._open_keys()
        data, status, code = self._read_objects(response.data, ins)
        end = status.end
        expected = self._code(pad(response.data[:end], keys.suite.block_size), keys)
        if not hmac.compare_digest(code.value, expected):
            self._fail("message authentication code wrong")
        if int.from_bytes(status.value, "big") != response.sw:
            self._fail("protected status differs from the status word")
        self._verified_answers += 1
        if data is None:
            return ResponseAPDU(b"", response.sw)
        return ResponseAPDU(self._decrypt(data, keys, response.sw), response.sw)

    def _read_objects(self, raw: bytes, ins: int) -> tuple[TLV | None, TLV, TLV]:
        """Return data, status and MAC objects; nothing else may be there, in no other order (SM-05)."""
        try:
            objects = list(parse_all(raw))
        except DataError:
            self._fail("answer is not made of data objects")
        expected = [DO_DATA_ODD if ins & 1 else DO_DATA, DO_STATUS, DO_MAC]
        tags = [tlv.tag for tlv in objects]
        if tags not in (expected, expected[1:]):
            self._fail("data objects missing, surplus or out of order")
        status, code = objects[-2:]
        if len(status.value) != 2 or len(code.value) != MAC_LENGTH:
            self._fail("data object of a wrong length")
        return (objects[0] if len(objects) == 3 else None), status, code

    def _decrypt(self, data: TLV, keys: SessionKeys, sw: int) -> bytes:
        encrypted = data.value
        if data.tag == DO_DATA:
            if not encrypted.startswith(PADDING_INDICATOR):
                self._fail("padding indicator wrong")
            encrypted = encrypted[1:]
        if not encrypted or len(encrypted) % keys.suite.block_size:
            self._fail("cryptogram is not whole blocks")
        plain = decrypt_cbc(keys.suite, keys.enc, self._iv(keys), encrypted)
        try:
            return unpad(plain)
        except DataError:
            if sw != SW.END_OF_FILE:
                raise
            # Some chips forget the padding at the end of a file. The bytes are authentic; whether they are the rest
            # of the file is for the file's own length to say.
            self._unpadded_answers += 1
            return plain

    def _code(self, padded: bytes, keys: SessionKeys) -> bytes:
        return mac(keys.suite, keys.mac, self._counter_block(keys) + padded)

    def _iv(self, keys: SessionKeys) -> bytes:
        if not keys.suite.is_aes:
            return bytes(keys.suite.block_size)
        return encrypt_block(keys.suite, keys.enc, self._counter_block(keys))

    def _counter_block(self, keys: SessionKeys) -> bytes:
        size = keys.suite.block_size
        return (self._counter % (1 << 8 * size)).to_bytes(size, "big")

    def _open_keys(self) -> SessionKeys:
        if self._keys is None:
            raise SecureMessagingError("the channel is closed")
        return self._keys

    def _fail(self, reason: str) -> NoReturn:
        self.close()
        raise SecureMessagingError(reason)


def _le(command: CommandAPDU) -> bytes:
    """Return the value of DO97: one byte, or two where the command is extended; zeros stand for the maximum."""
    if command.is_extended:
        return (command.ne & 0xFFFF).to_bytes(2, "big")
    return bytes((command.ne & 0xFF,))

"""A terminal small enough to be read at a glance, written for these tests from ICAO 9303-11 and free of our reader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mock_cards.build import CardFactory
from mock_cards.card import EmulatedCard
from mock_cards.chip import CardImage, Chip, ChipProfile, Passwords, image_from_files, profile_by_name
from reader.crypto import CipherSuite, decrypt_cbc, derive_key, encrypt_block, encrypt_cbc, mac, pad, unpad
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, parse_all

APPLICATION = bytes.fromhex("A0000002471001")
MRZ_INFORMATION = b"L898902C<369080619406236"
COM = bytes.fromhex("60145F0104303130365F36063034303030305C026175")


@dataclass
class TestTerminal:
    """Speak to one chip: plain, or under secure messaging once ``start`` or ``bac`` gave keys."""

    __test__ = False
    chip: EmulatedCard
    suite: CipherSuite = CipherSuite.TDES
    enc: bytes = b""
    auth: bytes = b""
    counter: int = 0

    def plain(self, apdu: str) -> ResponseAPDU:
        return self.chip.transmit(CommandAPDU.from_bytes(bytes.fromhex(apdu)))

    def select_application(self) -> None:
        assert self.plain("00A4040C07A0000002471001").sw == 0x9000

    def start(self, suite: CipherSuite, secret: bytes, counter: int = 0) -> None:
        self.suite, self.counter = suite, counter
        self.enc, self.auth = derive_key(secret, 1, suite), derive_key(secret, 2, suite)

    def bac(self, information: bytes = MRZ_INFORMATION) -> ResponseAPDU:
        """Run Basic Access Control; the keys are taken over where the chip agreed."""
        challenge = self.plain("0084000008").data
        seed = hashlib.sha1(information, usedforsecurity=False).digest()[:16]
        enc, auth = derive_key(seed, 1, CipherSuite.TDES), derive_key(seed, 2, CipherSuite.TDES)
        nonce, half = b"\x01" * 8, b"\x02" * 16
        cryptogram = encrypt_cbc(CipherSuite.TDES, enc, bytes(8), nonce + challenge + half)
        data = cryptogram + mac(CipherSuite.TDES, auth, pad(cryptogram, 8))
        answer = self.chip.transmit(CommandAPDU(0, 0x82, 0, 0, data, 40))
        if answer.sw == 0x9000:
            plain = decrypt_cbc(CipherSuite.TDES, enc, bytes(8), answer.data[:32])
            assert plain[:16] == challenge + nonce
            secret = bytes(a ^ b for a, b in zip(half, plain[16:], strict=True))
            self.start(CipherSuite.TDES, secret, int.from_bytes(challenge[4:] + nonce[4:], "big"))
        return answer

    def protect(self, command: CommandAPDU) -> CommandAPDU:
        self.counter += 1
        body = b""
        if command.data:
            cryptogram = encrypt_cbc(self.suite, self.enc, self._iv(), pad(command.data, self.suite.block_size))
            body = encode(0x85, cryptogram) if command.ins & 1 else encode(0x87, b"\x01" + cryptogram)
        if command.ne:
            size = 2 if command.ne > 256 else 1
            body += encode(0x97, (command.ne % 256**size).to_bytes(size, "big"))
        header = bytes((command.cla | 0x0C, command.ins, command.p1, command.p2))
        code = self._mac(pad(header, self.suite.block_size) + body)
        ne = 65536 if command.is_extended else 256
        return CommandAPDU(*header, data=body + encode(0x8E, code), ne=ne, extended=command.is_extended)

    def unprotect(self, answer: ResponseAPDU) -> ResponseAPDU:
        self.counter += 1
        objects = tuple(parse_all(answer.data))
        signed = answer.data[: objects[-1].start]
        assert objects[-1].tag == 0x8E, "the answer is not protected"
        assert objects[-1].value == self._mac(signed)
        by_tag = {tlv.tag: tlv.value for tlv in objects}
        assert by_tag[0x99] == answer.sw.to_bytes(2, "big")
        cryptogram = by_tag.get(0x85) or by_tag.get(0x87, b"")[1:]
        data = unpad(decrypt_cbc(self.suite, self.enc, self._iv(), cryptogram)) if cryptogram else b""
        return ResponseAPDU(data, answer.sw)

    def secure(self, apdu: str) -> ResponseAPDU:
        """Send a command under secure messaging and return the answer without its protection."""
        return self.unprotect(self.chip.transmit(self.protect(CommandAPDU.from_bytes(bytes.fromhex(apdu)))))

    def _iv(self) -> bytes:
        if not self.suite.is_aes:
            return bytes(8)
        return encrypt_block(self.suite, self.enc, self.counter.to_bytes(16, "big"))

    def _mac(self, data: bytes) -> bytes:
        size = self.suite.block_size
        return mac(self.suite, self.auth, pad(self.counter.to_bytes(size, "big") + data, size))


@pytest.fixture(scope="session")
def factory() -> CardFactory:
    """Return a factory whose keys are the same on every run."""
    return CardFactory("tests")


@pytest.fixture
def small_image() -> Callable[..., CardImage]:
    """Return a maker of card images of three files, opened by the MRZ of the worked example D.2."""

    def make(profile: str | ChipProfile = "vietnam-2021", **files: bytes) -> CardImage:
        chosen = profile_by_name(profile) if isinstance(profile, str) else profile
        named = {"EF.COM": COM, "DG1": bytes(range(256)) * 4, "DG3": b"secret", **files}
        return image_from_files(named, chosen, Passwords(MRZ_INFORMATION, "123456"))

    return make


@pytest.fixture
def terminal() -> Callable[..., TestTerminal]:
    """Return a maker of terminals on a chip that was just powered on."""

    def make(image: CardImage, **chip: object) -> TestTerminal:
        powered = Chip(image, **chip)
        powered.power_on()
        return TestTerminal(powered)

    return make


@pytest.fixture
def terminal_on() -> Callable[[EmulatedCard], TestTerminal]:
    """Return a maker of terminals on a card that has power, whatever stands around its chip."""
    return TestTerminal


@pytest.fixture
def opened(small_image: Callable[..., CardImage], terminal: Callable[..., TestTerminal]) -> TestTerminal:
    """Return a terminal inside a BAC session with the small card."""
    it = terminal(small_image())
    it.select_application()
    assert it.bac().sw == 0x9000
    return it

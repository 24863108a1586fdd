"""PIN, PUK and counted passwords: tries left, suspension, blocking, and what outlives a reset (BSI TR-03110-2 §3.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mock_cards.access import SecureSession
from mock_cards.chip import CardImage, Chip, PasswordKind, profile_by_name
from mock_cards.der import oid_value
from mock_cards.image import Passwords
from reader.crypto import (
    CipherSuite,
    Point,
    add,
    curve_by_name,
    decode_point,
    decrypt_cbc,
    derive_key,
    encode_point,
    generator,
    mac,
    multiply,
    x_bytes,
)
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, find

CURVE = curve_by_name("brainpoolP256r1")
OID = oid_value("0.4.0.127.0.7.2.2.4.2.2")
SUITE = CipherSuite.AES_128
CAN, PIN, PUK = (int(kind) for kind in (PasswordKind.CAN, PasswordKind.PIN, PasswordKind.PUK))
RIGHT = {CAN: "123456", PIN: "123456", PUK: "0987654321"}
CHANGE_PIN, UNBLOCK_PIN, CHANGE_CAN = (0x02, 0x03), (0x03, 0x03), (0x02, 0x02)


class Holder:
    """Type passwords into a chip, plain or inside the session that the last one opened."""

    def __init__(self, chip: Chip, it) -> None:
        self.chip, self.it = chip, it

    def _send(self, command: CommandAPDU) -> ResponseAPDU:
        if not self.chip.in_session:
            return self.chip.transmit(command)
        return self.it.unprotect(self.chip.transmit(self.it.protect(command)))

    def set_at(self, kind: int) -> int:
        return self._send(CommandAPDU(0, 0x22, 0xC1, 0xA4, encode(0x80, OID) + encode(0x83, bytes((kind,))))).sw

    def _general(self, body: bytes, *, last: bool = False) -> ResponseAPDU:
        return self._send(CommandAPDU(0 if last else 0x10, 0x86, 0, 0, encode(0x7C, body), 256))

    def pace(self, kind: int, secret: str | None = None) -> int:
        """Run PACE with a password and return the status word of the step at which it ended."""
        self.set_at(kind)
        answer = self._general(b"")
        if answer.sw != 0x9000:
            return answer.sw
        key = derive_key((RIGHT[kind] if secret is None else secret).encode(), 3, SUITE)
        nonce = int.from_bytes(decrypt_cbc(SUITE, key, bytes(16), find(answer.data, 0x7C, 0x80)), "big")
        mapping = encode_point(CURVE, multiply(CURVE, 5, generator(CURVE)))
        theirs = decode_point(CURVE, find(self._general(encode(0x81, mapping)).data, 0x7C, 0x82))
        base = add(CURVE, multiply(CURVE, nonce, generator(CURVE)), multiply(CURVE, 5, theirs))
        own = multiply(CURVE, 7, base)
        chip_key = decode_point(CURVE, find(self._general(encode(0x83, encode_point(CURVE, own))).data, 0x7C, 0x84))
        shared = x_bytes(CURVE, multiply(CURVE, 7, chip_key))
        answer = self._general(encode(0x85, self._token(shared, chip_key)), last=True)
        if answer.sw == 0x9000:
            self.it.start(SUITE, shared)
        return answer.sw

    def _token(self, shared: bytes, point: Point) -> bytes:
        value = encode(0x7F49, encode(0x06, OID) + encode(0x86, encode_point(CURVE, point)))
        return mac(SUITE, derive_key(shared, 2, SUITE), value)

    def reset_counter(self, what: tuple[int, int], data: bytes = b"") -> int:
        return self._send(CommandAPDU(0, 0x2C, *what, data)).sw


@pytest.fixture
def holder(small_image: Callable[..., CardImage], terminal) -> Callable[..., Holder]:
    def make(**passwords: object) -> Holder:
        profile = profile_by_name("eid-german")
        image = small_image(profile)
        given = replace(Passwords(b"", "123456", profile.pin, profile.puk), **passwords)
        it = terminal(replace(image, passwords=given, pace=profile.pace))
        return Holder(it.chip, it)

    return make


@pytest.mark.parametrize("kind", [CAN, PIN, PUK])
def test_each_password_opens_the_card(holder, kind: int) -> None:
    it = holder()
    assert it.set_at(kind) == 0x9000
    assert it.pace(kind) == 0x9000
    assert it.chip.in_session


def test_a_wrong_pin_is_counted_told_at_once_and_at_the_next_selection(holder) -> None:
    it = holder()
    assert it.pace(PIN, "000000") == 0x63C2
    assert it.set_at(PIN) == 0x63C2
    assert it.pace(PIN) == 0x9000, "the right one gives all tries back"
    it.chip.reset()
    assert it.set_at(PIN) == 0x9000


def test_the_tries_left_outlive_resets_and_power(holder) -> None:
    it = holder()
    it.pace(PIN, "000000")
    it.chip.power_off()
    it.chip.power_on()
    assert it.set_at(PIN) == 0x63C2


def test_a_suspended_pin_is_resumed_by_the_can_in_the_same_session(holder) -> None:
    it = holder()
    assert [it.pace(PIN, "000000") for _ in range(2)] == [0x63C2, 0x63C1]
    assert it.pace(PIN) == 0x6985, "suspended"
    assert it.pace(CAN) == 0x9000
    assert it.set_at(PIN) == 0x63C1
    assert it.pace(PIN) == 0x9000
    it.chip.reset()
    assert it.set_at(PIN) == 0x9000


def test_the_can_resumes_for_its_own_session_only(holder) -> None:
    it = holder()
    for _ in range(2):
        it.pace(PIN, "000000")
    assert it.pace(CAN) == 0x9000
    it.chip.reset()
    assert it.pace(PIN) == 0x6985


def test_a_blocked_pin_is_unblocked_by_the_puk_and_by_nothing_else(holder) -> None:
    it = holder()
    for _ in range(2):
        it.pace(PIN, "000000")
    it.pace(CAN)
    assert it.pace(PIN, "000000") == 0x63C0
    it.chip.reset()
    assert it.set_at(PIN) == 0x63C0
    assert it.pace(PIN) == 0x6983
    assert it.pace(CAN) == 0x9000
    assert it.pace(PIN) == 0x6983
    it.chip.reset()
    assert it.pace(PUK) == 0x9000
    assert it.reset_counter(UNBLOCK_PIN) == 0x9000
    it.chip.reset()
    assert it.set_at(PIN) == 0x9000
    assert it.pace(PIN) == 0x9000


def test_the_puk_serves_as_often_as_it_has_uses_and_its_wrong_attempts_count(holder) -> None:
    it = holder(puk_tries=3)
    assert it.pace(PUK, "1111111111") == 0x63C2
    assert it.pace(PUK) == 0x9000
    assert it.reset_counter(UNBLOCK_PIN) == 0x9000
    it.chip.reset()
    assert it.set_at(PUK) == 0x63C1
    it.pace(PUK)
    it.reset_counter(UNBLOCK_PIN)
    it.chip.reset()
    assert it.pace(PUK) == 0x6983


def test_who_knows_the_pin_changes_it_and_the_new_one_outlives_a_reset(holder) -> None:
    it = holder()
    assert it.pace(PIN) == 0x9000
    assert it.reset_counter(CHANGE_PIN, b"654321") == 0x9000
    it.chip.reset()
    assert it.pace(PIN) == 0x63C2
    assert it.pace(PIN, "654321") == 0x9000


@pytest.mark.parametrize(
    ("opened_by", "what", "data", "sw"),
    [
        (PIN, CHANGE_PIN, b"12345", 0x6A80),
        (PIN, CHANGE_PIN, b"12345a", 0x6A80),
        (PIN, UNBLOCK_PIN, b"", 0x6982),
        (CAN, CHANGE_PIN, b"654321", 0x6982),
        (PUK, CHANGE_PIN, b"654321", 0x6982),
        (PUK, UNBLOCK_PIN, b"1", 0x6700),
        (PIN, CHANGE_CAN, b"654321", 0x6982),
        (PIN, (0x00, 0x03), b"", 0x6A86),
    ],
)
def test_what_a_password_does_not_allow_is_refused(holder, opened_by: int, what, data: bytes, sw: int) -> None:
    it = holder()
    assert it.pace(opened_by) == 0x9000
    assert it.reset_counter(what, data) == sw


def test_nothing_is_reset_outside_a_session_or_on_a_card_without_pin(holder, opened) -> None:
    assert holder().reset_counter(CHANGE_PIN, b"654321") == 0x6982
    assert opened.secure("002C030300").sw == 0x6D00


def test_a_counted_can_is_told_and_blocks(holder) -> None:
    # AC-19: cards whose CAN has a counter.
    it = holder(can_tries=3)
    assert [it.pace(CAN, "000000") for _ in range(3)] == [0x63C2, 0x63C1, 0x63C0]
    assert it.set_at(CAN) == 0x63C0
    assert it.pace(CAN) == 0x6983


def test_a_pin_that_the_card_does_not_have_is_6a88(holder) -> None:
    assert holder(pin="").set_at(PIN) == 0x6A88


def test_the_session_of_the_can_stands_when_the_pin_after_it_was_wrong(holder) -> None:
    it = holder()
    it.pace(CAN)
    assert it.pace(PIN, "000000") == 0x63C2
    assert it.chip.in_session
    assert isinstance(it.chip._session, SecureSession)
    assert it.pace(PIN) == 0x9000

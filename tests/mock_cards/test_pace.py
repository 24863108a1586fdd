"""PACE from the card's side: what it takes and what it refuses (ICAO 9303-11 §4.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mock_cards.chip import CardImage, Chip, PaceOption
from mock_cards.der import oid_value
from mock_cards.issuing.security_infos import PACE_ECDH_GM_OID
from reader.crypto import (
    CURVES,
    CipherSuite,
    Curve,
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
    pad,
    x_bytes,
)
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, find

AES_128 = PaceOption(PACE_ECDH_GM_OID[CipherSuite.AES_128], CipherSuite.AES_128, curve_by_name("brainpoolP256r1"))
MAP, AGREE = 5, 7


def _general(chip: Chip, body: bytes, *, chained: bool = True) -> ResponseAPDU:
    return chip.transmit(CommandAPDU(0x10 if chained else 0, 0x86, 0, 0, encode(0x7C, body), 256))


def _set_at(chip: Chip, *objects: tuple[int, bytes]) -> int:
    data = b"".join(encode(tag, value) for tag, value in objects)
    return chip.transmit(CommandAPDU(0, 0x22, 0xC1, 0xA4, data)).sw


@dataclass
class _Run:
    """Play the terminal's side of one run step by step, with keys that are small numbers."""

    chip: Chip
    option: PaceOption
    key: bytes
    base: Point | None = None
    secret: bytes = b""
    chip_key: Point | None = None

    @property
    def curve(self) -> Curve:
        return self.option.domain

    def begin(self, reference: int = 2) -> None:
        objects = ((0x80, oid_value(self.option.oid)), (0x83, bytes((reference,))))
        assert _set_at(self.chip, *objects) == 0x9000

    def map(self) -> None:
        answer = _general(self.chip, b"")
        nonce = find(answer.data, 0x7C, 0x80)
        s = int.from_bytes(decrypt_cbc(self.option.suite, self.key, bytes(self.option.suite.block_size), nonce), "big")
        own = encode_point(self.curve, multiply(self.curve, MAP, generator(self.curve)))
        theirs = decode_point(self.curve, find(_general(self.chip, encode(0x81, own)).data, 0x7C, 0x82))
        shared = multiply(self.curve, MAP, theirs)
        self.base = add(self.curve, multiply(self.curve, s, generator(self.curve)), shared)

    def agree(self) -> None:
        assert self.base is not None
        own = encode_point(self.curve, multiply(self.curve, AGREE, self.base))
        answer = _general(self.chip, encode(0x83, own))
        self.chip_key = decode_point(self.curve, find(answer.data, 0x7C, 0x84))
        self.secret = x_bytes(self.curve, multiply(self.curve, AGREE, self.chip_key))

    def token(self, of: Point) -> bytes:
        suite = self.option.suite
        key_object = encode(
            0x7F49, encode(0x06, oid_value(self.option.oid)) + encode(0x86, encode_point(self.curve, of))
        )
        padded = key_object if suite.is_aes else pad(key_object, 8)
        return mac(suite, derive_key(self.secret, 2, suite), padded)

    def finish(self, *, chained: bool = False) -> ResponseAPDU:
        assert self.chip_key is not None
        return _general(self.chip, encode(0x85, self.token(self.chip_key)), chained=chained)


@pytest.fixture
def run_on(small_image: Callable[..., CardImage]) -> Callable[..., _Run]:
    def make(option: PaceOption = AES_128, can: str = "123456") -> _Run:
        image = small_image()
        chip = Chip(CardImage(image.profile, image.passwords, image.master, image.application, (option,)))
        chip.power_on()
        return _Run(chip, option, derive_key(can.encode(), 3, option.suite))

    return make


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
@pytest.mark.parametrize("suite", list(CipherSuite), ids=lambda suite: suite.name)
def test_every_cipher_and_curve_opens_the_card(run_on, terminal, suite: CipherSuite, curve: Curve) -> None:
    run = run_on(PaceOption(PACE_ECDH_GM_OID[suite], suite, curve))
    run.begin()
    run.map()
    run.agree()
    answer = run.finish()
    assert answer.sw == 0x9000
    assert find(answer.data, 0x7C, 0x86) == run.token(multiply(curve, AGREE, run.base))
    assert run.chip.in_session


def test_the_files_open_after_pace_and_the_application_is_selected_in_the_session(
    run_on, terminal, small_image
) -> None:
    run = run_on()
    run.begin()
    run.map()
    run.agree()
    run.finish()
    it = terminal(small_image())
    it.chip = run.chip
    it.start(CipherSuite.AES_128, run.secret)
    assert it.secure("00B0810004").sw == 0x6A82, "the master file is selected still"
    assert it.secure("00A4040C07A0000002471001").sw == 0x9000
    assert it.secure("00B0810004").data == bytes(range(4))
    assert len(it.secure("00B0810000").data) == 223


def test_the_mrz_opens_the_card_as_well(run_on) -> None:
    run = run_on()
    run.key = derive_key(
        hashlib.sha1(b"L898902C<369080619406236", usedforsecurity=False).digest(), 3, CipherSuite.AES_128
    )
    run.begin(reference=1)
    run.map()
    run.agree()
    assert run.finish().sw == 0x9000


def test_a_wrong_can_shows_in_the_last_step_as_6300_and_a_new_run_may_follow(run_on) -> None:
    run = run_on(can="654321")
    for _ in range(2):
        run.begin()
        run.map()
        run.agree()
        assert run.finish().sw == 0x6300
        assert not run.chip.in_session
        assert _general(run.chip, b"").sw == 0x6985, "the run is over"


def test_every_step_but_the_last_carries_the_chaining_bit(run_on) -> None:
    run = run_on()
    run.begin()
    assert _general(run.chip, b"", chained=False).sw == 0x6985
    run.begin()
    run.map()
    run.agree()
    assert run.finish(chained=True).sw == 0x6985


def test_another_command_in_between_breaks_the_run(run_on) -> None:
    run = run_on()
    run.begin()
    run.map()
    assert run.chip.transmit(CommandAPDU(0, 0xB0, 0x9C, 0, ne=256)).sw == 0x6A82
    assert _general(run.chip, encode(0x83, b"\x04" + bytes(64))).sw == 0x6985


@pytest.mark.parametrize(
    "objects",
    [
        (),
        ((0x83, b"\x02"),),
        ((0x80, oid_value(AES_128.oid)),),
        ((0x80, oid_value("0.4.0.127.0.7.2.2.4.4.2")), (0x83, b"\x02")),
        ((0x80, oid_value(AES_128.oid)), (0x80, oid_value(AES_128.oid)), (0x83, b"\x02")),
    ],
)
def test_a_set_at_that_lacks_an_object_or_asks_for_what_is_not_offered_is_6a80(run_on, objects) -> None:
    assert _set_at(run_on().chip, *objects) == 0x6A80


def test_unknown_passwords_and_parameters_are_6a88(run_on) -> None:
    protocol = (0x80, oid_value(AES_128.oid))
    chip = run_on().chip
    assert _set_at(chip, protocol, (0x83, b"\x03")) == 0x6A88
    assert _set_at(chip, protocol, (0x83, b"\x02"), (0x84, b"\x0c")) == 0x6A88
    assert _set_at(chip, protocol, (0x83, b"\x02"), (0x84, b"\x0d")) == 0x9000


def test_objects_the_standard_does_not_name_are_left_alone(run_on) -> None:
    # §4.4.4.1, note 2.
    objects = ((0x80, oid_value(AES_128.oid)), (0x83, b"\x02"), (0xC5, b"\x01"))
    assert _set_at(run_on().chip, *objects) == 0x9000


def test_two_parameter_sets_of_one_protocol_want_object_84(small_image) -> None:
    options = tuple(
        PaceOption(AES_128.oid, CipherSuite.AES_128, curve_by_name(name)) for name in ("secp256r1", "brainpoolP256r1")
    )
    image = small_image()
    chip = Chip(CardImage(image.profile, image.passwords, image.master, image.application, options))
    chip.power_on()
    protocol, password = (0x80, oid_value(AES_128.oid)), (0x83, b"\x02")
    assert _set_at(chip, protocol, password) == 0x6A80
    assert _set_at(chip, protocol, password, (0x84, b"\x0d")) == 0x9000


@pytest.mark.parametrize(
    "body",
    [
        encode(0x81, b""),
        encode(0x81, b"\x00"),
        encode(0x81, b"\x04" + bytes(64)),
        encode(0x81, b"\x02" + bytes(32)),
        encode(0x82, b"\x04" + bytes(64)),
        encode(0x81, b"\x04" + bytes(64)) + encode(0x80, b""),
        b"",
        b"\x81\x41\x04",
    ],
)
def test_mapping_data_that_is_no_point_is_6a80_and_ends_the_run(run_on, body: bytes) -> None:
    run = run_on()
    run.begin()
    assert _general(run.chip, b"").sw == 0x9000
    assert _general(run.chip, body).sw == 0x6A80
    assert _general(run.chip, body).sw == 0x6985


def test_step_one_takes_an_empty_object_only(run_on) -> None:
    run = run_on()
    run.begin()
    assert _general(run.chip, encode(0x80, b"")).sw == 0x6A80
    run.begin()
    assert run.chip.transmit(CommandAPDU(0x10, 0x86, 0, 0, b"", 256)).sw == 0x6A80


def test_the_terminal_may_not_send_the_chips_own_key_back(run_on, small_image) -> None:
    # §4.4.1: both sides check that the two public keys differ. The chip is given the terminal's scalar to draw.
    run = run_on()
    draws = iter([bytes(range(16)), MAP.to_bytes(32, "big"), AGREE.to_bytes(32, "big")])
    image = small_image()
    run.chip = Chip(
        CardImage(image.profile, image.passwords, image.master, image.application, (AES_128,)), lambda _: next(draws)
    )
    run.chip.power_on()
    run.begin()
    run.map()
    own = encode_point(run.curve, multiply(run.curve, AGREE, run.base))
    assert _general(run.chip, encode(0x83, own)).sw == 0x6300

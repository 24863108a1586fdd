"""Chip Authentication and Active Authentication from the card's side (ICAO 9303-11 §6)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from mock_cards.chip import ChipKey
from mock_cards.der import oid_value
from mock_cards.issuing.security_infos import CHIP_AUTHENTICATION_OID
from mock_cards.keys import new_ec_key, new_rsa_key, seeded_rng
from reader.crypto import (
    CipherSuite,
    curve_by_name,
    encode_point,
    generator,
    multiply,
    recover,
    to_cryptography_public_key,
    x_bytes,
)
from reader.iso7816 import CommandAPDU, encode

CURVE = curve_by_name("brainpoolP256r1")
RNG = seeded_rng("genuine")
EPHEMERAL = 11
PUBLIC = encode_point(CURVE, multiply(CURVE, EPHEMERAL, generator(CURVE)))


def _key(suite: CipherSuite, key_id: int | None = None) -> ChipKey:
    return ChipKey(CHIP_AUTHENTICATION_OID[suite], suite, new_ec_key(CURVE, RNG), key_id)


@pytest.fixture
def open_card(small_image, terminal):
    """Return a maker of terminals inside a session with a card that has the keys given."""

    def make(*keys: ChipKey, active=None, profile: str = "vietnam-2021"):
        it = terminal(replace(small_image(profile), chip_keys=keys, active_key=active))
        it.select_application()
        assert it.bac().sw == 0x9000
        return it

    return make


def _send(it, ins: int, p1p2: int, data: bytes, ne: int = 0):
    command = CommandAPDU(0, ins, p1p2 >> 8, p1p2 & 0xFF, data, ne)
    return it.unprotect(it.chip.transmit(it.protect(command)))


def _secret(key: ChipKey) -> bytes:
    return x_bytes(CURVE, multiply(CURVE, EPHEMERAL, key.key.point))


@pytest.mark.parametrize("suite", list(CipherSuite), ids=lambda suite: suite.name)
def test_chip_authentication_answers_under_the_old_keys_and_then_uses_the_new_ones(open_card, suite) -> None:
    key = _key(suite)
    it = open_card(key)
    assert _send(it, 0x22, 0x41A4, encode(0x80, oid_value(key.oid))).sw == 0x9000
    answer = _send(it, 0x86, 0x0000, encode(0x7C, encode(0x80, PUBLIC)), 256)
    assert (answer.data, answer.sw) == (b"\x7c\x00", 0x9000)
    it.start(suite, _secret(key))
    assert it.secure("00B0810004").data == bytes(range(4)), "access goes on under the new keys"


def test_the_old_keys_are_gone_after_chip_authentication(open_card) -> None:
    key = _key(CipherSuite.AES_128)
    it = open_card(key)
    _send(it, 0x22, 0x41A4, encode(0x80, oid_value(key.oid)))
    _send(it, 0x86, 0x0000, encode(0x7C, encode(0x80, PUBLIC)), 256)
    assert it.chip.transmit(it.protect(CommandAPDU(0, 0xB0, 0x81, 0, ne=4))).sw == 0x6988


def test_a_chip_with_another_key_answers_9000_and_shows_itself_in_the_next_command(open_card) -> None:
    key = _key(CipherSuite.AES_128)
    it = open_card(replace(key, key=new_ec_key(CURVE, RNG)))
    _send(it, 0x22, 0x41A4, encode(0x80, oid_value(key.oid)))
    assert _send(it, 0x86, 0x0000, encode(0x7C, encode(0x80, PUBLIC)), 256).sw == 0x9000
    it.start(CipherSuite.AES_128, _secret(key))
    assert it.chip.transmit(it.protect(CommandAPDU(0, 0xB0, 0x81, 0, ne=4))).sw == 0x6988


def test_set_kat_serves_3des(open_card) -> None:
    key = _key(CipherSuite.TDES)
    it = open_card(key)
    assert _send(it, 0x22, 0x41A6, encode(0x91, PUBLIC)).sw == 0x9000
    it.start(CipherSuite.TDES, _secret(key))
    assert it.secure("00B0810004").sw == 0x9000


def test_set_kat_is_not_there_for_aes(open_card) -> None:
    it = open_card(_key(CipherSuite.AES_128))
    assert _send(it, 0x22, 0x41A6, encode(0x91, PUBLIC)).sw == 0x6A81
    assert it.secure("00B0810004").sw == 0x9000, "the old keys remain valid (§6.2.4.1)"


def test_key_references_name_keys_that_there_are(open_card) -> None:
    one, two = _key(CipherSuite.AES_128, 1), _key(CipherSuite.AES_128, 2)
    protocol = encode(0x80, oid_value(one.oid))
    it = open_card(one, two)
    assert _send(it, 0x22, 0x41A4, protocol).sw == 0x6A80, "ambiguous without object 84"
    assert _send(it, 0x22, 0x41A4, protocol + encode(0x84, b"\x03")).sw == 0x6A88
    assert _send(it, 0x22, 0x41A4, protocol + encode(0x84, b"\x02")).sw == 0x9000
    _send(it, 0x86, 0x0000, encode(0x7C, encode(0x80, PUBLIC)), 256)
    it.start(CipherSuite.AES_128, _secret(two))
    assert it.secure("00B0810004").sw == 0x9000


@pytest.mark.parametrize(
    "data", [b"", encode(0x80, PUBLIC), encode(0x7C, b""), encode(0x7C, encode(0x80, b"\x04" + bytes(64)))]
)
def test_a_bad_ephemeral_key_is_6a80_and_the_session_goes_on(open_card, data: bytes) -> None:
    key = _key(CipherSuite.AES_128)
    it = open_card(key)
    _send(it, 0x22, 0x41A4, encode(0x80, oid_value(key.oid)))
    assert _send(it, 0x86, 0x0000, data, 256).sw == 0x6A80
    assert it.secure("00B0810004").sw == 0x9000


def test_general_authenticate_wants_set_at_just_before(open_card) -> None:
    key = _key(CipherSuite.AES_128)
    it = open_card(key)
    _send(it, 0x22, 0x41A4, encode(0x80, oid_value(key.oid)))
    assert it.secure("00B0810004").sw == 0x9000
    assert _send(it, 0x86, 0x0000, encode(0x7C, encode(0x80, PUBLIC)), 256).sw == 0x6985


def test_active_authentication_by_ecdsa_is_a_plain_signature_over_the_challenge(open_card) -> None:
    key = new_ec_key(CURVE, RNG)
    it = open_card(active=key)
    signature = it.secure("0088000008010203040506070800").data
    assert len(signature) == 64
    encoded = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    public = to_cryptography_public_key(CURVE, key.point)
    public.verify(encoded, bytes(range(1, 9)), ec.ECDSA(hashes.SHA256()))


def test_active_authentication_by_rsa_recovers_with_the_trailer_of_sha_256(open_card) -> None:
    key = new_rsa_key(2048, RNG)
    it = open_card(active=key, profile="vietnam-2024")
    command = CommandAPDU(0, 0x88, 0, 0, bytes(range(1, 9)), 65536)
    signature = it.unprotect(it.chip.transmit(it.protect(command))).data
    assert len(signature) == 256
    found = recover(key.modulus, key.public_exponent, signature, bytes(range(1, 9)))
    assert found.verified
    assert found.hash_name == "sha256"
    assert not recover(key.modulus, key.public_exponent, signature, bytes(8)).verified


def test_an_rsa_signature_that_a_short_answer_cannot_hold_is_6700(open_card) -> None:
    # ICAO 9303-11 §6.1.4: beyond 1848 bits extended length must be used.
    it = open_card(active=new_rsa_key(2048, RNG), profile="vietnam-2024")
    assert it.secure("0088000008010203040506070800").sw == 0x6700
    assert it.secure("00B0810004").sw == 0x9000


@pytest.mark.parametrize("length", [0, 7, 9, 16])
def test_a_challenge_is_eight_bytes(open_card, length: int) -> None:
    it = open_card(active=new_ec_key(CURVE, RNG))
    assert _send(it, 0x88, 0, bytes(length), 256).sw == 0x6700


def test_a_chip_without_the_key_says_so(open_card) -> None:
    assert _send(open_card(), 0x88, 0, bytes(8), 256).sw == 0x6A88


def test_two_seeds_give_two_chips_and_one_seed_the_same() -> None:
    assert new_rsa_key(1024, seeded_rng("a")) == new_rsa_key(1024, seeded_rng("a"))
    assert new_rsa_key(1024, seeded_rng("a")) != new_rsa_key(1024, seeded_rng("b"))
    assert new_rsa_key(1024, seeded_rng("a")).modulus.bit_length() == 1024

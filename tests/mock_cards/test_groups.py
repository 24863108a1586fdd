"""Diffie-Hellman, long steps in parts, trust points named by PACE, and what a mapping binds (ICAO 9303-11 §4.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from mock_cards.access.groups import EcGroup, PrimeGroup
from mock_cards.access.integrated_mapping import pseudo_random
from mock_cards.chip import CardImage, Chip, ChipKey, profile_by_name
from mock_cards.coprocessor import Coprocessor, Operation
from mock_cards.cv_certificate import parse_cv_certificate
from mock_cards.der import oid_value
from mock_cards.issuing.cv_pki import CvPkiOrder, make_cv_pki
from mock_cards.issuing.security_infos import make_card_access, pace_info
from mock_cards.keys import new_dh_key, new_ec_key, seeded_rng
from mock_cards.protocols import Mapping, chip_authentication_oid, domain_by_id, pace_oid, public_key_oid
from reader.access import Can, open_channel
from reader.crypto import CURVES, MODP_GROUPS, CipherSuite, ModpGroup, curve_by_name, is_on_curve
from reader.errors import DataError
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, find, parse_all

RNG = seeded_rng("groups")
GROUP = MODP_GROUPS[2]
PRIVATE = 0x1234567
PUBLIC = pow(GROUP.g, PRIVATE, GROUP.p)


def _bytes(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


@pytest.fixture
def open_dh(small_image: Callable[..., CardImage], terminal):
    """Return a maker of terminals inside a BAC session with a chip whose static key is in a prime field."""

    def make(suite: CipherSuite, group: ModpGroup = GROUP):
        key = new_dh_key(group, RNG)
        chip_key = ChipKey(chip_authentication_oid(suite, group), suite, key)
        it = terminal(replace(small_image(profile_by_name("icao-dh")), chip_keys=(chip_key,)))
        it.select_application()
        assert it.bac().sw == 0x9000
        return it, key

    return make


def _send(it, command: CommandAPDU) -> ResponseAPDU:
    return it.unprotect(it.chip.transmit(it.protect(command)))


def test_set_kat_takes_a_diffie_hellman_key_too(open_dh) -> None:
    it, key = open_dh(CipherSuite.TDES)
    assert _send(it, CommandAPDU(0, 0x22, 0x41, 0xA6, encode(0x91, _bytes(PUBLIC)))).sw == 0x9000
    secret = pow(key.value, PRIVATE, GROUP.p).to_bytes(GROUP.field_length, "big")
    it.start(CipherSuite.TDES, secret)
    assert it.secure("00B0810004").sw == 0x9000


@pytest.mark.parametrize("value", [0, 1, GROUP.p - 1, GROUP.p, GROUP.p + 5, 2, 3])
def test_a_value_outside_the_subgroup_is_6a80_and_the_old_keys_stay(open_dh, value: int) -> None:
    # AC-14 from the card's side: §9.4.5, RFC 2631 §2.1.5.
    it, _ = open_dh(CipherSuite.TDES)
    data = encode(0x91, value.to_bytes(GROUP.field_length, "big"))
    assert _send(it, CommandAPDU(0, 0x22, 0x41, 0xA6, data)).sw == 0x6A80
    assert it.secure("00B0810004").sw == 0x9000


def test_a_step_longer_than_a_short_command_comes_in_parts(open_dh) -> None:
    it, key = open_dh(CipherSuite.AES_128)
    oid = oid_value(chip_authentication_oid(CipherSuite.AES_128, GROUP))
    assert _send(it, CommandAPDU(0, 0x22, 0x41, 0xA4, encode(0x80, oid))).sw == 0x9000
    data = encode(0x7C, encode(0x80, _bytes(PUBLIC)))
    assert _send(it, CommandAPDU(0x10, 0x86, 0, 0, data[:200])).sw == 0x9000
    assert _send(it, CommandAPDU(0, 0x86, 0, 0, data[200:], 256)).data == encode(0x7C, b"")
    secret = pow(key.value, PRIVATE, GROUP.p).to_bytes(GROUP.field_length, "big")
    it.start(CipherSuite.AES_128, secret)
    assert it.secure("00B0810004").sw == 0x9000


def test_a_whole_step_of_chip_authentication_is_not_chained(open_dh) -> None:
    it, _ = open_dh(CipherSuite.AES_128)
    oid = oid_value(chip_authentication_oid(CipherSuite.AES_128, GROUP))
    _send(it, CommandAPDU(0, 0x22, 0x41, 0xA4, encode(0x80, oid)))
    data = encode(0x7C, encode(0x80, _bytes(PUBLIC)))
    assert _send(it, CommandAPDU(0x10, 0x86, 0, 0, data, 256)).sw == 0x6884


def test_pace_takes_its_long_steps_in_parts_and_answers_in_parts(small_image) -> None:
    option = profile_by_name("icao-dh").pace[0]
    chip = Chip(replace(small_image(profile_by_name("icao-dh")), pace=(option,)))
    chip.power_on()
    data = encode(0x80, oid_value(option.oid)) + encode(0x83, b"\x02")
    assert chip.transmit(CommandAPDU(0, 0x22, 0xC1, 0xA4, data)).sw == 0x9000
    assert chip.transmit(CommandAPDU(0x10, 0x86, 0, 0, b"\x7c\x00", 256)).sw == 0x9000
    step = encode(0x7C, encode(0x81, _bytes(PUBLIC)))
    assert chip.transmit(CommandAPDU(0x10, 0x86, 0, 0, step[:255])) == ResponseAPDU(b"", 0x9000)
    first = chip.transmit(CommandAPDU(0x10, 0x86, 0, 0, step[255:], 256))
    assert (len(first.data), first.sw1) == (256, 0x61)
    rest = chip.transmit(CommandAPDU(0, 0xC0, 0, 0, ne=first.sw2))
    mapped = int.from_bytes(find(first.data + rest.data, 0x7C, 0x82), "big")
    assert GROUP.contains(mapped)


def test_trust_points_are_named_in_the_last_step_where_the_terminal_asks(small_image, terminal) -> None:
    # §4.4.4.1 object 7F4C, §4.4.5 objects 87 and 88.
    pki = make_cv_pki(CvPkiOrder(seed="references", at=date(2026, 6, 1)))
    points = tuple(parse_cv_certificate(pki[name]).trust_point() for name in ("cvca.cvcert", "cvca-new.cvcert"))
    profile = profile_by_name("icao-eac")
    access = make_card_access(*(pace_info(option) for option in profile.pace))
    image = replace(small_image(profile, **{"EF.CardAccess": access}), pace=profile.pace, trust_points=points)
    for chat, expected in ((b"", []), (encode(0x7F4C, b"\x06\x01\x00"), [b"VNTESTCVCA00002", b"VNTESTCVCA00001"])):
        chip = Chip(image)
        chip.power_on()
        objects = {tlv.tag: tlv.value for tlv in parse_all(find(_open(chip, chat).data, 0x7C))}
        assert [objects[tag] for tag in (0x87, 0x88) if tag in objects] == expected


def _open(chip: Chip, chat: bytes = b"") -> ResponseAPDU:
    """Let our reader run PACE, ``chat`` beside what it sends; return the last answer of the protocol."""
    answers: list[ResponseAPDU] = []

    class Link:
        atr = chip.atr

        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            if command.ins == 0x22:
                command = replace(command, data=command.data + chat)
            answer = chip.transmit(command)
            if command.ins == 0x86:
                answers.append(answer)
            return answer

    open_channel(Link(), (Can("123456"),))
    assert chip.in_session
    return answers[-1]


def test_chip_authentication_mapping_binds_a_terminal_as_chip_authentication_does(small_image) -> None:
    curve, suite = curve_by_name("brainpoolP256r1"), CipherSuite.AES_256
    profile = profile_by_name("icao-cam")
    key = ChipKey(chip_authentication_oid(suite, curve), suite, new_ec_key(curve, RNG), 13)
    for option, bound in zip(profile.pace, (32, 0), strict=True):
        files = {"EF.CardAccess": make_card_access(pace_info(option)), "EF.CardSecurity": b"\x30\x00"}
        chip = Chip(replace(small_image(profile, **files), pace=(option,), chip_keys=(key,)))
        chip.power_on()
        _open(chip)
        state = chip._commands._context.state
        assert state is not None
        assert (len(state.chip_id), len(state.terminal_key)) == (32, bound), "Comp() of the keys of PACE (§7.1.2)"


@pytest.mark.parametrize("curve", [one for one in CURVES if one.p % 4 == 3], ids=lambda curve: curve.name)
def test_integrated_mapping_ends_on_the_curve_whatever_the_nonces(curve) -> None:
    group = EcGroup(curve, Coprocessor(RNG))
    for _ in range(8):
        assert is_on_curve(curve, group.mapped(pseudo_random(CipherSuite.AES_192, RNG(32), RNG(24), curve.p)))


@pytest.mark.parametrize("number", [0, 1])
def test_integrated_mapping_of_what_has_no_point_is_a_data_error(number: int) -> None:
    with pytest.raises(DataError):
        EcGroup(curve_by_name("secp256r1"), Coprocessor(RNG)).mapped(number)


@pytest.mark.parametrize("group", MODP_GROUPS, ids=lambda group: group.name)
def test_integrated_mapping_ends_in_the_subgroup(group: ModpGroup) -> None:
    mapped = PrimeGroup(group, Coprocessor(RNG)).mapped(pseudo_random(CipherSuite.TDES, RNG(16), RNG(16), group.p))
    assert group.contains(mapped)


def test_public_values_are_minimal_and_shared_secrets_whole() -> None:
    # §9.4.1 and §9.6: two rules for leading zeros, one each way.
    group = PrimeGroup(GROUP, Coprocessor(RNG))
    small = 1 << 2000
    assert len(group.encode(small)) == 251
    assert len(group.secret(small)) == 256


def test_what_a_chip_calculates_is_counted_by_kind() -> None:
    coprocessor = Coprocessor(RNG)
    group = PrimeGroup(GROUP, coprocessor)
    group.raised(PRIVATE, group.generator)
    (work,) = coprocessor.take()
    assert (work.operation, work.bits, work.exponent_bits) == (Operation.DH, 2048, 256)


def test_object_identifiers_are_those_of_the_standard() -> None:
    bp256, modp = domain_by_id(13), domain_by_id(2)
    assert pace_oid(Mapping.GENERIC, CipherSuite.TDES, modp) == "0.4.0.127.0.7.2.2.4.1.1"
    assert pace_oid(Mapping.GENERIC, CipherSuite.AES_128, bp256) == "0.4.0.127.0.7.2.2.4.2.2"
    assert pace_oid(Mapping.INTEGRATED, CipherSuite.AES_192, modp) == "0.4.0.127.0.7.2.2.4.3.3"
    assert pace_oid(Mapping.INTEGRATED, CipherSuite.AES_256, bp256) == "0.4.0.127.0.7.2.2.4.4.4"
    assert pace_oid(Mapping.CHIP_AUTHENTICATION, CipherSuite.AES_128, bp256) == "0.4.0.127.0.7.2.2.4.6.2"
    assert chip_authentication_oid(CipherSuite.AES_128, modp) == "0.4.0.127.0.7.2.2.3.1.2"
    assert (public_key_oid(modp), public_key_oid(bp256)) == ("0.4.0.127.0.7.2.2.1.1", "0.4.0.127.0.7.2.2.1.2")
    for refused in (lambda: domain_by_id(3), lambda: pace_oid(Mapping.CHIP_AUTHENTICATION, CipherSuite.TDES, bp256)):
        with pytest.raises(ValueError, match=r"standardised|curves and AES"):
            refused()

"""Reader and chip, each written from the standard, meet in every mapping, group and cipher of PACE."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from mock_cards.chip import Chip, ChipKey, PaceOption, PasswordKind, Passwords, image_from_files, profile_by_name
from mock_cards.issuing.security_infos import make_card_access, pace_info
from mock_cards.keys import new_ec_key, seeded_rng
from mock_cards.protocols import Mapping, chip_authentication_oid, domain_by_id, pace_oid
from reader.access import Can, Pin, Puk, open_channel
from reader.crypto import CipherSuite, Curve
from reader.iso7816 import CommandAPDU

SUITES = tuple(CipherSuite)
GENERIC = [(Mapping.GENERIC, suite, number) for suite, number in product(SUITES, (0, 1, 2, *range(8, 19)))]
# P-224 has a prime that the point encoding does not work for (ICAO 9303-11 §9.5.1).
INTEGRATED = [(Mapping.INTEGRATED, suite, number) for suite, number in product(SUITES, (0, 1, 2, 8, 9, *range(11, 19)))]
CHIP_AUTHENTICATION = [
    (Mapping.CHIP_AUTHENTICATION, suite, number) for suite, number in product(SUITES[1:], range(8, 19))
]
DG1 = b"\x61\x5d" + bytes(93)


def _chip(mapping: Mapping, suite: CipherSuite, number: int) -> Chip:
    domain = domain_by_id(number)
    option = PaceOption(pace_oid(mapping, suite, domain), suite, domain, mapping)
    keys: tuple[ChipKey, ...] = ()
    if isinstance(domain, Curve):
        key = new_ec_key(domain, seeded_rng(f"mapping/{number}"))
        keys = (ChipKey(chip_authentication_oid(suite, domain), suite, key, number),)
    files = {"EF.CardAccess": make_card_access(pace_info(option)), "DG1": DG1, "EF.CardSecurity": b"\x30\x00"}
    passwords = Passwords(b"L898902C<369080619406236", "123456", "246810", "1357913579")
    image = image_from_files(files, profile_by_name("icao-dh"), passwords, pace=(option,), chip_keys=keys)
    chip = Chip(image)
    chip.power_on()
    return chip


@pytest.mark.parametrize(
    ("mapping", "suite", "number"),
    [*GENERIC, *INTEGRATED, *CHIP_AUTHENTICATION],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_reader_and_chip_agree(mapping: Mapping, suite: CipherSuite, number: int) -> None:
    chip = _chip(mapping, suite, number)
    channel = open_channel(chip, (Can("123456"),))
    assert chip.in_session
    assert channel.link.transmit(CommandAPDU(0, 0xA4, 4, 0x0C, bytes.fromhex("A0000002471001"))).sw == 0x9000
    assert channel.link.transmit(CommandAPDU(0, 0xB0, 0x81, 0, ne=95)).data == DG1
    assert (channel.chip_mapping is not None) is (mapping is Mapping.CHIP_AUTHENTICATION)
    assert not list(chip.refusals)


@pytest.mark.parametrize(
    ("password", "kind"), [(Pin("246810"), PasswordKind.PIN), (Puk("1357913579"), PasswordKind.PUK)]
)
def test_the_reader_opens_by_pin_and_puk(password: Any, kind: PasswordKind) -> None:
    chip = _chip(Mapping.GENERIC, CipherSuite.AES_128, 13)
    open_channel(chip, (password,))
    assert chip.in_session
    assert chip.memory.passwords.tries_left(kind) in (3, 10)

"""Our card against a terminal that nobody here wrote: OpenPACE's libeac3, from PACE to reading a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mock_cards.chip import CardImage, Chip, ChipKey, PaceOption, profile_by_name
from mock_cards.der import oid_value
from mock_cards.issuing import Issuer
from mock_cards.issuing.mrz import mrz_of
from mock_cards.issuing.security_infos import PACE_ECDH_GM_OID
from mock_cards.keys import DhKey, EcKey, new_dh_key, new_ec_key, seeded_rng
from mock_cards.personas import load_persona
from mock_cards.protocols import Mapping, chip_authentication_oid, domain_by_id, pace_oid
from reader.crypto import CipherSuite, Curve, curve_by_parameter_id, encode_point
from reader.iso7816 import CommandAPDU, encode, find, parse

pytestmark = pytest.mark.peer

APPLICATION = bytes.fromhex("A0000002471001")
CAN, MRZ = 2, 1
# The standardised parameters: 0 to 2 are MODP groups, 8 to 18 curves.
PARAMETERS = (0, 1, 2, *range(8, 19))


@pytest.fixture
def peer(libeac, project_root: Path):
    return libeac.LibEac(project_root)


@pytest.fixture(scope="module")
def personalised() -> CardImage:
    issuer = Issuer(seeded_rng("peer"))
    return issuer.issue(load_persona("nguyen-van-mau"), profile_by_name("icao-extended")).image()


def _chip(personalised: CardImage, option: PaceOption) -> Chip:
    chip = Chip(replace(personalised, pace=(option,)))
    chip.power_on()
    return chip


@pytest.mark.parametrize("parameter", PARAMETERS)
@pytest.mark.parametrize("suite", list(CipherSuite), ids=lambda suite: suite.name)
def test_a_foreign_terminal_opens_our_card_by_its_can_and_reads_it(
    personalised, peer, libeac, suite: CipherSuite, parameter: int
) -> None:
    domain = domain_by_id(parameter)
    oid = pace_oid(Mapping.GENERIC, suite, domain)
    chip = _chip(personalised, PaceOption(oid, suite, domain))

    def read() -> None:
        chip.power_on()
        with peer.pace(oid, parameter, CAN, "000001") as party:
            terminal = libeac.PeerTerminal(chip, party, oid)
            terminal.open(CAN)
            assert terminal.secure(CommandAPDU(0, 0xA4, 4, 0x0C, APPLICATION)).sw == 0x9000
            answer = terminal.secure(CommandAPDU(0, 0xB0, 0x81, 0, ne=256))
            assert answer.sw == 0x9000
            assert answer.data.startswith(b"\x61\x5d\x5f\x1f\x5aIDVNM")

    libeac.patiently(parameter, read)


def test_a_foreign_terminal_opens_our_card_by_its_whole_mrz(personalised, peer, libeac) -> None:
    oid = PACE_ECDH_GM_OID[CipherSuite.AES_128]
    chip = _chip(personalised, PaceOption(oid, CipherSuite.AES_128, curve_by_parameter_id(13)))
    mrz = "".join(mrz_of(load_persona("nguyen-van-mau").card).lines)
    with peer.pace(oid, 13, MRZ, mrz) as party:
        libeac.PeerTerminal(chip, party, oid).open(MRZ)
    assert chip.in_session


def test_a_foreign_terminal_with_another_can_is_refused(personalised, peer, libeac) -> None:
    oid = PACE_ECDH_GM_OID[CipherSuite.AES_128]
    chip = _chip(personalised, PaceOption(oid, CipherSuite.AES_128, curve_by_parameter_id(13)))
    with peer.pace(oid, 13, CAN, "111111") as party, pytest.raises(AssertionError):
        libeac.PeerTerminal(chip, party, oid).open(CAN)
    assert not chip.in_session
    assert chip.refusals[-1].sw == 0x6300


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer(seeded_rng("peer/eac"))


CHIP_KEYS = [(suite, parameter) for suite in CipherSuite for parameter in PARAMETERS]


@pytest.fixture(scope="module")
def guarded(issuer: Issuer) -> CardImage:
    """Return a card whose DG3 and DG4 want Terminal Authentication."""
    return issuer.issue(load_persona("nguyen-van-mau"), profile_by_name("icao-eac")).image()


def _opened(guarded: CardImage, libeac, peer, suite: CipherSuite, parameter: int) -> tuple[Chip, Any, EcKey | DhKey]:
    """Return a chip with one key for Chip Authentication, opened by a foreign terminal, and that key."""
    domain, rng = domain_by_id(parameter), seeded_rng(f"chip key/{parameter}")
    key = new_ec_key(domain, rng) if isinstance(domain, Curve) else new_dh_key(domain, rng)
    chip_key = ChipKey(chip_authentication_oid(suite, domain), suite, key)
    chip = Chip(replace(guarded, chip_keys=(chip_key,)))
    chip.power_on()
    oid = PACE_ECDH_GM_OID[CipherSuite.AES_128]
    party = peer.pace(oid, 13, CAN, "000001")
    terminal = libeac.PeerTerminal(chip, party, oid)
    terminal.open(CAN)
    assert terminal.secure(CommandAPDU(0, 0xA4, 4, 0x0C, APPLICATION)).sw == 0x9000
    return chip, terminal, key


@pytest.mark.parametrize(("suite", "parameter"), [(CipherSuite.AES_128, 13), (CipherSuite.AES_256, 18)])
def test_a_foreign_inspection_system_authenticates_chip_and_itself(
    issuer, guarded, peer, libeac, suite: CipherSuite, parameter: int
) -> None:
    chip, terminal, key = _opened(guarded, libeac, peer, suite, parameter)
    assert isinstance(key, EcKey)
    oid = chip_authentication_oid(suite, key.curve)
    terminals = issuer.terminals
    holder = terminals.terminal
    der_key = holder.key.signing_key().private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    with terminal.party, peer.inspection_system(oid, parameter) as inspector:
        assert terminal.secure(CommandAPDU(0, 0x22, 0x41, 0xA4, encode(0x80, oid_value(oid)))).sw == 0x9000
        point = encode(0x7C, encode(0x80, inspector.ephemeral_key()))
        assert terminal.secure(CommandAPDU(0, 0x86, 0, 0, point, 256)).sw == 0x9000
        inspector.agree(encode_point(key.curve, key.point))
        inspector.take_key(der_key, terminals["cvca.cvcert"])
        for certificate in terminals.chain:
            authority = find(certificate, 0x7F21, 0x7F4E, 0x42)
            assert (
                libeac.secure(chip, inspector, CommandAPDU(0, 0x22, 0x81, 0xB6, encode(0x83, authority))).sw == 0x9000
            )
            assert libeac.secure(chip, inspector, CommandAPDU(0, 0x2A, 0, 0xBE, parse(certificate).value)).sw == 0x9000
        reference = encode(0x83, holder.reference.encode())
        assert libeac.secure(chip, inspector, CommandAPDU(0, 0x22, 0x81, 0xA4, reference)).sw == 0x9000
        challenge = libeac.secure(chip, inspector, CommandAPDU(0, 0x84, 0, 0, ne=8)).data
        signature = inspector.sign(terminal.chip_id, challenge)
        assert libeac.secure(chip, inspector, CommandAPDU(0, 0xB0, 0x83, 0, ne=4)).sw == 0x6982, "not before"
        # Reading came between the challenge and its answer: the challenge is gone.
        assert libeac.secure(chip, inspector, CommandAPDU(0, 0x82, 0, 0, signature)).sw == 0x6985
        challenge = libeac.secure(chip, inspector, CommandAPDU(0, 0x84, 0, 0, ne=8)).data
        signature = inspector.sign(terminal.chip_id, challenge)
        assert libeac.secure(chip, inspector, CommandAPDU(0, 0x82, 0, 0, signature)).sw == 0x9000
        fingers = libeac.secure(chip, inspector, CommandAPDU(0, 0xB0, 0x83, 0, ne=4))
    assert (fingers.data[:1], fingers.sw) == (b"\x63", 0x9000)


@pytest.mark.parametrize(("suite", "parameter"), CHIP_KEYS, ids=lambda value: getattr(value, "name", str(value)))
def test_a_foreign_terminal_confirms_chip_authentication_with_every_cipher_in_every_group(
    guarded, peer, libeac, suite: CipherSuite, parameter: int
) -> None:
    oid = chip_authentication_oid(suite, domain_by_id(parameter))

    def confirm() -> None:
        chip, terminal, key = _opened(guarded, libeac, peer, suite, parameter)
        if isinstance(key, EcKey):
            static = encode_point(key.curve, key.point)
        else:
            static = key.value.to_bytes((key.value.bit_length() + 7) // 8, "big")
        with terminal.party, peer.inspection_system(oid, parameter) as inspector:
            assert terminal.secure(CommandAPDU(0, 0x22, 0x41, 0xA4, encode(0x80, oid_value(oid)))).sw == 0x9000
            point = encode(0x7C, encode(0x80, inspector.ephemeral_key()))
            assert terminal.secure(CommandAPDU(0, 0x86, 0, 0, point, 256)).sw == 0x9000
            inspector.agree(static)
            answer = libeac.secure(chip, inspector, CommandAPDU(0, 0xB0, 0x81, 0, ne=4))
            assert (answer.data, answer.sw) == (b"\x61\x5d\x5f\x1f", 0x9000)

    libeac.patiently(parameter, confirm)

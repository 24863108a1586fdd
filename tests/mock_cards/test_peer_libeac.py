"""Our card against a terminal that nobody here wrote: OpenPACE's libeac3, from PACE to reading a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mock_cards.chip import CardImage, Chip, PaceOption, profile_by_name
from mock_cards.der import oid_value
from mock_cards.issuing import Issuer
from mock_cards.issuing.mrz import mrz_of
from mock_cards.issuing.security_infos import PACE_ECDH_GM_OID
from mock_cards.keys import seeded_rng
from mock_cards.personas import load_persona
from reader.crypto import CipherSuite, curve_by_parameter_id
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, find, parse_all

pytestmark = pytest.mark.peer

APPLICATION = bytes.fromhex("A0000002471001")
CAN, MRZ = 2, 1
# What libeac has: brainpool and NIST curves of these parameter numbers (facts of the packaged library).
PARAMETERS = (9, 12, 13, 17, 18)


class PeerTerminal:
    """Carry libeac's values to the chip and back; every secret and every cipher is libeac's."""

    def __init__(self, chip: Chip, party, suite: CipherSuite, oid: str) -> None:
        self.chip, self.party, self.suite, self.oid = chip, party, suite, oid

    def open(self, reference: int) -> None:
        data = encode(0x80, oid_value(self.oid)) + encode(0x83, bytes((reference,)))
        assert self.chip.transmit(CommandAPDU(0, 0x22, 0xC1, 0xA4, data)).sw == 0x9000
        self.party.decrypt_nonce(self._step(None, None, 0x80))
        self.party.map_generator(self._step(0x81, self.party.mapping_data(), 0x82))
        theirs = self._step(0x83, self.party.ephemeral_key(), 0x84)
        self.party.agree(theirs)
        token = self._step(0x85, self.party.token(theirs), 0x86, last=True)
        assert self.party.verify_token(token)
        self.party.start_messaging()

    def _step(self, tag: int | None, value: bytes | None, expected: int, *, last: bool = False) -> bytes:
        body = encode(0x7C, encode(tag, value) if tag is not None and value is not None else b"")
        answer = self.chip.transmit(CommandAPDU(0 if last else 0x10, 0x86, 0, 0, body, 256))
        assert answer.sw == 0x9000
        return find(answer.data, 0x7C, expected)

    def secure(self, command: CommandAPDU) -> ResponseAPDU:
        party = self.party
        party.increment()
        body = b""
        if command.data:
            body += encode(0x87, b"\x01" + party.encrypt(party.pad(command.data)))
        if command.ne:
            body += encode(0x97, bytes((command.ne & 0xFF,)))
        header = bytes((0x0C, command.ins, command.p1, command.p2))
        code = party.authenticate(party.pad(party.pad(header) + body) if body else party.pad(header))
        answer = self.chip.transmit(CommandAPDU(*header, data=body + encode(0x8E, code), ne=256))
        party.increment()
        objects = {tlv.tag: tlv for tlv in parse_all(answer.data)}
        signed = answer.data[: objects[0x8E].start]
        assert party.verify(party.pad(signed), objects[0x8E].value)
        data = b""
        if 0x87 in objects:
            data = party.decrypt(objects[0x87].value[1:]).rstrip(b"\x00")[:-1]
        return ResponseAPDU(data, int.from_bytes(objects[0x99].value, "big"))


@pytest.fixture
def peer(libeac, project_root: Path):
    return libeac.LibEac(project_root)


@pytest.fixture(scope="module")
def personalised() -> CardImage:
    issuer = Issuer(seeded_rng("peer"))
    return issuer.issue(load_persona("nguyen-van-mau"), profile_by_name("vietnam-2021")).image()


def _chip(personalised: CardImage, option: PaceOption) -> Chip:
    chip = Chip(replace(personalised, pace=(option,)))
    chip.power_on()
    return chip


@pytest.mark.parametrize("parameter", PARAMETERS)
@pytest.mark.parametrize("suite", list(CipherSuite), ids=lambda suite: suite.name)
def test_a_foreign_terminal_opens_our_card_by_its_can_and_reads_it(
    personalised, peer, suite: CipherSuite, parameter: int
) -> None:
    oid = PACE_ECDH_GM_OID[suite]
    chip = _chip(personalised, PaceOption(oid, suite, curve_by_parameter_id(parameter)))
    with peer.pace(oid, parameter, CAN, "000001") as party:
        terminal = PeerTerminal(chip, party, suite, oid)
        terminal.open(CAN)
        assert terminal.secure(CommandAPDU(0, 0xA4, 4, 0x0C, APPLICATION)).sw == 0x9000
        answer = terminal.secure(CommandAPDU(0, 0xB0, 0x81, 0, ne=256))
    assert answer.sw == 0x9000
    assert answer.data.startswith(b"\x61\x5d\x5f\x1f\x5aIDVNM")


def test_a_foreign_terminal_opens_our_card_by_its_whole_mrz(personalised, peer) -> None:
    oid = PACE_ECDH_GM_OID[CipherSuite.AES_128]
    chip = _chip(personalised, PaceOption(oid, CipherSuite.AES_128, curve_by_parameter_id(13)))
    mrz = "".join(mrz_of(load_persona("nguyen-van-mau").card).lines)
    with peer.pace(oid, 13, MRZ, mrz) as party:
        PeerTerminal(chip, party, CipherSuite.AES_128, oid).open(MRZ)
    assert chip.in_session


def test_a_foreign_terminal_with_another_can_is_refused(personalised, peer) -> None:
    oid = PACE_ECDH_GM_OID[CipherSuite.AES_128]
    chip = _chip(personalised, PaceOption(oid, CipherSuite.AES_128, curve_by_parameter_id(13)))
    with peer.pace(oid, 13, CAN, "111111") as party, pytest.raises(AssertionError):
        PeerTerminal(chip, party, CipherSuite.AES_128, oid).open(CAN)
    assert not chip.in_session
    assert chip.refusals[-1].sw == 0x6300

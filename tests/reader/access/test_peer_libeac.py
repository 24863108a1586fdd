"""Our terminal against a chip whose cryptography is OpenPACE's: PACE-GM in every group, then secure messaging.

Its integrated mapping is an older draft than ICAO's, and it has no chip-authentication mapping: no peer for those.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from reader.access import (
    Can,
    MrzKey,
    Password,
    Pin,
    Puk,
    SecureMessaging,
    establish_pace,
    open_channel,
    rank_offers,
)
from reader.access.pace_group import MultiplicativeGroup
from reader.crypto import CURVES, MODP_GROUPS
from reader.errors import WrongPassword
from reader.iso7816 import CommandAPDU, ResponseAPDU
from reader.lds import parse_security_infos

pytestmark = pytest.mark.peer

MRZ_TD1 = "I<UTOL898902C<3<<<<<<<<<<<<<<<6908061F9406236UTO<<<<<<<<<<<1ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
MRZ_KEY = MrzKey("L898902C", "690806", "940623")
CAN_KEY = Can("098765")


class Chips:
    """Make chips on libeac and free their contexts afterwards."""

    def __init__(self, libeac: ModuleType, root: Path, cards: SimpleNamespace) -> None:
        self.libeac, self.library, self.cards = libeac, libeac.LibEac(root), cards
        self.parties: list[object] = []

    def chip(self, suite: int, parameter_id: int, kind: int, secret: str, mapping: int = 2) -> object:
        def party(oid: bytes, reference: int, named: int | None) -> object:
            assert reference == kind
            made = self.library.pace(f"0.4.0.127.0.7.2.2.4.{oid[-2]}.{oid[-1]}", named or parameter_id, kind, secret)
            self.parties.append(made)
            return made

        access = self.cards.card_access(self.cards.pace_info(suite, parameter_id, mapping))
        return self.cards.CardSide(card_access=access, party=party, inside=self.inside)

    @staticmethod
    def inside(command: CommandAPDU) -> ResponseAPDU:
        return ResponseAPDU(bytes(index % 251 for index in range(command.ne)), 0x9000)

    def free(self) -> None:
        for party in self.parties:
            party.__exit__(None, None, None)


@pytest.fixture
def chips(libeac: ModuleType, project_root: Path, cards: SimpleNamespace) -> Iterator[Chips]:
    chips = Chips(libeac, project_root, cards)
    yield chips
    chips.free()


@pytest.mark.parametrize("suite", [1, 2, 3, 4], ids=["3DES", "AES-128", "AES-192", "AES-256"])
@pytest.mark.parametrize("parameter_id", [curve.parameter_id for curve in CURVES], ids=[curve.name for curve in CURVES])
def test_the_reader_opens_a_libeac_chip_on_every_curve_with_every_cipher(
    chips: Chips, cards: SimpleNamespace, suite: int, parameter_id: int
) -> None:
    chip = chips.chip(suite, parameter_id, chips.libeac.CAN, CAN_KEY.digits)
    (offer,) = rank_offers(parse_security_infos(chip.card_access).pace)
    result = establish_pace(chip, CAN_KEY, offer)
    messaging = SecureMessaging(chip, result.keys)
    for size in (1, 15, 16, 200, messaging.chunk_sizes.short):
        answer = messaging.transmit(CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=size))
        assert answer == chips.inside(CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=size))
    assert messaging.transmit(CommandAPDU(0x00, 0xA4, 0x02, 0x0C, b"\x01\x01")).sw == 0x9000
    odd = messaging.transmit(CommandAPDU(0x00, 0xB1, 0x00, 0x00, b"\x54\x02\x80\x00", ne=100))
    assert len(odd.data) == 100


@pytest.mark.parametrize("suite", [1, 2, 3, 4], ids=["3DES", "AES-128", "AES-192", "AES-256"])
@pytest.mark.parametrize("parameter_id", [0, 2], ids=[MODP_GROUPS[0].name, MODP_GROUPS[2].name])
def test_the_reader_opens_a_libeac_chip_by_diffie_hellman(
    chips: Chips, monkeypatch: pytest.MonkeyPatch, suite: int, parameter_id: int
) -> None:
    secrets: list[bytes] = []
    secret_of = MultiplicativeGroup.secret

    def keep(group: MultiplicativeGroup, element: int) -> bytes:
        secrets.append(secret_of(group, element))
        return secrets[-1]

    monkeypatch.setattr(MultiplicativeGroup, "secret", keep)
    chip = chips.chip(suite, parameter_id, chips.libeac.CAN, CAN_KEY.digits, mapping=1)
    try:
        channel = open_channel(chip, [CAN_KEY])
    except WrongPassword:
        # PKCS #3 §8.3 gives the secret the length of the prime. OpenPACE drops its leading zeros, so that once in 256
        # runs the keys must differ; any other failure is ours.
        assert secrets[-1][0] == 0
        return
    assert secrets[-1][0] != 0
    assert channel.link.transmit(CommandAPDU(0x00, 0xB0, 0x9E, 0x00, ne=24)).data == bytes(range(24))


@pytest.mark.parametrize(("password", "kind"), [(Pin("123456"), "PIN"), (Puk("0123456789"), "PUK")], ids=["pin", "puk"])
def test_a_libeac_chip_is_opened_with_pin_and_puk(chips: Chips, password: Pin | Puk, kind: str) -> None:
    chip = chips.chip(2, 13, getattr(chips.libeac, kind), password.digits)
    assert open_channel(chip, [password]).password == password


@pytest.mark.parametrize("password", [MRZ_KEY, CAN_KEY], ids=["mrz", "can"])
def test_a_libeac_chip_is_opened_with_either_password(chips: Chips, password: Password) -> None:
    kind, secret = (chips.libeac.CAN, CAN_KEY.digits) if password is CAN_KEY else (chips.libeac.MRZ, MRZ_TD1)
    channel = open_channel(chips.chip(2, 13, kind, secret), [password])
    assert channel.protocol == "pace"
    assert channel.link.transmit(CommandAPDU(0x00, 0xB0, 0x9E, 0x00, ne=24)).data == bytes(range(24))


def test_a_libeac_chip_refuses_a_wrong_can(chips: Chips) -> None:
    with pytest.raises(WrongPassword):
        open_channel(chips.chip(2, 13, chips.libeac.CAN, "111111"), [CAN_KEY])

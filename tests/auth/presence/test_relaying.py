"""A desk relays what it asked for: whatever else a verifier would have read, none of it reaches the chip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from auth.presence import ChallengeOffer, OfferRefused, PresenceLevel, Reason, Target
from auth.presence.claims import CHALLENGE_KIND, ChallengeClaims
from auth.presence.relay import Relayed, _at, _compose, commands_of
from auth.presence.relaying import relayable
from auth.presence.tokens import read_token
from reader.genuine import ChipKey, choose_chip_key
from reader.iso7816 import CommandAPDU
from reader.lds import parse_dg14

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any

DG13 = b"\x01\x0d"
SELECT_DG13 = CommandAPDU(0x00, 0xA4, 0x02, 0x0C, DG13)
READ_CURRENT = CommandAPDU(0x00, 0xB0, 0x00, 0x00, b"", 223)
DG14_BY_SFI = CommandAPDU(0x00, 0xB0, 0x8E, 0x00, b"", 223)


def under_its_keys(register: Register, desk: Desk, offer: ChallengeOffer, *plain: CommandAPDU) -> ChallengeOffer:
    """Return ``offer`` with other commands, protected as only the verifier who made it can."""
    verifier = register.verifier
    claims = read_token(CHALLENGE_KIND, ChallengeClaims, offer.token, register.issuers)
    document = verifier._documents.judge(desk.files, datetime.fromtimestamp(claims.issued, UTC))
    session: Relayed = verifier._session(document, claims, offer.token)
    commands = tuple(_compose(_at(session._keys, index), command) for index, command in enumerate(plain))
    return replace(offer, commands=commands)


def refused(desk: Desk, register: Register, offer: ChallengeOffer, **changes: Any) -> None:
    """Have ``offer`` put to the chip, and see that nothing of it gets there and that nothing of the session is left."""
    before = desk.apdus
    sessions = []
    real, desk.built.card.reset = desk.built.card.reset, lambda: sessions.append(real())
    with pytest.raises(OfferRefused) as error:
        desk.prover(register, **changes).prove(offer)
    assert error.value.reason is Reason.COMMANDS_DIFFER
    assert desk.apdus == before
    assert (len(sessions), desk.session.channel.is_open) == (1, False)


OTHERS = {
    "another-file-selected-and-read": (SELECT_DG13, READ_CURRENT),
    "what-is-selected": (READ_CURRENT,),
    "another-file-by-sfi": (replace(DG14_BY_SFI, p1=0x8D),),
    "further-on": (replace(DG14_BY_SFI, p2=0x10),),
    "more-bytes": (replace(DG14_BY_SFI, ne=231),),
    "as-many-as-there-are": (replace(DG14_BY_SFI, ne=256),),
    "with-an-offset-object": (CommandAPDU(0x00, 0xB1, 0x00, 0x0E, b"\x54\x01\x00", 223),),
    "another-instruction": (CommandAPDU(0x00, 0x84, 0x00, 0x00, b"", 8),),
    "twice": (DG14_BY_SFI, DG14_BY_SFI),
    "nothing": (),
    "with-data": (replace(DG14_BY_SFI, data=b"\x00"),),
    "extended": (replace(DG14_BY_SFI, extended=True),),
}


@pytest.mark.parametrize("plain", OTHERS.values(), ids=OTHERS)
def test_a_verifier_reads_nothing_else_of_the_chip_than_what_was_asked_for(
    desk_with: Callable[..., Desk], register: Register, plain: tuple[CommandAPDU, ...]
) -> None:
    desk = desk_with("vietnam-2021")
    refused(desk, register, under_its_keys(register, desk, desk.offer(register), *plain))


def test_nor_what_the_desk_itself_has_selected(desk_with: Callable[..., Desk], register: Register) -> None:
    desk = desk_with("vietnam-2021", local=False)
    assert desk.session.channel.transmit(SELECT_DG13).sw == 0x9000
    refused(desk, register, under_its_keys(register, desk, desk.offer(register), READ_CURRENT))


def test_nor_by_commands_without_protection(desk_with: Callable[..., Desk], register: Register) -> None:
    desk = desk_with("vietnam-2021")
    offer = desk.offer(register)
    good = offer.commands[0]
    for raw in (b"\x00\xb0\x8e\x00\x08", b"", good[:-1], good + bytes(200), b"\x00" + good[1:], good[:-1] + b"\x01"):
        refused(desk, register, replace(offer, commands=(raw,)))


def test_how_the_file_is_read_is_the_desks_choice_and_the_verifier_keeps_to_it(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    desk = desk_with("vietnam-2021")
    for wished, target in ((Target.READ_BY_SFI, Target.SELECT_AND_READ), (Target.SELECT_AND_READ, Target.READ_BY_SFI)):
        # Signed into the token, and with just the commands for it: but not what this desk asked for.
        refused(desk, register, desk.offer(register, target=target), target=wished)


def test_a_chip_without_short_identifiers_is_sent_one_select_and_one_read(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    desk = desk_with("quirk-no-sfi")
    offer = desk.offer(register, target=Target.SELECT_AND_READ)
    for plain in (
        (SELECT_DG13,),
        (READ_CURRENT,),
        (SELECT_DG13, DG14_BY_SFI),
        (SELECT_DG13, replace(READ_CURRENT, p2=1)),
        (replace(SELECT_DG13, p1=0x04), READ_CURRENT),
        (replace(SELECT_DG13, data=bytes(16)), READ_CURRENT),
        (SELECT_DG13, READ_CURRENT, READ_CURRENT),
    ):
        refused(desk, register, under_its_keys(register, desk, offer, *plain), target=Target.SELECT_AND_READ)
    desk = desk_with("quirk-no-sfi")
    proof = desk.prove(register, target=Target.SELECT_AND_READ)
    assert desk.judged(register, proof).level is PresenceLevel.BOUND_TO_REQUEST


def test_a_chip_that_is_to_sign_is_sent_no_command_of_the_verifiers(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    register.policy = replace(register.policy, evidence_purposes=frozenset({"citizen-information"}))
    desk = desk_with("vietnam-2021")
    offer = desk.offer(register, evidence=True)
    refused(desk, register, replace(offer, commands=(b"\x0c\xb0\x8e\x00\x0d",)))


@pytest.mark.parametrize("chip", ["vietnam-2021", "icao-3des", "icao-p521", "icao-dh"])
@pytest.mark.parametrize("target", list(Target))
def test_what_an_honest_verifier_makes_is_relayed_for_every_cipher(
    desk_with: Callable[..., Desk], register: Register, chip: str, target: Target
) -> None:
    desk = desk_with(chip, local=False)
    key = choose_chip_key(parse_dg14(desk.files.dg14))
    assert isinstance(key, ChipKey)
    offer = desk.offer(register, target=target)
    sent = relayable(offer.commands, target, key.suite, desk.files.dg14)
    assert tuple(command.to_bytes() for command in sent) == offer.commands
    for place, raw in enumerate(offer.commands):
        longer = (*offer.commands[:place], raw + b"\x00", *offer.commands[place + 1 :])
        with pytest.raises(OfferRefused):
            relayable(longer, target, key.suite, desk.files.dg14)


def test_a_shorter_dg14_is_read_to_its_end_and_not_beyond() -> None:
    assert [command.ne for command in commands_of(Target.READ_BY_SFI, bytes(100))] == [100]
    assert [command.ne for command in commands_of(Target.SELECT_AND_READ, bytes(300))] == [0, 223]

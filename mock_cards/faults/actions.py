"""What can be done to an answer, or instead of one: each action by name, with the argument it takes.

An action stands outside the chip, where secure messaging protects what passes. So it plays a bad contact, a broken
field, or somebody who holds a device between card and reader, and it can do nothing that needs the session keys.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from mock_cards.faults.action import Action, CardMaker
from mock_cards.faults.protected import PROTECTED_ACTIONS
from mock_cards.faults.scripted import Act, Scripted
from reader.errors import CardRemoved, MuteCard
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU

__all__ = ["ACTIONS", "action_by_name"]

LONGEST_DELAY = 60_000


def action_by_name(name: str) -> Action:
    """Return the action ``name``; raise KeyError where there is none."""
    for action in ACTIONS:
        if action.name == name:
            return action
    raise KeyError(name)


def _leave(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
    scripted.card.power_off()
    raise CardRemoved("the emulated card left the field")


def _keep_silent(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
    raise MuteCard("the emulated card does not answer")


def _say_done(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
    scripted.card.transmit(command)
    return ResponseAPDU(b"", SW.OK)


def _repeat_last(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
    answer = scripted.card.transmit(command)
    return scripted.last or answer


def _send_twice(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
    scripted.card.transmit(command)
    return scripted.card.transmit(command)


def _plain(act: Act) -> Callable[[str, CardMaker], Act]:
    """Make an action that takes no argument."""

    def make(argument: str, _cards: CardMaker) -> Act:
        if argument:
            raise ValueError("takes no argument")
        return act

    return make


def _status(argument: str, _cards: CardMaker) -> Act:
    """Answer a bare status word; the chip never sees the command."""
    if not re.fullmatch(r"[0-9A-Fa-f]{4}", argument):
        raise ValueError("takes a status word of four hexadecimal digits")
    sw = int(argument, 16)
    return lambda command, scripted: ResponseAPDU(b"", sw)


def _other_status(argument: str, cards: CardMaker) -> Act:
    """Let the chip answer, and put another status word behind its data."""
    bare = _status(argument, cards)

    def act(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
        return ResponseAPDU(scripted.card.transmit(command).data, bare(command, scripted).sw)

    return act


def _flip(argument: str, _cards: CardMaker) -> Act:
    """Flip a bit of the answer's data, counted from its end; data without that bit stay as they are."""
    bit = _number(argument or "0", 8 * 65536, "the number of a bit from the end")

    def act(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
        answer = scripted.card.transmit(command)
        flipped = int.from_bytes(answer.data, "big") ^ 1 << bit
        if bit >= 8 * len(answer.data):
            return answer
        return ResponseAPDU(flipped.to_bytes(len(answer.data), "big"), answer.sw)

    return act


def _truncate(argument: str, _cards: CardMaker) -> Act:
    """Cut the answer's data to its first bytes; the status word stays."""
    length = _number(argument, 65536, "how many bytes are left")

    def act(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
        answer = scripted.card.transmit(command)
        return ResponseAPDU(answer.data[:length], answer.sw)

    return act


def _delay(argument: str, _cards: CardMaker) -> Act:
    """Answer late."""
    seconds = _number(argument, LONGEST_DELAY, "milliseconds") / 1000

    def act(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
        time.sleep(seconds)
        return scripted.card.transmit(command)

    return act


def _swap(argument: str, cards: CardMaker) -> Act:
    """Let another card answer from here on, without the reader noticing the change."""
    if not argument:
        raise ValueError("takes the persona whose card answers from then on")
    other = cards(argument)

    def act(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
        if scripted.card is not other:
            scripted.exchange(other)
        return scripted.card.transmit(command)

    return act


def _number(text: str, most: int, what: str) -> int:
    if not text.isdecimal() or len(text) > 6 or int(text) > most:
        raise ValueError(f"takes {what}, 0 to {most}")
    return int(text)


ACTIONS: tuple[Action, ...] = (
    Action("lost-field", "the card leaves the field; putting it back starts anew", "", _plain(_leave)),
    Action("no-answer", "the card stays and does not answer", "", _plain(_keep_silent)),
    Action("status", "a bare status word in place of an answer; the chip never sees the command", "XXXX", _status),
    Action("other-status", "the chip's answer, with another status word behind it", "XXXX", _other_status),
    Action("empty", "9000 and nothing else, whatever the chip answered", "", _plain(_say_done)),
    Action(
        "flip", "one bit of the answer's data is another, counted from its end; the last without a number", "BIT", _flip
    ),
    Action("truncate", "only the first bytes of the answer's data arrive", "BYTES", _truncate),
    Action("delay", "the answer takes as many milliseconds longer", "MS", _delay),
    Action("replay", "the answer before comes again in place of this one", "", _plain(_repeat_last)),
    Action("resend", "the chip gets the command twice, and its second answer arrives", "", _plain(_send_twice)),
    Action("swap", "the card of another persona answers from then on, and stays", "PERSONA", _swap),
    *PROTECTED_ACTIONS,
)

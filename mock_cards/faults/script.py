"""A fault in one line: ``ACTION[:ARGUMENT][@WHEN]``, as ``status:6700@ins=B0#3`` or ``swap:pham-thi-mau@20``."""

from __future__ import annotations

from dataclasses import dataclass

from mock_cards.card import EmulatedCard
from mock_cards.faults.action import Action, CardMaker
from mock_cards.faults.actions import action_by_name
from mock_cards.faults.scripted import Scripted
from mock_cards.faults.trigger import Trigger, parse_trigger

__all__ = ["FIRST_COMMAND", "Script", "parse_script"]

LONGEST = 200
FIRST_COMMAND = Trigger()


@dataclass(frozen=True, slots=True)
class Script:
    """Hold an action, its argument as written, and when it happens."""

    action: Action
    argument: str
    trigger: Trigger

    def disturb(self, card: EmulatedCard, cards: CardMaker) -> EmulatedCard:
        """Put the action between ``card`` and whoever reads it; raise ValueError or KeyError for a wrong argument."""
        return Scripted(card, self.action.make(self.argument, cards), self.trigger)


def parse_script(text: str) -> Script:
    """Read a script; raise KeyError for no such action, ValueError, saying what is wanted, for the rest.

    Without a time the action happens at the first command. The argument is looked at when the card is made.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a fault of more than {LONGEST} characters")
    what, _, when = text.partition("@")
    name, _, argument = what.partition(":")
    action = action_by_name(name)
    if when == "" and text.endswith("@"):
        raise ValueError("nothing behind @")
    return Script(action, argument, parse_trigger(when) if when else FIRST_COMMAND)

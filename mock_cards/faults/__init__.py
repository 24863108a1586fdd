"""What goes wrong with a card without anybody cheating, and what somebody between card and reader may do.

A fault has a name from a table that says what must come of it (``mock-cards list``), or is a script of one's own: an
action, its argument, and when it happens, as ``status:6700@ins=B0#3``. In comes an emulated card, out goes one that
misbehaves; faults stack in the order given. Calls ``mock_cards.disturbances`` and the card image, nothing else.
"""

from mock_cards.faults.action import Action
from mock_cards.faults.actions import ACTIONS
from mock_cards.faults.script import Script, parse_script
from mock_cards.faults.table import FAULTS, Fault, alter, check_fault, disturb, fault_by_name, tamper
from mock_cards.faults.trigger import HOW_TO_SAY_WHEN, Trigger, parse_trigger

__all__ = [
    "ACTIONS",
    "FAULTS",
    "HOW_TO_SAY_WHEN",
    "Action",
    "Fault",
    "Script",
    "Trigger",
    "alter",
    "check_fault",
    "disturb",
    "fault_by_name",
    "parse_script",
    "parse_trigger",
    "tamper",
]

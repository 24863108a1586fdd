"""Checks that several commands share."""

from __future__ import annotations

from mock_cards.refusal import Refused
from reader.iso7816 import SW, CommandAPDU

__all__ = ["require_zero_p1p2"]


def require_zero_p1p2(command: CommandAPDU, clause: str) -> None:
    """Raise Refused 6A86 unless P1-P2 are 0000."""
    if command.p1 or command.p2:
        raise Refused(SW.WRONG_P1P2, clause, "P1-P2 are 0000")

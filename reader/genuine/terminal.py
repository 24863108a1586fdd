"""Terminal Authentication: said on every report, performed on none, since no State has given us credentials.

Fingerprints (DG3) and irises (DG4) stay closed without it (ICAO 9303-11 §7, BSI TR-03110-1 §3.5).
"""

from __future__ import annotations

from enum import StrEnum

from reader.verdict import Verdict

__all__ = ["TerminalReason", "judge_terminal_authentication"]


class TerminalReason(StrEnum):
    """Name the way in which ``genuine.terminal-authentication`` comes out."""

    NO_CREDENTIALS = "no-credentials"


def judge_terminal_authentication() -> Verdict:
    """Say that this terminal cannot authenticate itself to the chip (CH-20)."""
    return Verdict.unavailable(TerminalReason.NO_CREDENTIALS)

"""What a shell shows of this computer's clock, where it is known to be wrong."""

from __future__ import annotations

from dataclasses import dataclass

from auth.wire.server_time import ServerTime

__all__ = ["WrongClockView", "wrong_clock"]

_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class WrongClockView:
    """Show by how many whole minutes the clock is wrong; ``trusted`` False where dates cannot be judged by it."""

    minutes: int
    ahead: bool
    trusted: bool = True


def wrong_clock(time: ServerTime) -> WrongClockView | None:
    """Return what is shown of the clock behind ``time``; None while it is right, or nobody knows better."""
    if not time.noticed:
        return None
    wrong_by = time.wrong_by
    return WrongClockView(max(1, round(abs(wrong_by) / _MINUTE_S)), wrong_by > 0, time.trusted)

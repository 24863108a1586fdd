"""From what the visit holds of the tap to what a shell shows: how much of the card's presence was shown."""

from __future__ import annotations

from desk.presence_shown import PresenceOfRegister, PresenceView
from desk.tap import TapState
from desk.visit_data import VisitData

__all__ = ["presence_view"]


def presence_view(data: VisitData) -> PresenceView | None:
    """Return what is shown of the card's presence; None where this desk does not ask for it.

    The level of the visit is the lowest that a register which answered was shown: a claim for all of them. As long as
    none has answered, and where none has judged a proof, it is what this desk can say by itself.
    """
    tap = data.tap
    if tap is None:
        return PresenceView(state="", level=0, asking=True) if data.tapping else None
    registers = tuple(
        PresenceOfRegister(
            outcome.register,
            outcome.presence.level if outcome.presence is not None and outcome.presence.accepted else tap.local,
            outcome.presence.accepted if outcome.presence is not None else None,
            outcome.presence.reasons if outcome.presence is not None else (),
        )
        for outcome in data.outcomes
        if outcome.answered
    )
    level = min((one.level for one in registers), default=tap.local)
    return PresenceView(
        state=tap.state.value,
        level=level,
        asking=data.asking,
        reason=tap.reason,
        mode=tap.mode,
        registers=registers if tap.state in (TapState.PROVEN, TapState.PROVEN_OFFLINE) else (),
        least=tap.rule.least,
        enough=data.asking or tap.rule.allows(level),
        below=tap.rule.below,
    )

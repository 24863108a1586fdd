"""What a report says of the card's presence: what was shown to whom, and the receipts that say so."""

from __future__ import annotations

from desk.inspection_report import Json
from desk.presence_view import presence_view
from desk.visit_data import VisitData

__all__ = ["presence_bundles", "presence_report"]


def presence_report(data: VisitData) -> Json:
    """Return what was shown of the card's presence in a visit that asked for it; raise ValueError for another."""
    view = presence_view(data)
    if view is None:
        raise ValueError("no presence was asked for in this visit")
    receipts = {outcome.register: outcome.presence.receipt for outcome in data.outcomes if outcome.presence}
    return {
        "state": view.state,
        "level": view.level,
        "local_level": data.tap.local if data.tap else 0,
        "mode": view.mode,
        "reason": view.reason,
        "least": view.least,
        "enough": view.enough,
        "registers": [
            {
                "register": one.register,
                "level": one.level,
                "accepted": one.accepted,
                "reasons": list(one.reasons),
                "receipt": receipts.get(one.register),
            }
            for one in view.registers
        ],
    }


def presence_bundles(data: VisitData) -> dict[str, bytes]:
    """Return the evidence that the visit's proof was accepted, by register: each verifies where there is no network."""
    tap = data.tap
    if tap is None or tap.proof is None:
        return {}
    # Imported here, since a report without a proof has no use for it.
    from auth.presence import PresenceEvidence

    return {
        outcome.register: PresenceEvidence(
            tap.proof, outcome.presence.receipt, tap.device_key, outcome.presence.trust, outcome.presence.log
        ).to_bytes()
        for outcome in data.outcomes
        if outcome.presence is not None and outcome.presence.accepted
    }

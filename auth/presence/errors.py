"""What a presence verifier raises while it looks at a request, for a signed refusal; and a desk, of an offer."""

from __future__ import annotations

from auth.presence.levels import Reason

__all__ = ["OfferRefused", "PresenceRefused"]


class PresenceRefused(Exception):
    """Refuse for one reason; nothing else is told, since what an attacker sent is not repeated to him."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class OfferRefused(PresenceRefused):
    """Refuse, at the desk, what a verifier would have had put to the card."""

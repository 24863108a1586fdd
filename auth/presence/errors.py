"""What a presence verifier raises while it looks at a request; its caller makes a signed refusal of it."""

from __future__ import annotations

from auth.presence.levels import Reason

__all__ = ["PresenceRefused"]


class PresenceRefused(Exception):
    """Refuse for one reason; nothing else is told, since what an attacker sent is not repeated to him."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason

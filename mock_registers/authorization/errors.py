"""What the authorization server says no with (RFC 6749 §5.2)."""

from __future__ import annotations

__all__ = ["OAuthError"]


class OAuthError(Exception):
    """Refuse with an error of the OAuth registry and, for whoever writes clients, a reason in a few words."""

    def __init__(self, error: str, reason: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.reason = reason
        self.status = status

"""A register's no: its HTTP status, its name, who says it, and whether asking again may help."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["Refusal"]

# Who speaks (RFC 9457 extension ``origin``): what is not the register's decision is the fault of the request.
_REGISTRY = frozenset(
    {
        "checkpoint-does-not-continue",
        "clerk-mismatch",
        "clerk-not-allowed",
        "clerk-not-signed-in",
        "consent-missing",
        "device-cannot-be-answered",
        "device-pending",
        "device-revoked",
        "device-suspended",
        "field-not-allowed",
        "legal-basis-missing",
        "possession-not-proven",
        "presence-too-low",
        "purpose-not-allowed",
        "question-not-allowed",
        "step-up-needed",
        "token-expired",
        "token-invalid",
        "too-many-requests",
        "unknown-device",
        "wrong-device-state",
        "way-not-allowed",
    }
)
_GATEWAY = frozenset({"maintenance"})
_RETRYABLE = frozenset(
    {
        "maintenance",
        "replayed-request",
        "request-in-progress",
        "token-expired",
        "too-many-requests",
        "unknown-answer",
        "unknown-seal-key",
        "use-dpop-nonce",
    }
)


class Refusal(Exception):
    """Refuse a request with an HTTP status and a problem name of ``auth.wire.profile.REFUSALS``.

    ``headers`` go with it, signed, such as ``retry-after`` and ``dpop-nonce``.
    """

    def __init__(self, status: int, name: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(name)
        self.status = status
        self.name = name
        self.headers = dict(headers or {})

    @property
    def origin(self) -> str:
        """Return who says it: "client" where the request is at fault, "gateway", or "registry"."""
        if self.name in _REGISTRY:
            return "registry"
        return "gateway" if self.name in _GATEWAY else "client"

    @property
    def retryable(self) -> bool:
        """Tell whether the same question may be answered later, or asked otherwise."""
        return self.name in _RETRYABLE

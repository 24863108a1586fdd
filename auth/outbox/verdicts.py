"""What becomes of a queued look-up for each way in which sending it can fail: one table."""

from __future__ import annotations

from auth.errors import AnswerForAnother, RegisterError, RegisterRefused, RequestRejected
from auth.outbox.states import Event
from auth.wire.profile import UNKNOWN_SEAL_KEY

__all__ = ["event_of"]

# The device itself is not wanted: nothing more is sent, whatever it is.
_FREEZES = frozenset({"device-revoked", "device-suspended", "unknown-device"})
# Another clerk, another log-in or another role may be what it takes; that is for people to decide. So it is where the
# register has given up the key that the question was sealed to: the same bytes will not be read tomorrow either, though
# a question that is sealed anew would be.
_DOUBTS = frozenset({"clerk-mismatch", "clerk-not-allowed", "purpose-not-allowed", "step-up-needed", UNKNOWN_SEAL_KEY})
# The same bytes may be answered a moment later, or once a clerk's token is fresh.
_PASSES = frozenset(
    {
        "clerk-not-signed-in",
        "maintenance",
        "replayed-request",
        "request-in-progress",
        "signature-out-of-time",
        "token-expired",
        "token-invalid",
        "too-many-requests",
        "use-dpop-nonce",
    }
)


def event_of(error: RegisterError) -> Event:
    """Return what happens to a look-up whose sending ended so.

    Only the register's own signed word refuses it. What was wrong with our request, or an answer about somebody else,
    waits for a decision; anything on the way is tried again.
    """
    if isinstance(error, AnswerForAnother):
        return Event.DOUBT
    if not isinstance(error, RegisterRefused | RequestRejected):
        return Event.RETRY
    if error.why in _FREEZES:
        return Event.FREEZE
    if error.why in _DOUBTS or error.why.startswith("presence-"):
        return Event.DOUBT
    if error.why in _PASSES or error.retryable:
        return Event.RETRY
    return Event.REFUSE if isinstance(error, RegisterRefused) else Event.DOUBT

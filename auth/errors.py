"""What can go wrong with a register, as one branch of the tree in ``reader.errors``.

RegisterError
├─ RegisterUnreachable     register-unreachable       no connection, reset, wrong host, TLS refused
│  ├─ RegisterResting      register-resting           not asked: it did not answer lately, or asked for a pause
│  ├─ ServerRevoked        register-certificate-revoked      the authority took the server's certificate back
│  ├─ RevocationUnknown    register-crl-unusable      no list that can be used tells whether it did
│  │  └─ RevocationOutdated register-crl-expired      the list that tells it has expired
│  ├─ CertificateOutOfTime register-certificate-out-of-time  the server's certificate is not valid now
│  ├─ ClockInDoubt         register-clock-in-doubt    it is not valid by this computer's clock, which is likely wrong
│  └─ ClientCertificateUnusable  client-certificate-unusable    ours, or its key, cannot be used
│     ├─ ClientCertificateOutOfTime client-certificate-out-of-time  ours is not valid now
│     ├─ ClientCertificateRefused client-certificate-refused  the server does not take ours
│     └─ ClientCertificateWanted  client-certificate-wanted   the server wants one, and none is set up
├─ RegisterTimeout         register-timeout           no complete answer within the total deadline
│  └─ RegisterWorking      register-working           it took the look-up, and had no answer to it by then
├─ RegisterRefused         register-refused           a signed refusal, or ours before a byte was sent
├─ RequestRejected         register-request-rejected  signed: what this computer sent was not as it must be
├─ AnswerNotTrusted        register-answer-untrusted  unsigned, unbound, foreign or malformed answer
└─ AnswerForAnother        register-answer-for-another a well-signed answer about somebody else

LedgerUnusable             ledger-unusable            no trace can be left, so nobody is asked
├─ LedgerNoRoom            ledger-no-room             the disk has no more room or files, or this account none of them
└─ LedgerMoved             ledger-moved               last used on another computer, and no register has seen it since
OutboxUnusable             outbox-unusable            nothing can be queued: disk, lock, key or damage
└─ OutboxNoRoom            outbox-no-room             the same of the disk that the queue lies on
OutboxFull                 outbox-full                nothing more can be queued: it holds all it may

ClerkNotSignedIn           clerk-not-signed-in        there is no clerk in whose name to ask
├─ ClerkMayNot             clerk-may-not              the clerk who is signed in has no role for the purpose
└─ StepUpNeeded            clerk-step-up              the purpose wants a newer or stronger sign-in

SignInFailed               sign-in-failed             the sign-in did not come about, or not verifiably
├─ SignInCancelled         sign-in-cancelled          somebody stopped it
├─ SignInRefused           sign-in-refused            the authorization server said no
└─ SignInTimeout           sign-in-timeout            nobody signed in within the time
"""

from __future__ import annotations

from reader.errors import MotCuaError

__all__ = [
    "AnswerForAnother",
    "AnswerNotTrusted",
    "CertificateOutOfTime",
    "ClerkMayNot",
    "ClerkNotSignedIn",
    "ClientCertificateOutOfTime",
    "ClientCertificateRefused",
    "ClientCertificateUnusable",
    "ClientCertificateWanted",
    "ClockInDoubt",
    "LedgerMoved",
    "LedgerNoRoom",
    "LedgerUnusable",
    "OutboxFull",
    "OutboxNoRoom",
    "OutboxUnusable",
    "RegisterError",
    "RegisterRefused",
    "RegisterResting",
    "RegisterTimeout",
    "RegisterUnreachable",
    "RegisterWorking",
    "RequestRejected",
    "RevocationOutdated",
    "RevocationUnknown",
    "ServerRevoked",
    "SignInCancelled",
    "SignInFailed",
    "SignInRefused",
    "SignInTimeout",
    "StepUpNeeded",
]


class RegisterError(MotCuaError):
    """Say that ``register`` gave no answer that may be shown; ``why`` is a short stable string.

    ``retry_after_s`` is how long it says to wait before it is asked again, at most 15 minutes; ``retryable`` tells
    whether the same request may yet be answered; ``trace_id`` is what its operator finds the request by.
    """

    code = "register-trouble"

    def __init__(
        self,
        register: str,
        why: str,
        *,
        retry_after_s: float | None = None,
        retryable: bool = False,
        trace_id: str = "",
    ) -> None:
        super().__init__(f"{register}: {why}")
        self.register = register
        self.why = why
        self.retry_after_s = retry_after_s
        self.retryable = retryable
        self.trace_id = trace_id


class RegisterUnreachable(RegisterError):
    """Say that no connection came about or it broke."""

    code = "register-unreachable"


class RegisterResting(RegisterUnreachable):
    """Say that the register was not asked at all: it may be again in ``retry_after_s``."""

    code = "register-resting"


class ServerRevoked(RegisterUnreachable):
    """Say that the certificate of the server or of its authority was revoked: whoever has the key may be a thief."""

    code = "register-certificate-revoked"


class RevocationUnknown(RegisterUnreachable):
    """Say that revocation is to be checked and cannot be: a list is missing, damaged or of another authority."""

    code = "register-crl-unusable"


class RevocationOutdated(RevocationUnknown):
    """Say that the list has expired, so that it says nothing of what was revoked since."""

    code = "register-crl-expired"


class CertificateOutOfTime(RegisterUnreachable):
    """Say that the server's certificate has expired or is not valid yet, and nothing speaks against our clock."""

    code = "register-certificate-out-of-time"


class ClockInDoubt(RegisterUnreachable):
    """Say that a certificate is out of its time by this computer's clock, which is what is likely wrong."""

    code = "register-clock-in-doubt"


class ClientCertificateUnusable(RegisterUnreachable):
    """Say that the certificate by which this office is known to the server, or its key, cannot be used."""

    code = "client-certificate-unusable"


class ClientCertificateOutOfTime(ClientCertificateUnusable):
    """Say that it has expired or is not valid yet; the server was not called."""

    code = "client-certificate-out-of-time"


class ClientCertificateRefused(ClientCertificateUnusable):
    """Say that the server does not take it; ``why`` is the TLS alert (RFC 8446 §6.2)."""

    code = "client-certificate-refused"


class ClientCertificateWanted(ClientCertificateUnusable):
    """Say that the server wants a client certificate, and none is set up for it."""

    code = "client-certificate-wanted"


class RegisterTimeout(RegisterError):
    """Say that the answer was not complete within the total deadline."""

    code = "register-timeout"


class RegisterWorking(RegisterTimeout):
    """Say that the register took the look-up, in a signed word, and has not come to an answer within the deadline.

    Sent again under the same key later, the look-up finds the answer; ``retry_after_s`` is when it may be there.
    """

    code = "register-working"


class RegisterRefused(RegisterError):
    """Say that the register itself refused, in a signed problem document of its own, or that we did not ask it.

    ``why`` is then one of ``auth.wire.profile.REFUSALS`` or "refused". "purpose-not-allowed" and "malformed-lookup"
    are found here too, before anything is sent.
    """

    code = "register-refused"


class RequestRejected(RegisterError):
    """Say that what we sent was not as the wire wants it, in a signed problem document whose origin is "client".

    That is no decision about the citizen's matter: with the fault mended, the same question may be answered.
    """

    code = "register-request-rejected"


class AnswerNotTrusted(RegisterError):
    """Say that an answer did not verify: nothing of it was used.

    ``digest`` is SHA-256 over what came, for the ledger; empty where nothing whole did.
    """

    code = "register-answer-untrusted"
    digest: bytes = b""


class AnswerForAnother(RegisterError):
    """Say that a well-signed answer speaks of another citizen than was asked about."""

    code = "register-answer-for-another"


class LedgerUnusable(MotCuaError):
    """Say that the ledger cannot be written or does not hold what it should; ``why`` is a stable word."""

    code = "ledger-unusable"

    def __init__(self, why: str) -> None:
        super().__init__(f"ledger: {why}")
        self.why = why


class LedgerNoRoom(LedgerUnusable):
    """Say that no trace can be left for want of room: ``why`` is disk-full, no-more-files or over-quota."""

    code = "ledger-no-room"


class LedgerMoved(LedgerUnusable):
    """Say that the ledger came from another computer: whether it goes on elsewhere, only the registers can tell."""

    code = "ledger-moved"


class OutboxUnusable(MotCuaError):
    """Say that nothing can be queued or sent; ``why`` is a stable word."""

    code = "outbox-unusable"

    def __init__(self, why: str) -> None:
        super().__init__(f"outbox: {why}")
        self.why = why


class OutboxNoRoom(OutboxUnusable):
    """Say that nothing can be queued for want of room: ``why`` is disk-full, no-more-files or over-quota."""

    code = "outbox-no-room"


class OutboxFull(MotCuaError):
    """Say that the outbox holds as many look-ups as it may."""

    code = "outbox-full"

    def __init__(self, capacity: int) -> None:
        super().__init__(f"outbox: holds {capacity} look-ups")
        self.capacity = capacity


class ClerkNotSignedIn(MotCuaError):
    """Say that there is no clerk in whose name to ask; ``why`` is a stable word (nobody, ended)."""

    code = "clerk-not-signed-in"

    def __init__(self, why: str) -> None:
        super().__init__(f"clerk: {why}")
        self.why = why


class ClerkMayNot(ClerkNotSignedIn):
    """Say that the clerk who is signed in may not ask for this purpose, or not this register."""

    code = "clerk-may-not"


class StepUpNeeded(ClerkNotSignedIn):
    """Say that the purpose wants the clerk to sign in again first: lately, and with a one-time code (RFC 9470)."""

    code = "clerk-step-up"


class SignInFailed(MotCuaError):
    """Say that nobody was signed in; ``why`` is a short stable string."""

    code = "sign-in-failed"

    def __init__(self, why: str) -> None:
        super().__init__(f"sign-in: {why}")
        self.why = why


class SignInCancelled(SignInFailed):
    """Say that somebody stopped it, at the desk."""

    code = "sign-in-cancelled"


class SignInRefused(SignInFailed):
    """Say that the authorization server refused, or the clerk did on its page."""

    code = "sign-in-refused"


class SignInTimeout(SignInFailed):
    """Say that nobody signed in within the time."""

    code = "sign-in-timeout"

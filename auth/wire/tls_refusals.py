"""Which error tells of a TLS connection that was not made, and when it is this computer's clock that is in doubt.

TLS judges every date by this computer's own clock. It is refused all the same, whatever the clock may be worth; only
what a person is told to do next depends on it.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime

from auth.errors import (
    CertificateOutOfTime,
    ClientCertificateOutOfTime,
    ClientCertificateRefused,
    ClientCertificateUnusable,
    ClientCertificateWanted,
    ClockInDoubt,
    RegisterUnreachable,
    RevocationOutdated,
    RevocationUnknown,
    ServerRevoked,
)
from auth.wire.endpoint import RegisterEndpoint
from auth.wire.server_time import NOTICED_S, ServerTime

__all__ = ["doubted_date", "refusal", "why_refused"]

# X509_V_ERR_* of OpenSSL's x509_vfy.h, as far as people can be told different things.
_WHY = {
    3: "tls-crl-missing",
    8: "tls-crl-not-of-authority",
    9: "tls-certificate-not-yet-valid",
    10: "tls-certificate-expired",
    11: "tls-crl-not-yet-valid",
    12: "tls-crl-expired",
    18: "tls-unknown-authority",
    19: "tls-unknown-authority",
    20: "tls-unknown-authority",
    21: "tls-unknown-authority",
    23: "tls-certificate-revoked",
    33: "tls-crl-not-of-authority",
    35: "tls-crl-not-of-authority",
    36: "tls-crl-not-of-authority",
    44: "tls-crl-not-of-authority",
    54: "tls-crl-not-of-authority",
    62: "tls-wrong-host",
    64: "tls-wrong-host",
    66: "tls-weak-key",
    67: "tls-weak-key",
    68: "tls-weak-signature",
}
_ALERT = "_ALERT_"
# What a server says of a client's certificate (RFC 8446 §6.2); in TLS 1.3 after the handshake has ended for us.
_OF_CLIENTS = frozenset(
    {
        "access-denied",
        "bad-certificate",
        "certificate-expired",
        "certificate-required",
        "certificate-revoked",
        "certificate-unknown",
        "unknown-ca",
        "unsupported-certificate",
    }
)
_WANTED = "tls-alert-certificate-required"
_ERRORS: Mapping[str, type[RegisterUnreachable]] = {
    "tls-certificate-not-yet-valid": CertificateOutOfTime,
    "tls-certificate-expired": CertificateOutOfTime,
    "tls-certificate-revoked": ServerRevoked,
    "tls-crl-expired": RevocationOutdated,
    "client-certificate-not-yet-valid": ClientCertificateOutOfTime,
    "client-certificate-expired": ClientCertificateOutOfTime,
}
_DATED = frozenset({*_ERRORS, "tls-crl-not-yet-valid"} - {"tls-certificate-revoked"})
# What the beginning of a reason tells where the whole of it does not.
_FAMILIES: tuple[tuple[str, type[RegisterUnreachable]], ...] = (
    ("tls-crl-", RevocationUnknown),
    ("crl-", RevocationUnknown),
    ("client-", ClientCertificateUnusable),
    ("tls-alert-", ClientCertificateRefused),
)


def why_refused(error: ssl.SSLError) -> str:
    """Return the stable reason for a failed handshake, or for the alert by which a server turned us away."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _WHY.get(error.verify_code, "tls-certificate-refused")
    # One that was not raised by OpenSSL has no reason.
    _, found, alert = (getattr(error, "reason", None) or "").partition(_ALERT)
    name = alert.lower().replace("_", "-")
    return f"tls-alert-{name}" if found and name in _OF_CLIENTS else "tls-refused"


def refusal(
    endpoint: RegisterEndpoint, why: str, clock: ServerTime, *, doubted: bool | None = None
) -> RegisterUnreachable:
    """Return the error for ``why``; ``doubted`` says whether the clock is in doubt, where that was judged before."""
    if doubted is None:
        doubted = why in _DATED and doubted_date(endpoint, why, clock)
    if doubted:
        return ClockInDoubt(endpoint.register, why)
    if why == _WANTED and endpoint.client_certificate is None:
        return ClientCertificateWanted(endpoint.register, why)
    kind = _ERRORS.get(why) or next((kind for head, kind in _FAMILIES if why.startswith(head)), RegisterUnreachable)
    return kind(endpoint.register, why)


def doubted_date(endpoint: RegisterEndpoint, why: str, clock: ServerTime) -> bool:
    """Tell whether a date that does not fit speaks against the clock rather than against what bears it.

    Where a register has said, verifiably, what time it is, that decides. Else: what is not valid *yet* was dated in a
    future that its authority did not know either, so the clock is behind. What has *expired* may have been forgotten;
    but where every anchor of the endpoint is over as well, this office would trust nobody, and the clock is ahead.
    """
    behind = why.endswith("not-yet-valid")
    if clock.known:
        return clock.wrong_by < -NOTICED_S if behind else clock.wrong_by > NOTICED_S
    return behind or clock.local() > _last_day(endpoint).timestamp()


def _last_day(endpoint: RegisterEndpoint) -> datetime:
    """Return until when the last of the anchors is valid; they were read as certificates before."""
    from cryptography.x509 import load_der_x509_certificate

    ends = (load_der_x509_certificate(anchor).not_valid_after_utc for anchor in endpoint.tls_anchors)
    return max(ends, default=datetime.max.replace(tzinfo=UTC))

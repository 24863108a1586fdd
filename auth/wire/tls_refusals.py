"""Which error tells of a TLS connection that was not made, and when it is this computer's clock that is in doubt.

TLS judges every date by this computer's own clock. It is refused all the same, whatever the clock may be worth; only
what a person is told to do next depends on it. A clock that is somewhat wrong does not make every expired certificate
its own fault: whoever set it right would then still stand before the same refusal.
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
from auth.wire.server_time import NOTICED_S, TRUSTED_S, ServerTime
from auth.wire.validity import Validity

__all__ = ["depends_on_dates", "doubted_date", "refusal", "why_refused"]

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
_OF_SERVERS = frozenset({"tls-certificate-not-yet-valid", "tls-certificate-expired"})
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


def depends_on_dates(why: str, clock: ServerTime) -> bool:
    """Tell whether the server's dates decide what is told of ``why``: the clock may be to blame, by what is known."""
    return why in _OF_SERVERS and clock.known and _wrong_for(why, clock) > NOTICED_S


def refusal(
    endpoint: RegisterEndpoint,
    why: str,
    clock: ServerTime,
    *,
    validity: Validity | None = None,
    doubted: bool | None = None,
) -> RegisterUnreachable:
    """Return the error for ``why``; ``doubted`` says whether the clock is in doubt, where that was judged before.

    ``validity`` is that of what bears the date that did not fit, where it could be had.
    """
    if doubted is None:
        doubted = why in _DATED and doubted_date(endpoint, why, clock, validity)
    if doubted:
        return ClockInDoubt(endpoint.register, why)
    if why == _WANTED and endpoint.client_certificate is None:
        return ClientCertificateWanted(endpoint.register, why)
    kind = _ERRORS.get(why) or next((kind for head, kind in _FAMILIES if why.startswith(head)), RegisterUnreachable)
    return kind(endpoint.register, why)


def doubted_date(endpoint: RegisterEndpoint, why: str, clock: ServerTime, validity: Validity | None = None) -> bool:
    """Tell whether a date that does not fit speaks against the clock rather than against what bears it.

    Where a register has said, verifiably, what time it is, that decides. Else: what is not valid *yet* was dated in a
    future that its authority did not know either, so the clock is behind. What has *expired* may have been forgotten;
    but where every anchor of the endpoint is over as well, this office would trust nobody, and the clock is ahead.
    """
    if clock.known:
        return _wrong_for(why, clock) > NOTICED_S and _is_the_clocks(clock, validity)
    return _is_early(why) or clock.local() > _last_day(endpoint).timestamp()


def _is_the_clocks(clock: ServerTime, validity: Validity | None) -> bool:
    """Tell whether the right time would do for what a clock refuses that is known to be wrong in that direction.

    It must be valid for certain: the right time is known to within what nobody is told of. Where its dates could not
    be had, or fit and it is a certificate above it whose dates do not, only a clock that says nothing of any date is
    blamed: certificates are replaced days before their end, so that minutes or hours hardly ever decide.
    """
    if validity is None or validity.holds(clock.local()):
        return abs(clock.wrong_by) > TRUSTED_S
    return validity.holds(clock.now(), margin=NOTICED_S)


def _is_early(why: str) -> bool:
    return why.endswith("not-yet-valid")


def _wrong_for(why: str, clock: ServerTime) -> float:
    """Return by how many seconds the clock is wrong in the direction that would explain ``why``."""
    return -clock.wrong_by if _is_early(why) else clock.wrong_by


def _last_day(endpoint: RegisterEndpoint) -> datetime:
    """Return until when the last of the anchors is valid; they were read as certificates before."""
    from cryptography.x509 import load_der_x509_certificate

    ends = (load_der_x509_certificate(anchor).not_valid_after_utc for anchor in endpoint.tls_anchors)
    return max(ends, default=datetime.max.replace(tzinfo=UTC))

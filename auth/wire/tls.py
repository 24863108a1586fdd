"""The TLS context of one endpoint: its own anchors and nothing from this machine."""

from __future__ import annotations

import ssl

from auth.errors import RegisterUnreachable
from auth.wire.endpoint import RegisterEndpoint

__all__ = ["client_context", "why_refused"]

# TLS 1.3 suites are AEAD with ephemeral keys anyway; these are the TLS 1.2 suites of the same kind (RFC 9325 §4.2).
_TLS12_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"

# X509_V_ERR_* of OpenSSL's x509_vfy.h, as far as a clerk can be told different things.
_WHY = {
    9: "tls-certificate-not-yet-valid",
    10: "tls-certificate-expired",
    18: "tls-unknown-authority",
    19: "tls-unknown-authority",
    20: "tls-unknown-authority",
    21: "tls-unknown-authority",
    62: "tls-wrong-host",
    64: "tls-wrong-host",
}


def client_context(endpoint: RegisterEndpoint) -> ssl.SSLContext:
    """Return a context that trusts only ``endpoint.tls_anchors`` and checks the host name.

    Made by hand instead of ``ssl.create_default_context``, which reads SSL_CERT_FILE and SSLKEYLOGFILE and the trust
    store of the system. TLS 1.2 with ECDHE and AEAD is the floor. Raises RegisterUnreachable where an anchor is no
    certificate or there is none: an empty set must never mean "trust anybody".
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_TLS12_SUITES)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if not endpoint.tls_anchors:
        raise RegisterUnreachable(endpoint.register, "no-tls-anchor")
    try:
        for anchor in endpoint.tls_anchors:
            context.load_verify_locations(cadata=anchor)
    except (ssl.SSLError, ValueError):
        raise RegisterUnreachable(endpoint.register, "bad-tls-anchor") from None
    return context


def why_refused(error: ssl.SSLError) -> str:
    """Return the stable reason for a failed handshake."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _WHY.get(error.verify_code, "tls-certificate-refused")
    return "tls-refused"

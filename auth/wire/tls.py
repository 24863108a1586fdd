"""The TLS context of one endpoint: its own anchors and nothing from this machine."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Sequence

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate

from auth.errors import RegisterUnreachable
from auth.wire.endpoint import RegisterEndpoint

__all__ = ["WrongPin", "check_pin", "client_context"]

# TLS 1.3 suites are AEAD with ephemeral keys anyway; these are the TLS 1.2 suites of the same kind (RFC 9325 §4.2).
# Security level 2 refuses SHA-1 and short keys in the chain, whatever this machine's OpenSSL was built to allow.
_TLS12_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=2"


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


class WrongPin(Exception):
    """Say that the server's key is none of those that were pinned."""


def check_pin(pins: Sequence[bytes], connection: ssl.SSLObject | ssl.SSLSocket) -> None:
    """Raise WrongPin unless the key of the server's certificate is among ``pins``; without pins any key will do."""
    if not pins:
        return
    der = connection.getpeercert(binary_form=True)
    if der is None:
        raise WrongPin
    key = load_der_x509_certificate(der).public_key()
    if hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest() not in pins:
        raise WrongPin

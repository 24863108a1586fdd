"""What the sandbox's authorities have in common when they issue certificates."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["begun_certificate", "key_usage"]


def begun_certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    """Return a certificate that wants its extensions and its signature, with a serial number that nobody guesses."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def key_usage(*, certificates: bool, commits: bool = False) -> x509.KeyUsage:
    """Return what a key is for: to sign ``certificates`` and lists of them, or what it signs by itself.

    Whoever ``commits`` to it cannot deny it later: contentCommitment is what RFC 5280 calls nonRepudiation now.
    """
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=commits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )

"""Private keys as files: PKCS#8, unencrypted (RFC 5958, RFC 5915). For test keys only."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mock_cards import der
from mock_cards.issuing.signatures import Key
from mock_cards.keys import EcKey, RsaKey
from reader.crypto import encode_point

__all__ = ["to_pkcs8"]

_EC_PUBLIC_KEY = "1.2.840.10045.2.1"


def to_pkcs8(key: Key) -> bytes:
    """Encode a key, DER; raise ValueError for an RSA key that is none (exponent 1)."""
    return _elliptic(key) if isinstance(key, EcKey) else _rsa(key)


def _elliptic(key: EcKey) -> bytes:
    private = der.sequence(
        der.integer(1),
        der.octet_string(key.scalar.to_bytes(key.curve.order_length, "big")),
        der.explicit(1, der.bit_string(encode_point(key.curve, key.point))),
    )
    algorithm = der.sequence(der.object_identifier(_EC_PUBLIC_KEY), der.object_identifier(key.curve.oid))
    return der.sequence(der.integer(0), algorithm, der.octet_string(private))


def _rsa(key: RsaKey) -> bytes:
    if key.public_exponent == 1:
        raise ValueError("a key of exponent 1 has no primes to write")
    n, e, d = key.modulus, key.public_exponent, key.private_exponent
    p, q = rsa.rsa_recover_prime_factors(n, e, d)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), rsa.RSAPublicNumbers(e, n)
    )
    return numbers.private_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

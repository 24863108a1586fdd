"""How the test issuer signs: RSA with PKCS#1 v1.5 or PSS, ECDSA on every curve of the table, strong or weak.

Written out (RFC 8017 §8, §9; RFC 6979; BSI TR-03111 §4.2.1) where a library stands in the way of a test issuer: MD5,
a generator of one's own, brainpool 192, 224 and 320. Nothing is drawn at random, so that the same seed gives the same
bytes: nonces and salts are derived from key and message.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mock_cards import der
from mock_cards.keys import EcKey, RsaKey
from reader.crypto import curve_by_name, generator, in_cryptography, multiply
from reader.iso7816 import parse

__all__ = [
    "HASH_OIDS",
    "Key",
    "SignatureScheme",
    "digest_algorithm",
    "ecdsa",
    "ecdsa_plain",
    "plain_signature",
    "pss",
    "rsa_pkcs1",
    "sign",
    "sign_digest",
]

Key = EcKey | RsaKey

HASH_OIDS = {
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha224": "2.16.840.1.101.3.4.2.4",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_PKCS1_OIDS = {
    "md5": "1.2.840.113549.1.1.4",
    "sha1": "1.2.840.113549.1.1.5",
    "sha224": "1.2.840.113549.1.1.14",
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}
_ECDSA_OIDS = {
    "sha1": "1.2.840.10045.4.1",
    "sha224": "1.2.840.10045.4.3.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
# BSI TR-03111 §5.2.1: r and s beside each other, each as long as the order.
_ECDSA_PLAIN_OIDS = {
    "sha1": "0.4.0.127.0.7.1.1.4.1.1",
    "sha224": "0.4.0.127.0.7.1.1.4.1.2",
    "sha256": "0.4.0.127.0.7.1.1.4.1.3",
    "sha384": "0.4.0.127.0.7.1.1.4.1.4",
    "sha512": "0.4.0.127.0.7.1.1.4.1.5",
}
_PSS_OID = "1.2.840.113549.1.1.10"
_MGF1_OID = "1.2.840.113549.1.1.8"
_HASH_OBJECTS: dict[str, type[hashes.HashAlgorithm]] = {
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True, slots=True)
class SignatureScheme:
    """Hold scheme ("rsa-pkcs1", "rsa-pss", "ecdsa"), hash and the AlgorithmIdentifier that says so, DER.

    ``salt_length`` (bytes) and ``mgf_hash`` belong to PSS.
    """

    name: str
    hash_name: str
    identifier: bytes
    salt_length: int = 0
    mgf_hash: str = ""


def digest_algorithm(hash_name: str) -> bytes:
    """Encode a digest's AlgorithmIdentifier, without NULL (ICAO 9303-10 §4.6.2.3, note 2)."""
    return der.sequence(der.object_identifier(HASH_OIDS[hash_name]))


def rsa_pkcs1(hash_name: str) -> SignatureScheme:
    """Return RSASSA-PKCS1-v1_5 with a hash."""
    identifier = der.sequence(der.object_identifier(_PKCS1_OIDS[hash_name]), der.NULL)
    return SignatureScheme("rsa-pkcs1", hash_name, identifier)


def ecdsa(hash_name: str) -> SignatureScheme:
    """Return ECDSA with a hash, signatures in DER."""
    return SignatureScheme("ecdsa", hash_name, der.sequence(der.object_identifier(_ECDSA_OIDS[hash_name])))


def ecdsa_plain(hash_name: str) -> SignatureScheme:
    """Return ECDSA with a hash, signatures plain: r ‖ s (BSI TR-03111 §5.2.1)."""
    identifier = der.sequence(der.object_identifier(_ECDSA_PLAIN_OIDS[hash_name]))
    return SignatureScheme("ecdsa-plain", hash_name, identifier)


def pss(hash_name: str, *, salt_length: int | None = None, mgf_hash: str = "", trailer: int = 1) -> SignatureScheme:
    """Return RSASSA-PSS; the salt is as long as the hash where nothing else is said (RFC 4055 §3.1).

    A ``trailer`` other than 1 stands in the parameters only: there is no other to sign with.
    """
    salt = hashlib.new(hash_name).digest_size if salt_length is None else salt_length
    mask = mgf_hash or hash_name
    parameters = (
        der.explicit(0, der.sequence(der.object_identifier(HASH_OIDS[hash_name]), der.NULL)),
        der.explicit(
            1,
            der.sequence(
                der.object_identifier(_MGF1_OID), der.sequence(der.object_identifier(HASH_OIDS[mask]), der.NULL)
            ),
        ),
        der.explicit(2, der.integer(salt)),
        der.explicit(3, der.integer(trailer)) if trailer != 1 else b"",
    )
    identifier = der.sequence(der.object_identifier(_PSS_OID), der.sequence(*parameters))
    return SignatureScheme("rsa-pss", hash_name, identifier, salt, mask)


def sign(key: Key, scheme: SignatureScheme, message: bytes) -> bytes:
    """Sign ``message``; raise ValueError for a key of the other kind."""
    if isinstance(key, EcKey):
        if scheme.name not in ("ecdsa", "ecdsa-plain"):
            raise ValueError("an elliptic curve key signs by ECDSA")
        signature = _sign_ecdsa(key, scheme.hash_name, message)
        return signature if scheme.name == "ecdsa" else plain_signature(key, signature)
    if scheme.name == "rsa-pkcs1":
        return _rsa(key, _pkcs1_block(scheme.hash_name, message, _length(key)))
    if scheme.name == "rsa-pss":
        return _rsa(key, _pss_block(key, scheme, message))
    raise ValueError("an RSA key signs by RSASSA-PKCS1-v1_5 or RSASSA-PSS")


def plain_signature(key: EcKey, signature: bytes) -> bytes:
    """Write a DER signature plain: r ‖ s, each as long as the order (BSI TR-03111 §5.2)."""
    size = key.curve.order_length
    return b"".join(int.from_bytes(one.value, "big").to_bytes(size, "big") for one in parse(signature).children())


def _sign_ecdsa(key: EcKey, hash_name: str, message: bytes) -> bytes:
    standard = curve_by_name(key.curve.name) == key.curve and in_cryptography(key.curve)
    if standard and hash_name in _HASH_OBJECTS:
        return key.signing_key().sign(message, ec.ECDSA(_HASH_OBJECTS[hash_name](), deterministic_signing=True))
    r, s = sign_digest(key, hash_name, hashlib.new(hash_name, message).digest())
    return der.sequence(der.integer(r), der.integer(s))


def sign_digest(key: EcKey, hash_name: str, digest: bytes) -> tuple[int, int]:
    """Return (r, s) by the curve's own generator, the nonce of RFC 6979 §3.2."""
    n = key.curve.n
    e = _leftmost(digest, n)
    for k in _Nonces(key, hash_name, e):
        r = multiply(key.curve, k, generator(key.curve)).x % n
        s = pow(k, -1, n) * (e + r * key.scalar) % n
        if r and s:
            return r, s
    raise AssertionError("nonces never end")


def _leftmost(octets: bytes, n: int) -> int:
    """Return as many of the leftmost bits as ``n`` has (``bits2int`` of RFC 6979 §2.3.2)."""
    return int.from_bytes(octets, "big") >> max(0, 8 * len(octets) - n.bit_length())


class _Nonces:
    """Draw the nonces of RFC 6979 §3.2 one after the other."""

    def __init__(self, key: EcKey, hash_name: str, e: int) -> None:
        self._n = key.curve.n
        self._size = key.curve.order_length
        self._hash = hash_name
        length = hashlib.new(hash_name).digest_size
        self._v, self._k = b"\x01" * length, bytes(length)
        seed = key.scalar.to_bytes(self._size, "big") + (e % self._n).to_bytes(self._size, "big")
        self._reseed(b"\x00" + seed)
        self._reseed(b"\x01" + seed)

    def __iter__(self) -> _Nonces:
        return self

    def __next__(self) -> int:
        while True:
            drawn = b""
            while len(drawn) < self._size:
                self._v = self._mac(self._v)
                drawn += self._v
            k = _leftmost(drawn[: self._size], self._n)
            self._reseed(b"\x00")
            if 0 < k < self._n:
                return k

    def _reseed(self, suffix: bytes) -> None:
        self._k = self._mac(self._v + suffix)
        self._v = self._mac(self._v)

    def _mac(self, data: bytes) -> bytes:
        return hmac.new(self._k, data, self._hash).digest()


def _length(key: RsaKey) -> int:
    return (key.modulus.bit_length() + 7) // 8


def _rsa(key: RsaKey, block: bytes) -> bytes:
    return pow(int.from_bytes(block, "big"), key.private_exponent, key.modulus).to_bytes(_length(key), "big")


def _pkcs1_block(hash_name: str, message: bytes, length: int) -> bytes:
    """Encode EMSA-PKCS1-v1_5 (RFC 8017 §9.2)."""
    algorithm = der.sequence(der.object_identifier(HASH_OIDS[hash_name]), der.NULL)
    info = der.sequence(algorithm, der.octet_string(hashlib.new(hash_name, message).digest()))
    return b"\x00\x01" + b"\xff" * (length - 3 - len(info)) + b"\x00" + info


def _pss_block(key: RsaKey, scheme: SignatureScheme, message: bytes) -> bytes:
    """Encode EMSA-PSS (RFC 8017 §9.1.1)."""
    bits = key.modulus.bit_length() - 1
    length = (bits + 7) // 8
    digest = hashlib.new(scheme.hash_name, message).digest()
    salt = _mask(b"salt" + key.private_exponent.to_bytes(_length(key), "big") + digest, scheme.salt_length, "sha256")
    h = hashlib.new(scheme.hash_name, bytes(8) + digest + salt).digest()
    block = (b"\x01" + salt).rjust(length - len(h) - 1, b"\x00")
    masked = int.from_bytes(block, "big") ^ int.from_bytes(_mask(h, len(block), scheme.mgf_hash), "big")
    masked &= (1 << (bits - 8 * (length - len(block)))) - 1
    return masked.to_bytes(len(block), "big") + h + b"\xbc"


def _mask(seed: bytes, length: int, hash_name: str) -> bytes:
    """Draw MGF1 (RFC 8017 appendix B.2.1)."""
    out = b""
    while len(out) < length:
        size = len(out) // hashlib.new(hash_name).digest_size
        out += hashlib.new(hash_name, seed + size.to_bytes(4, "big")).digest()
    return out[:length]

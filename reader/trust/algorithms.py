"""Signature algorithms by what their identifier says, and one function that checks a signature under them.

The algorithm is taken from the identifier beside the signature, parameters literally, and never guessed from the key
(ICAO 9303-12 §4.4; RFC 8017, RFC 4055, RFC 5758, BSI TR-03111 §5.2.1). A wrong signature is an answer, not an error.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from asn1crypto import algos, core
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from reader.crypto import Curve, add, generator, in_cryptography, multiply, to_cryptography_public_key
from reader.errors import DataError
from reader.trust.asn1 import AlgorithmIdentifier, asn1_border
from reader.trust.der import KEY, scan
from reader.trust.keys import EcPublicKey, PublicKey, RsaPublicKey
from reader.verdict import Note, Severity

__all__ = [
    "Scheme",
    "SignatureAlgorithm",
    "SignatureFault",
    "check_signature",
    "hash_by_oid",
    "parse_signature_algorithm",
    "signature_algorithm_by_oid",
    "weaknesses",
]


class Scheme(StrEnum):
    """Name how a hash becomes a signature."""

    RSA_PKCS1 = "rsa-pkcs1"
    RSA_PSS = "rsa-pss"
    ECDSA = "ecdsa"
    ECDSA_PLAIN = "ecdsa-plain"


class SignatureFault(StrEnum):
    """Say why a signature is not a good one."""

    INVALID = "signature-invalid"
    KEY_MISMATCH = "key-mismatch"
    ALGORITHM_REFUSED = "algorithm-refused"
    ALGORITHM_UNSUPPORTED = "algorithm-unsupported"


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """Hold scheme and hash; ``hash_name`` is empty where the identifier names none and the context must.

    ``mgf_hash`` and ``salt_length`` (bytes) belong to RSASSA-PSS. ``scheme`` is None for an identifier we do not know,
    whose dotted form is in ``oid``.
    """

    oid: str
    scheme: Scheme | None
    hash_name: str = ""
    mgf_hash: str = ""
    salt_length: int = 0

    @property
    def name(self) -> str:
        """Return scheme and hash, as evidence shows them."""
        return f"{self.scheme}-{self.hash_name}" if self.scheme else self.oid


_HASHES: dict[str, str] = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_RSA_PSS = "1.2.840.113549.1.1.10"
_MGF1 = "1.2.840.113549.1.1.8"
_SCHEMES: dict[str, tuple[Scheme, str]] = {
    "1.2.840.113549.1.1.1": (Scheme.RSA_PKCS1, ""),
    "1.2.840.113549.1.1.4": (Scheme.RSA_PKCS1, "md5"),
    "1.2.840.113549.1.1.5": (Scheme.RSA_PKCS1, "sha1"),
    "1.2.840.113549.1.1.14": (Scheme.RSA_PKCS1, "sha224"),
    "1.2.840.113549.1.1.11": (Scheme.RSA_PKCS1, "sha256"),
    "1.2.840.113549.1.1.12": (Scheme.RSA_PKCS1, "sha384"),
    "1.2.840.113549.1.1.13": (Scheme.RSA_PKCS1, "sha512"),
    "1.2.840.10045.4.1": (Scheme.ECDSA, "sha1"),
    "1.2.840.10045.4.3.1": (Scheme.ECDSA, "sha224"),
    "1.2.840.10045.4.3.2": (Scheme.ECDSA, "sha256"),
    "1.2.840.10045.4.3.3": (Scheme.ECDSA, "sha384"),
    "1.2.840.10045.4.3.4": (Scheme.ECDSA, "sha512"),
    "0.4.0.127.0.7.1.1.4.1.1": (Scheme.ECDSA_PLAIN, "sha1"),
    "0.4.0.127.0.7.1.1.4.1.2": (Scheme.ECDSA_PLAIN, "sha224"),
    "0.4.0.127.0.7.1.1.4.1.3": (Scheme.ECDSA_PLAIN, "sha256"),
    "0.4.0.127.0.7.1.1.4.1.4": (Scheme.ECDSA_PLAIN, "sha384"),
    "0.4.0.127.0.7.1.1.4.1.5": (Scheme.ECDSA_PLAIN, "sha512"),
}
_HASH_OBJECTS: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,  # SHA-1 signatures of old documents are judged, with a warning
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
MAX_SALT = 512


def hash_by_oid(oid: str) -> str | None:
    """Return the hashlib name of a digest algorithm's dotted OID, or None where it is not one we know."""
    return _HASHES.get(oid)


def signature_algorithm_by_oid(oid: str) -> SignatureAlgorithm:
    """Return the algorithm of a dotted OID that takes no parameters; ``scheme`` is None for an unknown one."""
    scheme, hash_name = _SCHEMES.get(oid, (None, ""))
    return SignatureAlgorithm(oid, scheme, hash_name)


@lru_cache(maxsize=256)  # a thousand certificates have a dozen of them
def parse_signature_algorithm(raw: bytes) -> SignatureAlgorithm:
    """Parse a DER AlgorithmIdentifier; parameters of others than PSS are passed over, as real certificates vary there.

    Raise DataError where it, or PSS parameters, are malformed.
    """
    scan(raw, KEY)
    with asn1_border("malformed algorithm identifier"):
        parsed = AlgorithmIdentifier.load(raw, strict=True)
        oid: str = parsed["algorithm"].dotted
        parameters = parsed["parameters"]
        encoded = b"" if isinstance(parameters, core.Void) else parameters.dump()
    return _parse_pss(encoded) if oid == _RSA_PSS else signature_algorithm_by_oid(oid)


def _parse_pss(raw: bytes) -> SignatureAlgorithm:
    """Read RSASSA-PSS parameters literally; absent ones have the defaults of RFC 4055 §3.1 (SHA-1, 20, 1)."""
    with asn1_border("malformed PSS parameters"):
        parsed = algos.RSASSAPSSParams.load(raw or b"\x30\x00", strict=True)
        digest: str = parsed["hash_algorithm"]["algorithm"].dotted
        mask: str = parsed["mask_gen_algorithm"]["algorithm"].dotted
        mask_digest: str = parsed["mask_gen_algorithm"]["parameters"]["algorithm"].dotted
        salt: int = parsed["salt_length"].native
        trailer: int = int(parsed["trailer_field"])
    hash_name, mgf_hash = _HASHES.get(digest), _HASHES.get(mask_digest)
    known = mask == _MGF1 and hash_name and mgf_hash and trailer == 1 and 0 <= salt <= MAX_SALT
    return SignatureAlgorithm(_RSA_PSS, Scheme.RSA_PSS if known else None, hash_name or "", mgf_hash or "", salt)


def check_signature(
    key: PublicKey, algorithm: SignatureAlgorithm, message: bytes, signature: bytes
) -> SignatureFault | None:
    """Return None where ``signature`` over ``message`` verifies, otherwise why not.

    MD5 is refused; SHA-1 is checked, and ``weaknesses`` speaks of it. No other key, curve or padding is tried.
    """
    if algorithm.scheme is None:
        return SignatureFault.ALGORITHM_UNSUPPORTED
    hash_object = _HASH_OBJECTS.get(algorithm.hash_name)
    if hash_object is None:
        return SignatureFault.ALGORITHM_REFUSED
    if isinstance(key, EcPublicKey):
        if algorithm.scheme not in (Scheme.ECDSA, Scheme.ECDSA_PLAIN):
            return SignatureFault.KEY_MISMATCH
        numbers = _split(key.curve, algorithm.scheme, signature)
        digest = hashlib.new(algorithm.hash_name, message).digest()
        verified = numbers is not None and _ecdsa(key, hash_object(), digest, *numbers)
    else:
        if algorithm.scheme not in (Scheme.RSA_PKCS1, Scheme.RSA_PSS):
            return SignatureFault.KEY_MISMATCH
        if key.pss_only and algorithm.scheme is not Scheme.RSA_PSS:
            return SignatureFault.KEY_MISMATCH
        verified = _rsa(key, algorithm, hash_object(), message, signature)
    return None if verified else SignatureFault.INVALID


def _split(curve: Curve, scheme: Scheme, signature: bytes) -> tuple[int, int] | None:
    """Return (r, s) of a DER or plain signature with 0 < r, s < n, or None (BSI TR-03111 §5.2)."""
    if scheme is Scheme.ECDSA_PLAIN:
        size = curve.order_length
        if len(signature) != 2 * size:
            return None
        r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    else:
        try:
            r, s = utils.decode_dss_signature(signature)
        except ValueError:
            return None
    return (r, s) if 0 < r < curve.n and 0 < s < curve.n else None


def _ecdsa(key: EcPublicKey, hash_object: hashes.HashAlgorithm, digest: bytes, r: int, s: int) -> bool:
    if not in_cryptography(key.curve):
        return _ecdsa_by_hand(key, digest, r, s)
    public_key = to_cryptography_public_key(key.curve, key.point)
    try:
        public_key.verify(utils.encode_dss_signature(r, s), digest, ec.ECDSA(utils.Prehashed(hash_object)))
    except InvalidSignature:
        return False
    return True


def _ecdsa_by_hand(key: EcPublicKey, digest: bytes, r: int, s: int) -> bool:
    """Verify on the curves that cryptography lacks, brainpool 192, 224 and 320 (BSI TR-03111 §4.2.1.2)."""
    curve = key.curve
    excess = max(0, 8 * len(digest) - curve.n.bit_length())
    e = int.from_bytes(digest, "big") >> excess
    inverse = pow(s, -1, curve.n)
    u1, u2 = e * inverse % curve.n, r * inverse % curve.n
    try:
        second = multiply(curve, u2, key.point)
        point = add(curve, multiply(curve, u1, generator(curve)), second) if u1 else second
    except DataError:
        return False
    return point.x % curve.n == r


def _rsa(
    key: RsaPublicKey,
    algorithm: SignatureAlgorithm,
    hash_object: hashes.HashAlgorithm,
    message: bytes,
    signature: bytes,
) -> bool:
    mask = _HASH_OBJECTS.get(algorithm.mgf_hash or algorithm.hash_name)
    if mask is None:
        return False
    try:
        public_key = rsa.RSAPublicNumbers(key.exponent, key.modulus).public_key()
        if algorithm.scheme is Scheme.RSA_PSS:
            pss = padding.PSS(padding.MGF1(mask()), algorithm.salt_length)
            public_key.verify(signature, message, pss, hash_object)
        else:
            public_key.verify(signature, message, padding.PKCS1v15(), hash_object)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def weaknesses(key: PublicKey, algorithm: SignatureAlgorithm) -> tuple[Note, ...]:
    """Return warnings for what is verified but no longer strong: SHA-1, RSA below 2048 bits, EC below 224."""
    notes = []
    if algorithm.hash_name == "sha1":
        notes.append(Note("sha1-signature", Severity.WARNING))
    if key.is_short:
        notes.append(Note("short-key", Severity.WARNING))
    return tuple(notes)

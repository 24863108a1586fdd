"""The private key of an inspection system, from PKCS #8: it signs for the terminal and is never shown."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from reader.crypto import Point, curve_by_name, encode_point
from reader.errors import DataError
from reader.genuine.cv_keys import CvPublicKey
from reader.trust import Scheme

__all__ = ["PassphraseNeeded", "TerminalKey", "load_terminal_key"]

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,  # an algorithm that a State may still have certified the terminal for
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


class PassphraseNeeded(DataError):
    """Say that a private key is encrypted and no passphrase was given."""


@dataclass(frozen=True, slots=True, repr=False)
class TerminalKey:
    """Hold one private key of RSA or on a standardised curve."""

    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    def fits(self, public_key: CvPublicKey) -> bool:
        """Tell whether this is the private half of the key in a certificate."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            numbers = self.private.public_key().public_numbers()
            return public_key.rsa is not None and (public_key.rsa.modulus, public_key.rsa.exponent) == (
                numbers.n,
                numbers.e,
            )
        point = self.private.public_key().public_numbers()
        curve = curve_by_name(self.private.curve.name)
        return public_key.rsa is None and public_key.point == encode_point(curve, Point(point.x, point.y))

    def sign(self, message: bytes, certified: CvPublicKey) -> bytes:
        """Sign by the algorithm that the certificate names (9303-11 §7.1.4.1, §7.1.4.2).

        ValueError where the key is of another kind than the algorithm; ``fits`` has been asked before.
        """
        algorithm = certified.algorithm
        digest = _HASHES[algorithm.hash_name]()
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            if algorithm.scheme is not Scheme.ECDSA_PLAIN:
                raise ValueError("an EC key signs with ECDSA")
            r, s = utils.decode_dss_signature(self.private.sign(message, ec.ECDSA(digest)))
            size = curve_by_name(self.private.curve.name).order_length
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        if algorithm.scheme is Scheme.RSA_PSS:
            pss = padding.PSS(padding.MGF1(_HASHES[algorithm.mgf_hash]()), algorithm.salt_length)
            return self.private.sign(message, pss, digest)
        if algorithm.scheme is Scheme.RSA_PKCS1:
            return self.private.sign(message, padding.PKCS1v15(), digest)
        raise ValueError("an RSA key signs with RSA")

    def __repr__(self) -> str:
        """Show nothing: this is a private key."""
        return "TerminalKey()"


def load_terminal_key(raw: bytes, passphrase: bytes | None) -> tuple[TerminalKey, bool]:
    """Read a key in PKCS #8, DER or PEM; return it, and whether it was encrypted.

    A passphrase is used only where the key is encrypted. Raise PassphraseNeeded where it is missing, DataError where it
    is wrong or the key is none that an inspection system may have.
    """
    load = load_pem_private_key if raw.lstrip().startswith(b"-----BEGIN") else load_der_private_key
    encrypted = False
    try:
        try:
            private = load(raw, None)
        except TypeError:
            encrypted = True
            if not passphrase:
                raise PassphraseNeeded("private key that is encrypted, and no passphrase") from None
            private = load(raw, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        what = "passphrase that does not open the private key" if encrypted else "not a private key that can be used"
        raise DataError(what) from None
    if isinstance(private, ec.EllipticCurvePrivateKey):
        curve_by_name(private.curve.name)  # DataError for a curve that no chip knows
    elif not isinstance(private, rsa.RSAPrivateKey):
        raise DataError("private key of a kind that no inspection system has")
    return TerminalKey(private), encrypted

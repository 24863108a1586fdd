"""Active Authentication as the chip does it: sign the terminal's challenge (ICAO 9303-11 §6.1)."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from mock_cards import ecdsa
from mock_cards.coprocessor import Coprocessor
from mock_cards.image import ActiveKey
from mock_cards.keys import EcKey, RsaKey
from mock_cards.profile import ActiveKeySpec
from mock_cards.refusal import Refused
from reader.iso7816 import SW

__all__ = ["sign_challenge"]

CHALLENGE_BYTES = 8
_IMPLICIT_TRAILER = b"\xbc"
_TRAILERS = {
    "sha1": b"\x33\xcc",
    "sha224": b"\x38\xcc",
    "sha256": b"\x34\xcc",
    "sha384": b"\x36\xcc",
    "sha512": b"\x35\xcc",
}


def sign_challenge(
    challenge: bytes, key: ActiveKey | None, spec: ActiveKeySpec | None, coprocessor: Coprocessor
) -> bytes:
    """Take INTERNAL AUTHENTICATE: plain ECDSA r‖s, or RSA by ISO/IEC 9796-2 scheme 1.

    Hash, trailer and encoding are those of ``spec``; without one SHA-256 and what the standard wants.
    """
    if len(challenge) != CHALLENGE_BYTES:
        raise Refused(SW.WRONG_LENGTH, "ICAO 9303-11 §6.1.2.1", "RND.IFD is eight bytes")
    if key is None:
        raise Refused(SW.REFERENCE_NOT_FOUND, "ICAO 9303-11 §6.1.4", "this chip has no Active Authentication key")
    if isinstance(key, EcKey):
        return _sign_ecdsa(challenge, key, spec or ActiveKeySpec(key.curve), coprocessor)
    return _sign_rsa(challenge, key, spec or ActiveKeySpec(key.modulus.bit_length()), coprocessor)


def _sign_ecdsa(challenge: bytes, key: EcKey, spec: ActiveKeySpec, coprocessor: Coprocessor) -> bytes:
    """Return r‖s, each as long as the group's order (§6.1.2.3, BSI TR-03111 §5.2.1), or DER where the chip errs so."""
    digest = hashlib.new(spec.hash_name, challenge).digest()
    r, s = ecdsa.sign(key.curve, key.scalar, digest, coprocessor)
    if spec.der:
        return encode_dss_signature(r, s)
    size = key.curve.order_length
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _sign_rsa(challenge: bytes, key: RsaKey, spec: ActiveKeySpec, coprocessor: Coprocessor) -> bytes:
    """Return the signature over M1‖challenge; M1 fills what the modulus leaves free (§6.1.2.2).

    The capacity is c = k - Lh - 8t - 4 bits; M1 has c - 4, so that header nibble 6 and the A that ends the padding make
    one byte 6A. The signature is the number itself, not the smaller of it and its complement (ISO/IEC 9796-2 B.6).
    """
    size = (key.modulus.bit_length() + 7) // 8
    implicit = spec.hash_name == "sha1" and not spec.explicit_trailer
    trailer = _IMPLICIT_TRAILER if implicit else _TRAILERS[spec.hash_name]
    hash_length = hashlib.new(spec.hash_name).digest_size
    own_nonce = coprocessor.rng(size - 1 - hash_length - len(trailer))
    digest = hashlib.new(spec.hash_name, own_nonce + challenge).digest()
    representative = int.from_bytes(b"\x6a" + own_nonce + digest + trailer, "big")
    return coprocessor.sign_rsa(key, representative).to_bytes(size, "big")

"""Active Authentication as the chip does it: sign the terminal's challenge (ICAO 9303-11 §6.1)."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from mock_cards.coprocessor import Coprocessor, Operation
from mock_cards.image import ActiveKey
from mock_cards.keys import EcKey, RsaKey
from mock_cards.refusal import Refused
from reader.iso7816 import SW

__all__ = ["sign_challenge"]

CHALLENGE_BYTES = 8
_TRAILER_SHA256 = b"\x34\xcc"


def sign_challenge(challenge: bytes, key: ActiveKey | None, coprocessor: Coprocessor) -> bytes:
    """Take INTERNAL AUTHENTICATE: plain ECDSA r‖s with SHA-256, or RSA by ISO/IEC 9796-2 scheme 1 with SHA-256."""
    if len(challenge) != CHALLENGE_BYTES:
        raise Refused(SW.WRONG_LENGTH, "ICAO 9303-11 §6.1.2.1", "RND.IFD is eight bytes")
    if key is None:
        raise Refused(SW.REFERENCE_NOT_FOUND, "ICAO 9303-11 §6.1.4", "this chip has no Active Authentication key")
    if isinstance(key, EcKey):
        return _sign_ecdsa(challenge, key, coprocessor)
    return _sign_rsa(challenge, key, coprocessor)


def _sign_ecdsa(challenge: bytes, key: EcKey, coprocessor: Coprocessor) -> bytes:
    """Return r‖s, each as long as the group's order (§6.1.2.3, BSI TR-03111 §5.2.1)."""
    coprocessor.note(Operation.EC, key.curve.p.bit_length())
    r, s = decode_dss_signature(key.signing_key().sign(challenge, ec.ECDSA(hashes.SHA256())))
    size = key.curve.order_length
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _sign_rsa(challenge: bytes, key: RsaKey, coprocessor: Coprocessor) -> bytes:
    """Return the signature over M1‖challenge; M1 fills what the modulus leaves free (§6.1.2.2).

    Capacity c = k - 256 - 16 - 4 bits; M1 has c - 4 bits, so header nibble 6 and the A that ends the padding make one
    byte 6A. The signature is the number itself, not the smaller of it and its complement (ISO/IEC 9796-2 B.6).
    """
    size = key.modulus.bit_length() // 8
    own_nonce = coprocessor.rng(size - 1 - 32 - len(_TRAILER_SHA256))
    digest = hashlib.sha256(own_nonce + challenge).digest()
    representative = int.from_bytes(b"\x6a" + own_nonce + digest + _TRAILER_SHA256, "big")
    return coprocessor.sign_rsa(key, representative).to_bytes(size, "big")

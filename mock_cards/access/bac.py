"""Basic Access Control as the chip does it (ICAO 9303-11 §4.3)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from mock_cards.access.secure_messaging import SecureSession
from mock_cards.refusal import Refused
from reader.crypto import COUNTER_ENC, COUNTER_MAC, CipherSuite, Rng, decrypt_cbc, derive_key, encrypt_cbc, mac, pad
from reader.iso7816 import SW

__all__ = ["BacAnswer", "authenticate"]

NONCE_BYTES = 8
_KEY_BYTES = 16
_CRYPTOGRAM_BYTES = 2 * NONCE_BYTES + _KEY_BYTES
_CLAUSE = "ICAO 9303-11 §4.3.1"
_SUITE = CipherSuite.TDES


@dataclass(frozen=True, slots=True)
class BacAnswer:
    """Hold the data of the answer and the session that begins with the next command."""

    data: bytes
    session: SecureSession


def authenticate(data: bytes, challenge: bytes, mrz_information: bytes, rng: Rng) -> BacAnswer:
    """Take EXTERNAL AUTHENTICATE: check E_IFD and M_IFD against ``challenge``, answer E_IC and M_IC."""
    if len(data) != _CRYPTOGRAM_BYTES + 8:
        raise Refused(SW.WRONG_LENGTH, "ICAO 9303-11 §4.3.4.2", "E_IFD and M_IFD are 40 bytes")
    seed = hashlib.sha1(mrz_information, usedforsecurity=False).digest()[:16]
    k_enc, k_mac = derive_key(seed, COUNTER_ENC, _SUITE), derive_key(seed, COUNTER_MAC, _SUITE)
    cryptogram, checksum = data[:_CRYPTOGRAM_BYTES], data[_CRYPTOGRAM_BYTES:]
    if not hmac.compare_digest(checksum, _mac(k_mac, cryptogram)):
        raise Refused(SW.WARNING, _CLAUSE, "M_IFD is wrong: another key")
    plain = decrypt_cbc(_SUITE, k_enc, bytes(8), cryptogram)
    rnd_ifd, rnd_ic, k_ifd = plain[:8], plain[8:16], plain[16:]
    if not hmac.compare_digest(rnd_ic, challenge):
        raise Refused(SW.WARNING, _CLAUSE, "RND.IC is not the challenge given")
    k_ic = rng(_KEY_BYTES)
    answer = encrypt_cbc(_SUITE, k_enc, bytes(8), challenge + rnd_ifd + k_ic)
    secret = bytes(a ^ b for a, b in zip(k_ic, k_ifd, strict=True))
    # The counter starts from the last four bytes of either nonce (§9.8.6.3).
    counter = int.from_bytes(challenge[4:] + rnd_ifd[4:], "big")
    return BacAnswer(answer + _mac(k_mac, answer), SecureSession(_SUITE, secret, counter))


def _mac(key: bytes, data: bytes) -> bytes:
    return mac(_SUITE, key, pad(data, _SUITE.block_size))

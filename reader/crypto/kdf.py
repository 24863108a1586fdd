"""The key derivation function of secure messaging, and the four cipher suites it serves (ICAO 9303-11 §9.7.1)."""

from __future__ import annotations

import hashlib
from enum import Enum

__all__ = ["COUNTER_ENC", "COUNTER_MAC", "COUNTER_PACE", "CipherSuite", "adjust_parity", "derive_key"]

COUNTER_ENC = 1
COUNTER_MAC = 2
COUNTER_PACE = 3


class CipherSuite(Enum):
    """Name a block cipher of secure messaging; each value is (key length, block size, hash of the KDF)."""

    TDES = (16, 8, "sha1")
    AES_128 = (16, 16, "sha1")
    AES_192 = (24, 16, "sha256")
    AES_256 = (32, 16, "sha256")

    @property
    def key_length(self) -> int:
        """Return the bytes of a derived key; 3DES keys are K1‖K2 and become K1‖K2‖K1 inside the cipher."""
        return self.value[0]

    @property
    def block_size(self) -> int:
        """Return the bytes of a cipher block."""
        return self.value[1]

    @property
    def hash_name(self) -> str:
        """Return the hash of the KDF by its hashlib name."""
        return self.value[2]

    @property
    def is_aes(self) -> bool:
        """Tell AES from 3DES."""
        return self is not CipherSuite.TDES


def derive_key(secret: bytes, counter: int, suite: CipherSuite) -> bytes:
    """Derive a key of ``suite.key_length`` bytes from a shared secret (ICAO 9303-11 §9.7.1).

    ``counter`` is 1 for encryption, 2 for authentication, 3 for a PACE password. 3DES keys come back as K1‖K2 with odd
    parity.
    """
    digest = hashlib.new(suite.hash_name, secret + counter.to_bytes(4, "big")).digest()
    key = digest[: suite.key_length]
    return key if suite.is_aes else adjust_parity(key)


def adjust_parity(key: bytes) -> bytes:
    """Set the lowest bit of every byte so that each byte has an odd number of ones, as DES keys have."""
    return bytes((byte & 0xFE) | (1 - (byte >> 1).bit_count() % 2) for byte in key)

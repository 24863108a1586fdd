"""The 8-byte message authentication codes of the chip protocols: retail MAC for 3DES, CMAC for AES.

Nothing here pads. Secure messaging, BAC and the 3DES tokens of PACE pad what they hand in with ``ciphers.pad``
(ICAO 9303-11 §9.8.1: padding is the business of the layer above); AES-CMAC takes any length.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from reader.crypto.ciphers import encrypt_block, encrypt_cbc
from reader.crypto.kdf import CipherSuite

__all__ = ["MAC_LENGTH", "aes_cmac", "mac", "retail_mac"]

MAC_LENGTH = 8


def mac(suite: CipherSuite, key: bytes, data: bytes) -> bytes:
    """Return the 8-byte MAC of ``data`` under the suite's algorithm.

    For 3DES the caller has padded ``data`` to a multiple of 8 bytes (ValueError otherwise). For AES the caller pads
    where the protocol says so (secure messaging: to 16 bytes; PACE and CA tokens: not at all).
    """
    if suite is CipherSuite.TDES:
        return retail_mac(key, data)
    if len(key) != suite.key_length:
        raise ValueError(f"an {suite.name} key is {suite.key_length} bytes")
    return aes_cmac(key, data)[:MAC_LENGTH]


def retail_mac(key: bytes, data: bytes) -> bytes:
    """Return ISO/IEC 9797-1 MAC algorithm 3 with DES and a zero IV; ``key`` is K1‖K2, ``data`` padded already."""
    if len(key) != 16:
        raise ValueError("a retail MAC key is 16 bytes")
    if not data or len(data) % 8:
        raise ValueError("a retail MAC takes whole blocks of 8 bytes")
    # Single DES chaining under K1, then decrypt-encrypt under K2 and K1: the last block is simply 3DES under K1‖K2.
    chained = encrypt_cbc(CipherSuite.TDES, key[:8], bytes(8), data[:-8])[-8:] if len(data) > 8 else bytes(8)
    last = bytes(a ^ b for a, b in zip(chained, data[-8:], strict=True))
    return encrypt_block(CipherSuite.TDES, key, last)


def aes_cmac(key: bytes, data: bytes) -> bytes:
    """Return the full 16-byte AES-CMAC (NIST SP 800-38B); the key is 16, 24 or 32 bytes."""
    cmac = CMAC(algorithms.AES(key))
    cmac.update(data)
    return cmac.finalize()

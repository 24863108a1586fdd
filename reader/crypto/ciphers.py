"""CBC and ECB with 3DES and AES, and the padding of ISO/IEC 9797-1 method 2.

3DES lives in the decrepit module of cryptography: the cards in use today still speak it (ICAO 9303-11 §9.8.6).
"""

from __future__ import annotations

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from reader.crypto.kdf import CipherSuite
from reader.errors import DataError

__all__ = ["decrypt_block", "decrypt_cbc", "encrypt_block", "encrypt_cbc", "pad", "three_key", "unpad"]


def three_key(key: bytes) -> bytes:
    """Make the 24 bytes that 3DES runs on: K1‖K2 becomes K1‖K2‖K1, a single key K becomes K‖K‖K."""
    if len(key) == 8:
        return key * 3
    if len(key) == 16:
        return key + key[:8]
    if len(key) == 24:
        return key
    raise ValueError("a DES key is 8, 16 or 24 bytes")


def _algorithm(suite: CipherSuite, key: bytes) -> TripleDES | algorithms.AES:
    if suite is CipherSuite.TDES:
        return TripleDES(three_key(key))
    if len(key) != suite.key_length:
        raise ValueError(f"an {suite.name} key is {suite.key_length} bytes")
    return algorithms.AES(key)


def encrypt_cbc(suite: CipherSuite, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Encrypt whole blocks in CBC mode; nothing is padded here."""
    encryptor = Cipher(_algorithm(suite, key), modes.CBC(iv)).encryptor()
    return encryptor.update(_blocks(suite, data)) + encryptor.finalize()


def decrypt_cbc(suite: CipherSuite, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Decrypt whole blocks in CBC mode; padding stays. Raise DataError where ``data`` is not whole blocks."""
    decryptor = Cipher(_algorithm(suite, key), modes.CBC(iv)).decryptor()
    return decryptor.update(_blocks(suite, data)) + decryptor.finalize()


def encrypt_block(suite: CipherSuite, key: bytes, block: bytes) -> bytes:
    """Encrypt one block by itself: how the IV of AES secure messaging is made (ICAO 9303-11 §9.8.7.1)."""
    encryptor = Cipher(_algorithm(suite, key), modes.ECB()).encryptor()
    return encryptor.update(_one(suite, block)) + encryptor.finalize()


def decrypt_block(suite: CipherSuite, key: bytes, block: bytes) -> bytes:
    """Decrypt one block by itself."""
    decryptor = Cipher(_algorithm(suite, key), modes.ECB()).decryptor()
    return decryptor.update(_one(suite, block)) + decryptor.finalize()


def _blocks(suite: CipherSuite, data: bytes) -> bytes:
    if len(data) % suite.block_size:
        raise DataError("not a whole number of cipher blocks", len(data))
    return data


def _one(suite: CipherSuite, block: bytes) -> bytes:
    if len(block) != suite.block_size:
        raise DataError("not one cipher block", len(block))
    return block


def pad(data: bytes, block: int) -> bytes:
    """Append 80 and zeros up to a multiple of ``block`` bytes; always at least one byte (ISO/IEC 9797-1 method 2)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def unpad(data: bytes) -> bytes:
    """Take off the padding of ISO/IEC 9797-1 method 2; raise DataError where there is none."""
    stripped = data.rstrip(b"\x00")
    if not stripped.endswith(b"\x80"):
        raise DataError("padding missing", len(stripped))
    return stripped[:-1]

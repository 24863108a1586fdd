"""Basic Access Control from the terminal's side (ICAO 9303-11 §4.3)."""

from __future__ import annotations

import hmac

from reader.access.keys import bac_seed
from reader.access.password import MrzKey
from reader.access.secure_messaging import SessionKeys
from reader.crypto import (
    COUNTER_ENC,
    COUNTER_MAC,
    CipherSuite,
    Rng,
    decrypt_cbc,
    derive_key,
    encrypt_cbc,
    mac,
    pad,
    system_rng,
)
from reader.errors import AccessFailed, WrongPassword
from reader.iso7816 import SW, CardLink, CommandAPDU, ResponseAPDU

__all__ = ["establish_bac"]

TDES = CipherSuite.TDES
NONCE = 8
KEYING_MATERIAL = 16
ANSWER = 40

_REFUSALS = frozenset({SW.SECURITY_STATUS, SW.SM_OBJECTS_INCORRECT, SW.WRONG_DATA})


def establish_bac(link: CardLink, key: MrzKey, rng: Rng = system_rng) -> SessionKeys:
    """Run BAC on the selected application and return the session keys, counter included.

    Raise WrongPassword where the chip refuses our cryptogram, AccessFailed where the chip's own does not verify or a
    command fails; DataError for an MRZ key that cannot be one.
    """
    seed = bac_seed(key)
    k_enc, k_mac = derive_key(seed, COUNTER_ENC, TDES), derive_key(seed, COUNTER_MAC, TDES)
    rnd_ic = _get_challenge(link)
    rnd_ifd, k_ifd = rng(NONCE), rng(KEYING_MATERIAL)
    answer = _authenticate(link, _seal(k_enc, k_mac, rnd_ifd + rnd_ic + k_ifd))
    text = _open(k_enc, k_mac, answer)
    # Both nonces in the chip's order: the answer belongs to this run and is not our own cryptogram sent back (AC-20).
    if not hmac.compare_digest(text[: 2 * NONCE], rnd_ic + rnd_ifd):
        raise AccessFailed("bac answer for another run")
    shared = bytes(a ^ b for a, b in zip(k_ifd, text[2 * NONCE :], strict=True))
    counter = int.from_bytes(rnd_ic[-4:] + rnd_ifd[-4:], "big")
    return SessionKeys(TDES, derive_key(shared, COUNTER_ENC, TDES), derive_key(shared, COUNTER_MAC, TDES), counter)


def _get_challenge(link: CardLink) -> bytes:
    response = link.transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, ne=NONCE))
    if response.sw != SW.OK or len(response.data) != NONCE:
        raise AccessFailed("bac get challenge", response.sw)
    return response.data


def _authenticate(link: CardLink, cryptogram: bytes) -> bytes:
    response = link.transmit(CommandAPDU(0x00, 0x82, 0x00, 0x00, cryptogram, ANSWER))
    if response.sw != SW.OK:
        raise _refusal(response)
    if len(response.data) != ANSWER:
        raise AccessFailed("bac answer of a wrong length", response.sw)
    return response.data


def _refusal(response: ResponseAPDU) -> AccessFailed:
    """Tell a wrong MRZ from other trouble: the cryptogram is the only thing the chip judges here."""
    step = "bac external authenticate"
    if response.sw >> 4 == 0x63C:
        return WrongPassword(step, response.sw, tries_left=response.sw & 0xF)
    if response.sw1 == 0x63 or response.sw in _REFUSALS:
        return WrongPassword(step, response.sw)
    return AccessFailed(step, response.sw)


def _seal(k_enc: bytes, k_mac: bytes, text: bytes) -> bytes:
    """Encrypt 32 bytes and append the MAC (§4.3.3: zero IV, no padding for the cipher, method 2 for the MAC)."""
    encrypted = encrypt_cbc(TDES, k_enc, bytes(8), text)
    return encrypted + mac(TDES, k_mac, pad(encrypted, 8))


def _open(k_enc: bytes, k_mac: bytes, answer: bytes) -> bytes:
    encrypted, code = answer[:-8], answer[-8:]
    if not hmac.compare_digest(mac(TDES, k_mac, pad(encrypted, 8)), code):
        raise AccessFailed("bac answer not authentic")
    return decrypt_cbc(TDES, k_enc, bytes(8), encrypted)

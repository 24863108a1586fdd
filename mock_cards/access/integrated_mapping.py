"""The pseudo-random function of integrated mapping as the chip computes it (ICAO 9303-11 §4.4.3.3.2, figure 2)."""

from __future__ import annotations

from reader.crypto import CipherSuite, encrypt_cbc

__all__ = ["nonce_length", "pseudo_random"]

_SHORT, _LONG = 16, 32
_CONSTANTS = {
    _SHORT: ("a668892a7c41e3ca739f40b057d85904", "a4e136ac725f738b01c1f60217c188ad"),
    _LONG: (
        "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
        "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517",
    ),
}
_MARGIN_BITS = 64


def nonce_length(suite: CipherSuite) -> int:
    """Return l in bytes: the smallest multiple of the block size that is no shorter than the key (§4.4.3.3)."""
    return _LONG if suite.key_length > _SHORT else _SHORT


def pseudo_random(suite: CipherSuite, s: bytes, t: bytes, prime: int) -> int:
    """Return R_p(s, t) of the chip's nonce ``s`` and the terminal's nonce ``t``, an element of GF(``prime``).

    k_0 = E(t, s); then x_i = E(k_(i-1), c1) and k_i = E(k_(i-1), c0), each key cut to its size.
    """
    c0, c1 = (bytes.fromhex(text) for text in _CONSTANTS[len(s)])
    needed = prime.bit_length() + _MARGIN_BITS
    key, output = _cbc(suite, t, s), b""
    while 8 * len(output) < needed:
        output += _cbc(suite, key, c1)
        key = _cbc(suite, key, c0)
    return int.from_bytes(output, "big") % prime


def _cbc(suite: CipherSuite, key: bytes, data: bytes) -> bytes:
    return encrypt_cbc(suite, key[: suite.key_length], bytes(suite.block_size), data)

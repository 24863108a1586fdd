"""Active Authentication with every trailer, key size and curve (ICAO 9303-11 §6.1.2), judged by others."""

from __future__ import annotations

import hashlib
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest

from mock_cards.coprocessor import Coprocessor
from mock_cards.ecdsa import verify
from mock_cards.genuine import sign_challenge
from mock_cards.issuing.security_infos import make_dg15
from mock_cards.keys import RsaKey, new_ec_key, new_rsa_key, seeded_rng
from mock_cards.profile import ActiveKeySpec
from reader.crypto import CURVES, Curve, curve_by_name, system_rng
from reader.iso7816 import encode, parse

RNG = seeded_rng("active")
CHALLENGE = bytes(range(1, 9))
BITS = (1024, 1280, 2048, pytest.param(4096, marks=pytest.mark.soak))
TRAILERS = {"sha1": "bc", "sha224": "38cc", "sha256": "34cc", "sha384": "36cc", "sha512": "35cc"}


@lru_cache(maxsize=4)
def _key(bits: int) -> RsaKey:
    """Return a key; the largest from the system's generator, since to draw it from a seed takes seconds."""
    return new_rsa_key(bits, RNG if bits <= 2048 else system_rng)


def _recovered(key, signature: bytes) -> bytes:
    """Return the representative: header, M1, hash, trailer."""
    number = pow(int.from_bytes(signature, "big"), key.public_exponent, key.modulus)
    return number.to_bytes((key.modulus.bit_length() + 7) // 8, "big")


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("hash_name", TRAILERS)
def test_rsa_fills_the_modulus_with_nonce_hash_and_the_trailer_of_the_hash(bits: int, hash_name: str) -> None:
    key = _key(bits)
    signature = sign_challenge(CHALLENGE, key, ActiveKeySpec(bits, hash_name), Coprocessor(RNG))
    assert len(signature) == bits // 8
    whole = _recovered(key, signature)
    trailer = bytes.fromhex(TRAILERS[hash_name])
    size = hashlib.new(hash_name).digest_size
    assert whole[:1] == b"\x6a"
    assert whole.endswith(trailer)
    body = whole[1 : -len(trailer)]
    own_nonce, digest = body[:-size], body[-size:]
    assert hashlib.new(hash_name, own_nonce + CHALLENGE).digest() == digest
    # c - 4 bits of M1, where c = k - Lh - 8t - 4 (§6.1.2.2).
    assert 8 * len(own_nonce) == bits - 8 * size - 8 * len(trailer) - 8


def test_sha_1_may_come_with_the_explicit_trailer() -> None:
    spec = ActiveKeySpec(1024, "sha1", explicit_trailer=True)
    key = _key(1024)
    assert _recovered(key, sign_challenge(CHALLENGE, key, spec, Coprocessor(RNG))).endswith(b"\x33\xcc")


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
@pytest.mark.parametrize("hash_name", ["sha224", "sha256", "sha384", "sha512"])
def test_ecdsa_is_plain_and_right_on_every_curve(curve: Curve, hash_name: str) -> None:
    key = new_ec_key(curve, RNG)
    signature = sign_challenge(CHALLENGE, key, ActiveKeySpec(curve, hash_name), Coprocessor(RNG))
    assert len(signature) == 2 * curve.order_length
    digest = hashlib.new(hash_name, CHALLENGE).digest()
    assert verify(curve, key.point, digest, signature, Coprocessor(RNG))
    changed = signature[:-1] + bytes((signature[-1] ^ 1,))
    assert not verify(curve, key.point, digest, changed, Coprocessor(RNG))


@pytest.mark.parametrize("name", ["brainpoolP224r1", "brainpoolP320r1", "secp521r1"])
def test_openssl_verifies_what_the_chip_signs(name: str, tmp_path: Path) -> None:
    curve = curve_by_name(name)
    key = new_ec_key(curve, RNG)
    signature = sign_challenge(CHALLENGE, key, ActiveKeySpec(curve, "sha256", der=True), Coprocessor(RNG))
    (tmp_path / "key").write_bytes(parse(make_dg15(key)).value)
    (tmp_path / "signature").write_bytes(signature)
    (tmp_path / "challenge").write_bytes(CHALLENGE)
    command = [
        "openssl",
        "dgst",
        "-sha256",
        "-keyform",
        "DER",
        "-verify",
        "key",
        "-signature",
        "signature",
        "challenge",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "Verified OK\n", done.stderr


@pytest.mark.parametrize("wrong", ["zero r", "zero s", "r is n", "short"])
def test_a_signature_out_of_range_is_wrong_and_no_error(wrong: str) -> None:
    curve = curve_by_name("brainpoolP256r1")
    key = new_ec_key(curve, RNG)
    signature = sign_challenge(CHALLENGE, key, ActiveKeySpec(curve), Coprocessor(RNG))
    r, s, n = signature[:32], signature[32:], curve.n.to_bytes(32, "big")
    bad = {"zero r": bytes(32) + s, "zero s": r + bytes(32), "r is n": n + s, "short": signature[:-1]}[wrong]
    digest = hashlib.sha256(CHALLENGE).digest()
    assert not verify(curve, key.point, digest, bad, Coprocessor(RNG))


def test_the_der_quirk_is_two_integers() -> None:
    curve = curve_by_name("brainpoolP256r1")
    key = new_ec_key(curve, RNG)
    signature = sign_challenge(CHALLENGE, key, ActiveKeySpec(curve, der=True), Coprocessor(RNG))
    r, s = (int.from_bytes(one.value, "big") for one in parse(signature).children())
    plain = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert verify(curve, key.point, hashlib.sha256(CHALLENGE).digest(), plain, Coprocessor(RNG))
    assert encode(0x30, parse(signature).value) == signature

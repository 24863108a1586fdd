from __future__ import annotations

import hashlib
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.crypto import RecoveryFault, recover

RSA = tuple[int, int, int]
CHALLENGE = bytes(range(8))
TRAILERS = [
    ("sha1", b"\xbc"),
    ("sha1", b"\x33\xcc"),
    ("sha256", b"\x34\xcc"),
    ("sha512", b"\x35\xcc"),
    ("sha384", b"\x36\xcc"),
    ("sha224", b"\x38\xcc"),
]


def sign(key: RSA, representative: bytes) -> bytes:
    modulus, _, private = key
    return pow(int.from_bytes(representative, "big"), private, modulus).to_bytes(128, "big")


def representative(hash_name: str, trailer: bytes, known: bytes = CHALLENGE, header: bytes = b"\x6a") -> bytes:
    room = 128 - len(header) - hashlib.new(hash_name).digest_size - len(trailer)
    recovered = secrets.token_bytes(room)
    return header + recovered + hashlib.new(hash_name, recovered + known).digest() + trailer


def check(key: RSA, signature: bytes, known: bytes = CHALLENGE) -> RecoveryFault | None:
    return recover(key[0], key[1], signature, known).fault


@pytest.mark.parametrize(("hash_name", "trailer"), TRAILERS)
def test_every_trailer_names_its_hash(rsa_1024: RSA, hash_name: str, trailer: bytes) -> None:
    signature = sign(rsa_1024, representative(hash_name, trailer))
    result = recover(rsa_1024[0], rsa_1024[1], signature, CHALLENGE)
    assert (result.verified, result.hash_name) == (True, hash_name)
    assert check(rsa_1024, signature, bytes(8)) is RecoveryFault.DIGEST


def test_the_smaller_form_of_the_signature_is_taken_too(rsa_1024: RSA) -> None:
    signature = int.from_bytes(sign(rsa_1024, representative("sha256", b"\x34\xcc")), "big")
    for form in (signature, rsa_1024[0] - signature):
        assert check(rsa_1024, form.to_bytes(128, "big")) is None


def test_a_padded_recovered_part_is_taken(rsa_1024: RSA) -> None:
    for header in (b"\x6b\xba", b"\x6b\xbb\xbb\xba"):
        assert check(rsa_1024, sign(rsa_1024, representative("sha1", b"\xbc", header=header))) is None


@pytest.mark.parametrize("header", [b"\x4a", b"\x4b\xba", b"\x6b\xbc", b"\x00", b"\x7a", b"\x6b" + b"\xbb" * 20])
def test_other_headers_are_refused(rsa_1024: RSA, header: bytes) -> None:
    assert check(rsa_1024, sign(rsa_1024, representative("sha1", b"\xbc", header=header))) in (
        RecoveryFault.HEADER,
        RecoveryFault.TRAILER,
    )


@pytest.mark.parametrize("trailer", [b"\x31\xcc", b"\x37\xcc", b"\x00\xcc", b"\x1c"])
def test_other_trailers_are_refused(rsa_1024: RSA, trailer: bytes) -> None:
    assert check(rsa_1024, sign(rsa_1024, representative("sha1", trailer))) is RecoveryFault.TRAILER


def test_lengths_and_keys_out_of_range_are_refused(rsa_1024: RSA) -> None:
    modulus, exponent, _ = rsa_1024
    signature = sign(rsa_1024, representative("sha1", b"\xbc"))
    assert check(rsa_1024, signature[1:]) is RecoveryFault.LENGTH
    assert check(rsa_1024, b"\0" + signature) is RecoveryFault.LENGTH
    assert check(rsa_1024, b"\xff" * 128) is RecoveryFault.LENGTH
    for wrong in ((modulus, 1), (modulus, 1 << 65), (modulus >> 1, exponent), (1 << 9000, exponent), (0, exponent)):
        assert recover(*wrong, signature, CHALLENGE).fault is RecoveryFault.KEY


@given(st.binary(min_size=128, max_size=128))
def test_random_signatures_never_verify(rsa_1024: RSA, raw: bytes) -> None:
    assert check(rsa_1024, raw) is not None


def test_one_flipped_bit_never_verifies(rsa_1024: RSA) -> None:
    signature = sign(rsa_1024, representative("sha256", b"\x34\xcc"))
    for position in range(0, 1024, 37):
        flipped = (int.from_bytes(signature, "big") ^ 1 << position).to_bytes(128, "big")
        assert check(rsa_1024, flipped) is not None

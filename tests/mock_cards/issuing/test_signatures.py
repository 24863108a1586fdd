"""Signatures of the test issuer, judged by RFC 6979's examples, by cryptography and by OpenSSL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from mock_cards.issuing import signatures
from mock_cards.keys import EcKey, RsaKey, new_ec_key, new_rsa_key, seeded_rng
from reader.crypto import CURVES, Curve, Point, curve_by_name, generator, in_cryptography, multiply
from reader.trust import EcPublicKey, SignatureAlgorithm, check_signature, parse_signature_algorithm

MESSAGE = b"sample"
SCALAR_P256 = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721


@pytest.mark.parametrize(
    ("hash_name", "r", "s"),
    [
        (
            "sha1",
            0x61340C88C3AAEBEB4F6D667F672CA9759A6CCAA9FA8811313039EE4A35471D32,
            0x6D7F147DAC089441BB2E2FE8F7A3FA264B9C475098FDCF6E00D7C996E1B8B7EB,
        ),
        (
            "sha256",
            0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
            0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
        ),
        (
            "sha512",
            0x8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00,
            0x2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE,
        ),
    ],
)
def test_nonces_are_those_of_rfc_6979_appendix_a_2_5(hash_name: str, r: int, s: int) -> None:
    curve = curve_by_name("secp256r1")
    key = EcKey(curve, SCALAR_P256, multiply(curve, SCALAR_P256, generator(curve)))
    assert signatures.sign_digest(key, hash_name, hashlib.new(hash_name, MESSAGE).digest()) == (r, s)


@pytest.mark.parametrize("curve", [curve for curve in CURVES if in_cryptography(curve)], ids=lambda curve: curve.name)
def test_our_arithmetic_signs_byte_for_byte_as_cryptography_does(curve: Curve) -> None:
    key = new_ec_key(curve, seeded_rng(curve.name))
    theirs = key.signing_key().sign(MESSAGE, ec.ECDSA(hashes.SHA384(), deterministic_signing=True))
    numbers = signatures.sign_digest(key, "sha384", hashlib.sha384(MESSAGE).digest())
    assert utils.decode_dss_signature(theirs) == numbers


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
@pytest.mark.parametrize("hash_name", ["sha1", "sha224", "sha256", "sha512"])
@pytest.mark.parametrize("scheme_of", [signatures.ecdsa, signatures.ecdsa_plain])
def test_ecdsa_verifies_on_every_curve_of_the_table(
    curve: Curve, hash_name: str, scheme_of: Callable[..., Any]
) -> None:
    key = new_ec_key(curve, seeded_rng(curve.name))
    scheme = scheme_of(hash_name)
    algorithm = parse_signature_algorithm(scheme.identifier)
    made = signatures.sign(key, scheme, MESSAGE)
    assert check_signature(EcPublicKey(curve, key.point), algorithm, MESSAGE, made) is None
    assert check_signature(EcPublicKey(curve, key.point), algorithm, MESSAGE + b"!", made) is not None


@pytest.fixture(scope="module")
def rsa_key() -> RsaKey:
    return new_rsa_key(1024, seeded_rng("rsa"))


def _public(key: RsaKey) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(key.public_exponent, key.modulus).public_key()


@pytest.mark.parametrize(
    ("hash_name", "hash_object"),
    [("sha1", hashes.SHA1()), ("sha256", hashes.SHA256()), ("md5", hashes.MD5())],  # noqa: S303  # weak ones are what it must sign with
)
def test_pkcs1_verifies_by_cryptography(rsa_key: RsaKey, hash_name: str, hash_object: hashes.HashAlgorithm) -> None:
    made = signatures.sign(rsa_key, signatures.rsa_pkcs1(hash_name), MESSAGE)
    _public(rsa_key).verify(made, MESSAGE, padding.PKCS1v15(), hash_object)


@pytest.mark.parametrize("salt_length", [0, 20, 32, 62])
def test_pss_verifies_by_cryptography(rsa_key: RsaKey, salt_length: int) -> None:
    scheme = signatures.pss("sha256", salt_length=salt_length, mgf_hash="sha1")
    made = signatures.sign(rsa_key, scheme, MESSAGE)
    mask = padding.MGF1(hashes.SHA1())  # noqa: S303  # a mask of another hash is what is asked for
    _public(rsa_key).verify(made, MESSAGE, padding.PSS(mask, salt_length), hashes.SHA256())
    assert made == signatures.sign(rsa_key, scheme, MESSAGE), "the same bytes for the same key and message"


def test_pss_holds_where_the_modulus_has_one_bit_more_than_whole_bytes() -> None:
    # emBits is then a multiple of eight and the encoded block one byte shorter than the modulus (RFC 8017 §9.1.1).
    made = rsa.generate_private_key(65537, 2049).private_numbers()
    key = RsaKey(made.public_numbers.n, 65537, made.d)
    signed = signatures.sign(key, signatures.pss("sha256"), MESSAGE)
    _public(key).verify(signed, MESSAGE, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def test_the_identifier_says_what_was_done(rsa_key: RsaKey) -> None:
    parsed = parse_signature_algorithm(signatures.pss("sha384", salt_length=20, mgf_hash="sha256").identifier)
    assert (parsed.hash_name, parsed.mgf_hash, parsed.salt_length) == ("sha384", "sha256", 20)
    with pytest.raises(ValueError, match="RSASSA"):
        signatures.sign(rsa_key, signatures.ecdsa("sha256"), MESSAGE)
    curve = curve_by_name("secp256r1")
    with pytest.raises(ValueError, match="ECDSA"):
        signatures.sign(EcKey(curve, 1, Point(curve.gx, curve.gy)), signatures.rsa_pkcs1("sha256"), MESSAGE)
    assert isinstance(parsed, SignatureAlgorithm)

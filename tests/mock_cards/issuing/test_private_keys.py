"""Private keys as files, read back by OpenSSL and by cryptography."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from mock_cards.issuing.private_keys import to_pkcs8
from mock_cards.keys import RsaKey, new_ec_key, new_rsa_key, seeded_rng
from reader.crypto import CURVES, Curve, system_rng


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_openssl_reads_and_checks_a_key_on_every_curve(curve: Curve, openssl: Callable[..., tuple[bool, str]]) -> None:
    key = new_ec_key(curve, seeded_rng(curve.name))
    done, said = openssl("pkey", "-inform", "DER", "-in", to_pkcs8(key), "-noout", "-check")
    assert done, said
    assert "valid" in said


def test_cryptography_reads_an_rsa_key() -> None:
    key = new_rsa_key(2048, system_rng)
    loaded = load_der_private_key(to_pkcs8(key), None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    assert loaded.private_numbers().d % (loaded.private_numbers().p - 1) == key.private_exponent % (
        loaded.private_numbers().p - 1
    )
    assert loaded.public_key().public_numbers().n == key.modulus


def test_a_key_of_exponent_one_has_no_file() -> None:
    with pytest.raises(ValueError, match="exponent 1"):
        to_pkcs8(RsaKey(15, 1, 1))

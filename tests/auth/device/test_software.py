"""The device's software key: never at rest in plaintext, never shown."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from auth.device import SoftwareSigner
from reader.errors import DataError

PASSPHRASE = b"correct horse"


def test_signatures_are_r_and_s_of_64_bytes_that_the_public_key_confirms() -> None:
    signer = SoftwareSigner.generate()
    public = load_pem_public_key(signer.public_pem())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    for _ in range(50):
        signature = signer.sign(b"message")
        assert len(signature) == 64
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        public.verify(encode_dss_signature(r, s), b"message", ec.ECDSA(SHA256()))


def test_a_key_comes_back_from_its_encrypted_file_as_the_same() -> None:
    signer = SoftwareSigner.generate()
    pem = signer.to_encrypted_pem(PASSPHRASE)
    assert b"ENCRYPTED PRIVATE KEY" in pem
    assert SoftwareSigner.from_encrypted_pem(pem, PASSPHRASE).key_id == signer.key_id


def test_a_wrong_passphrase_is_told_without_it() -> None:
    pem = SoftwareSigner.generate().to_encrypted_pem(PASSPHRASE)
    with pytest.raises(DataError, match="wrong passphrase") as caught:
        SoftwareSigner.from_encrypted_pem(pem, b"battery staple")
    assert "battery" not in str(caught.value)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_plaintext_key_is_refused(form: PrivateFormat) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(DataError, match="without a passphrase"):
        SoftwareSigner.from_encrypted_pem(key.private_bytes(Encoding.PEM, form, NoEncryption()), PASSPHRASE)


def test_no_empty_passphrase_either_way() -> None:
    signer = SoftwareSigner.generate()
    with pytest.raises(DataError, match="no passphrase"):
        signer.to_encrypted_pem(b"")
    with pytest.raises(DataError, match="without a passphrase"):
        SoftwareSigner.from_encrypted_pem(signer.to_encrypted_pem(PASSPHRASE), b"")


def test_keys_of_other_kinds_are_refused() -> None:
    sealed = BestAvailableEncryption(PASSPHRASE)
    for key in (
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
    ):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed)
        with pytest.raises(DataError, match="P-256"):
            SoftwareSigner.from_encrypted_pem(pem, PASSPHRASE)


@given(st.binary(max_size=500))
def test_any_bytes_are_a_key_or_a_data_error(pem: bytes) -> None:
    with pytest.raises(DataError):
        SoftwareSigner.from_encrypted_pem(b"-----BEGIN ENCRYPTED " + pem, PASSPHRASE)


def test_a_file_beyond_any_key_is_not_parsed() -> None:
    with pytest.raises(DataError, match="too large"):
        SoftwareSigner.from_encrypted_pem(b"x" * 20_000, PASSPHRASE)


def test_repr_shows_the_public_id_only() -> None:
    signer = SoftwareSigner.generate()
    assert repr(signer) == f"SoftwareSigner({signer.key_id})"

"""A device's public key says who signed, and nothing about anybody else."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from reader.errors import DataError

MESSAGE = b"what was signed"


def test_the_public_half_verifies_what_the_private_half_signed() -> None:
    signer = SoftwareSigner.generate()
    key = DeviceKey.from_pem(signer.public_pem())
    signature = signer.sign(MESSAGE)
    assert key.key_id == signer.key_id
    assert key.verifies(MESSAGE, signature)
    assert not key.verifies(MESSAGE + b".", signature)
    assert not DeviceKey.from_pem(SoftwareSigner.generate().public_pem()).verifies(MESSAGE, signature)


def test_no_changed_signature_verifies() -> None:
    signer = SoftwareSigner.generate()
    key = DeviceKey.from_pem(signer.public_pem())
    signature = signer.sign(MESSAGE)
    for place in range(len(signature)):
        assert not key.verifies(MESSAGE, signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :])
    for odd in (b"", signature[:-1], signature + b"\0", bytes(64), b"\xff" * 64):
        assert not key.verifies(MESSAGE, odd)


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"-----BEGIN PUBLIC KEY-----\n",
        b"x" * 20_000,
        ec.generate_private_key(ec.SECP384R1())
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        rsa.generate_private_key(65537, 2048)
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ],
    ids=["nothing", "cut short", "large", "P-384", "RSA"],
)
def test_anything_but_a_p256_public_key_is_refused(pem: bytes) -> None:
    with pytest.raises(DataError):
        DeviceKey.from_pem(pem)

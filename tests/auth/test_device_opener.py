"""The opening key in software: at rest only under a passphrase, and never the signing key's twin."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from auth.device_opener import SoftwareOpener
from auth.wire.thumbprint import thumbprint
from reader.errors import DataError


def test_a_key_comes_back_from_its_file_under_its_passphrase() -> None:
    opener = SoftwareOpener.generate()
    stored = opener.to_encrypted_pem(b"secret")
    assert b"ENCRYPTED" in stored
    again = SoftwareOpener.from_encrypted_pem(stored, b"secret")
    assert (again.key_id, again.spki) == (opener.key_id, opener.spki)
    public = load_pem_public_key(opener.public_pem())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert opener.key_id == thumbprint(public) == thumbprint(opener.public_key)
    assert repr(opener) == f"SoftwareOpener({opener.key_id})"


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, passphrase: bytes) -> bytes:
    protection = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)


@pytest.mark.parametrize(
    ("pem", "passphrase"),
    [
        (_pem(ec.generate_private_key(ec.SECP256R1()), b""), b"secret"),
        (_pem(ec.generate_private_key(ec.SECP256R1()), b"secret"), b""),
        (_pem(ec.generate_private_key(ec.SECP256R1()), b"secret"), b"wrong"),
        (_pem(ec.generate_private_key(ec.SECP384R1()), b"secret"), b"secret"),
        (_pem(rsa.generate_private_key(65537, 2048), b"secret"), b"secret"),
        (b"nothing", b"secret"),
        (b"x" * 20_000, b"secret"),
    ],
    ids=["plaintext", "no passphrase", "wrong passphrase", "another curve", "no curve", "no key", "too large"],
)
def test_anything_but_an_encrypted_p256_key_is_refused(pem: bytes, passphrase: bytes) -> None:
    with pytest.raises(DataError, match="opening key"):
        SoftwareOpener.from_encrypted_pem(pem, passphrase)


def test_it_is_never_stored_without_a_passphrase() -> None:
    with pytest.raises(DataError, match="no passphrase"):
        SoftwareOpener.generate().to_encrypted_pem(b"")


@pytest.mark.parametrize("point", [b"", b"\x04" + bytes(64), b"\x00", b"\x04" + b"\x01" * 64])
def test_it_agrees_with_points_of_the_curve_only(point: bytes) -> None:
    with pytest.raises(DataError, match="not a point"):
        SoftwareOpener.generate().agree(point)

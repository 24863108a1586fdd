"""Operators: the people who may change the trust store, each by an Ed25519 key of their own (RFC 8032).

A set of operators and how many of them must agree is the store's root of trust. A private key leaves this file only as
encrypted PKCS#8, so that a copied key file alone signs nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from auth.distribution.errors import ChangeDamaged, OperatorKeyRefused

__all__ = ["MIN_PASSPHRASE", "Operator", "OperatorKey", "OperatorSet", "Signature"]

MAX_PEM = 16_384
MAX_OPERATORS = 16
MAX_NAME = 80
MIN_PASSPHRASE = 8
_RAW_KEY = 32
_RAW_SIGNATURE = 64
# Four eyes: a store that one person can change is none.
MIN_THRESHOLD = 2


@dataclass(frozen=True, slots=True)
class Signature:
    """Hold one operator's signature over the body of a change."""

    key_id: str
    value: bytes

    @classmethod
    def from_json(cls, said: Any) -> Signature:
        """Read a signature; raise ChangeDamaged."""
        if not isinstance(said, dict) or set(said) != {"key_id", "signature"}:
            raise ChangeDamaged("signature")
        return cls(_text(said["key_id"]), _bytes(said["signature"], _RAW_SIGNATURE))

    def as_json(self) -> dict[str, str]:
        """Return the form of a change file."""
        return {"key_id": self.key_id, "signature": base64.b64encode(self.value).decode()}


@dataclass(frozen=True, slots=True)
class Operator:
    """Hold who may sign: a name for people and a public key for machines."""

    name: str
    public: bytes

    @property
    def key_id(self) -> str:
        """Return the first sixteen hex digits of the key's SHA-256: short enough to be read out on the telephone."""
        return hashlib.sha256(self.public).hexdigest()[:16]

    @classmethod
    def from_pem(cls, name: str, pem: bytes) -> Operator:
        """Read a public key file; raise OperatorKeyRefused."""
        try:
            key = load_pem_public_key(pem[:MAX_PEM])
        except (ValueError, UnsupportedAlgorithm):
            raise OperatorKeyRefused("not a public key") from None
        if not isinstance(key, Ed25519PublicKey):
            raise OperatorKeyRefused("not an Ed25519 key")
        if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
            raise OperatorKeyRefused("name")
        return cls(name.strip(), key.public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def from_json(cls, said: Any) -> Operator:
        """Read an operator of a change file; raise ChangeDamaged."""
        if not isinstance(said, dict) or set(said) != {"name", "key"}:
            raise ChangeDamaged("operator")
        return cls(_text(said["name"]), _bytes(said["key"], _RAW_KEY))

    def as_json(self) -> dict[str, str]:
        """Return the form of a change file."""
        return {"name": self.name, "key": base64.b64encode(self.public).decode()}

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether ``signature`` over ``message`` is this operator's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class OperatorSet:
    """Hold the operators of a store and how many of them a change needs."""

    threshold: int
    operators: tuple[Operator, ...]

    def __post_init__(self) -> None:
        """Refuse a set in which one person is enough, or in which one key stands twice."""
        keys = {operator.public for operator in self.operators}
        if len(keys) != len(self.operators) or len(keys) > MAX_OPERATORS:
            raise ChangeDamaged("operators: a key twice, or too many")
        if not MIN_THRESHOLD <= self.threshold <= len(keys):
            raise ChangeDamaged("operators: threshold")

    @classmethod
    def from_json(cls, said: Any) -> OperatorSet:
        """Read a set of a change file; raise ChangeDamaged."""
        if not isinstance(said, dict) or set(said) != {"threshold", "operators"}:
            raise ChangeDamaged("operators")
        threshold, operators = said["threshold"], said["operators"]
        if type(threshold) is not int or not isinstance(operators, list) or len(operators) > MAX_OPERATORS:
            raise ChangeDamaged("operators")
        return cls(threshold, tuple(Operator.from_json(one) for one in operators))

    def as_json(self) -> dict[str, Any]:
        """Return the form of a change file."""
        return {"threshold": self.threshold, "operators": [operator.as_json() for operator in self.operators]}

    def signers(self, message: bytes, signatures: Iterable[Signature]) -> tuple[Operator, ...]:
        """Return the operators who verifiably signed ``message``, each once, in the order of the set."""
        by_id: Mapping[str, Operator] = {operator.key_id: operator for operator in self.operators}
        found = {
            signature.key_id
            for signature in signatures
            if signature.key_id in by_id and by_id[signature.key_id].signed(message, signature.value)
        }
        return tuple(operator for operator in self.operators if operator.key_id in found)


class OperatorKey:
    """Hold an operator's private key while they sign."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def __repr__(self) -> str:
        """Show the public id only."""
        return f"OperatorKey({self.operator('?').key_id})"

    @classmethod
    def generate(cls) -> OperatorKey:
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: bytes) -> OperatorKey:
        """Load an encrypted PKCS#8 key; raise OperatorKeyRefused, also for a key stored in the clear."""
        if b"BEGIN ENCRYPTED PRIVATE KEY" not in pem or len(pem) > MAX_PEM or not passphrase:
            raise OperatorKeyRefused("not an encrypted key file")
        try:
            key = load_pem_private_key(pem, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise OperatorKeyRefused("wrong passphrase or damaged key file") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise OperatorKeyRefused("not an Ed25519 key")
        return cls(key)

    def to_pem(self, passphrase: bytes) -> bytes:
        """Return encrypted PKCS#8; raise OperatorKeyRefused for a passphrase shorter than eight bytes."""
        if len(passphrase) < MIN_PASSPHRASE:
            raise OperatorKeyRefused(f"passphrase of less than {MIN_PASSPHRASE} characters")
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))

    def public_pem(self) -> bytes:
        """Return the public key as PEM: what the operator hands to the others."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def operator(self, name: str) -> Operator:
        """Return the public half under ``name``."""
        return Operator.from_pem(name, self.public_pem())

    def sign(self, message: bytes) -> Signature:
        """Return the signature over ``message``."""
        return Signature(self.operator("?").key_id, self._key.sign(message))


def _text(said: Any) -> str:
    if not isinstance(said, str) or not said or len(said) > MAX_NAME or not said.isprintable():
        raise ChangeDamaged("text")
    return said


def _bytes(said: Any, length: int) -> bytes:
    try:
        raw = base64.b64decode(said, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise ChangeDamaged("base64") from None
    if len(raw) != length or base64.b64encode(raw).decode() != said:
        raise ChangeDamaged("base64")
    return raw

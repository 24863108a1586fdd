"""One change of the trust store: what comes in, what goes out, on which state it stands, and who signed it.

The body is signed as the bytes it is stored as. It names its predecessor by digest, so that the entries of a store form
a chain: none can be left out, moved or put into another store.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from auth.distribution.canonical import canonical, parse_json
from auth.distribution.errors import ChangeDamaged
from auth.distribution.kinds import ObjectKind
from auth.distribution.operators import Operator, OperatorKey, OperatorSet, Signature
from reader.errors import DataError

__all__ = ["Entry", "EntryKind", "ObjectRef", "Origin", "RepositoryProof", "SignedEntry", "digest_of"]

# What is signed begins with these bytes, so that a signature made for something else is never one for a change.
CONTEXT = b"motcua trust change 1\n"
MAX_BODY = 4 * 1024 * 1024
MAX_OBJECTS = 8_192
MAX_SIGNATURES = 32
MAX_TEXT = 200
_HEX = frozenset("0123456789abcdef")


class EntryKind(StrEnum):
    """Name what an entry does: enrol the operators, change what is installed, take what a repository publishes."""

    OPERATORS = "operators"
    CHANGE = "change"
    UPDATE = "update"


class Origin(StrEnum):
    """Tell on whose word an object is installed; an update replaces only what a repository brought."""

    OPERATORS = "operators"
    REPOSITORY = "repository"


@dataclass(frozen=True, slots=True, order=True)
class ObjectRef:
    """Name one installed file by its SHA-256, with its kind, its name and on whose word it is there."""

    sha256: str
    kind: ObjectKind
    name: str
    origin: Origin

    @classmethod
    def from_json(cls, said: Any) -> ObjectRef:
        """Read a reference; raise ChangeDamaged."""
        if not isinstance(said, list) or len(said) != 4:
            raise ChangeDamaged("object")
        sha256, kind, name, origin = said
        try:
            return cls(_digest(sha256), ObjectKind(kind), _text(name), Origin(origin))
        except ValueError:
            raise ChangeDamaged("object") from None

    def as_json(self) -> list[str]:
        """Return the form of a body."""
        return [self.sha256, self.kind.value, self.name, self.origin.value]


@dataclass(frozen=True, slots=True)
class RepositoryProof:
    """Say by which signed metadata of the repository an update was taken: versions, and SHA-256 of the targets."""

    root: int
    targets: int
    sha256: str

    @classmethod
    def from_json(cls, said: Any) -> RepositoryProof | None:
        """Read a proof, or None; raise ChangeDamaged."""
        if said is None:
            return None
        if not isinstance(said, dict) or set(said) != {"root", "targets", "sha256"}:
            raise ChangeDamaged("repository")
        if type(said["root"]) is not int or type(said["targets"]) is not int:
            raise ChangeDamaged("repository")
        return cls(said["root"], said["targets"], _digest(said["sha256"]))

    def as_json(self) -> dict[str, Any]:
        """Return the form of a body."""
        return {"root": self.root, "targets": self.targets, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold what a body says.

    ``operators`` is the set after this entry; ``objects`` is the digest over everything installed after it and
    ``anchors`` the one over the certificates that this makes trusted, so that what the operators saw is what is
    installed. ``back_to`` is the number of the entry whose state an undo brings back, or 0.
    """

    kind: EntryKind
    number: int
    previous: str
    made_at: datetime
    operators: OperatorSet
    added: tuple[ObjectRef, ...]
    removed: tuple[ObjectRef, ...]
    objects: str
    anchors: str
    back_to: int = 0
    repository: RepositoryProof | None = None

    def encode(self) -> bytes:
        """Return the body."""
        return canonical(
            {
                "kind": self.kind.value,
                "number": self.number,
                "previous": self.previous,
                "made_at": self.made_at.isoformat(timespec="seconds"),
                "operators": self.operators.as_json(),
                "added": [ref.as_json() for ref in self.added],
                "removed": [ref.as_json() for ref in self.removed],
                "objects": self.objects,
                "anchors": self.anchors,
                "back_to": self.back_to,
                "repository": None if self.repository is None else self.repository.as_json(),
            }
        )

    @classmethod
    def parse(cls, body: bytes) -> Entry:
        """Read a body; raise ChangeDamaged where it is not one, or not in the one form that ``encode`` gives it."""
        try:
            said = parse_json(body, MAX_BODY)
            made_at = datetime.fromisoformat(said["made_at"])
            entry = cls(
                kind=EntryKind(said["kind"]),
                number=_number(said["number"]),
                previous=_digest(said["previous"]) if said["previous"] else "",
                made_at=made_at,
                operators=OperatorSet.from_json(said["operators"]),
                added=_refs(said["added"]),
                removed=_refs(said["removed"]),
                objects=_digest(said["objects"]),
                anchors=_digest(said["anchors"]),
                back_to=_number(said["back_to"]),
                repository=RepositoryProof.from_json(said["repository"]),
            )
        except (DataError, KeyError, TypeError, ValueError):
            raise ChangeDamaged("body") from None
        if made_at.tzinfo is None or entry.encode() != body:
            raise ChangeDamaged("body")
        return entry


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """Hold a body with the signatures over it."""

    body: bytes
    signatures: tuple[Signature, ...] = ()

    @property
    def entry(self) -> Entry:
        """Return what the body says; raise ChangeDamaged."""
        return _parsed(self.body)

    @property
    def facts(self) -> dict[str, Any]:
        """Return the body as JSON, for whoever needs little of it and has compared its digest; raise DataError."""
        return _facts(self.body)

    @property
    def sha256(self) -> str:
        """Return the digest by which the next entry names this one."""
        return hashlib.sha256(self.body).hexdigest()

    def sign(self, key: OperatorKey) -> SignedEntry:
        """Return this entry with one more signature; signing twice changes nothing."""
        signature = key.sign(CONTEXT + self.body)
        others = tuple(one for one in self.signatures if one.key_id != signature.key_id)
        return replace(self, signatures=(*others, signature))

    def signers(self, operators: OperatorSet) -> tuple[Operator, ...]:
        """Return those of ``operators`` who verifiably signed."""
        return operators.signers(CONTEXT + self.body, self.signatures)

    def as_json(self) -> dict[str, Any]:
        """Return the form of a file of the history."""
        return {"body": self.body.decode(), "signatures": [signature.as_json() for signature in self.signatures]}

    @classmethod
    def from_json(cls, said: dict[str, Any], *, judge: bool = True) -> SignedEntry:
        """Read an entry; raise ChangeDamaged. Its body is read too unless ``judge`` is False."""
        body, signatures = said.get("body"), said.get("signatures")
        if not isinstance(body, str) or not isinstance(signatures, list) or len(signatures) > MAX_SIGNATURES:
            raise ChangeDamaged("entry")
        signed = cls(body.encode(), tuple(Signature.from_json(one) for one in signatures))
        if judge:
            _parsed(signed.body)
        return signed


@lru_cache(maxsize=16)
def _parsed(body: bytes) -> Entry:
    return Entry.parse(body)


@lru_cache(maxsize=16)
def _facts(body: bytes) -> dict[str, Any]:
    return parse_json(body, MAX_BODY)


def digest_of(parts: list[str]) -> str:
    """Return SHA-256 in hex over texts, whatever their order."""
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


def _refs(said: Any) -> tuple[ObjectRef, ...]:
    if not isinstance(said, list) or len(said) > MAX_OBJECTS:
        raise ChangeDamaged("objects")
    return tuple(ObjectRef.from_json(one) for one in said)


def _digest(said: Any) -> str:
    if not isinstance(said, str) or len(said) != 64 or not _HEX.issuperset(said):
        raise ChangeDamaged("digest")
    return said


def _number(said: Any) -> int:
    if type(said) is not int or said < 0:
        raise ChangeDamaged("number")
    return said


def _text(said: Any) -> str:
    if not isinstance(said, str) or len(said) > MAX_TEXT or not said.isprintable():
        raise ChangeDamaged("text")
    return said

"""What is offered for installation, cut into objects of a kind, before anything of it is believed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from auth.distribution.kinds import ObjectKind
from auth.distribution.plain_kinds import recognise_plain
from reader.trust.trust_file import read_trust_file

__all__ = ["MAX_OBJECT", "OfferedFile", "RefusedItem", "offered_files", "plain_name"]

MAX_OBJECT = 16 * 1024 * 1024
MAX_NAME = 100


@dataclass(frozen=True, repr=False)
class OfferedFile:
    """Hold one object: ``name`` is the file it came in, ``subject`` what people call it."""

    name: str
    raw: bytes
    kind: ObjectKind
    subject: str
    country: str = ""

    @cached_property
    def sha256(self) -> str:
        """Return the digest of the object in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    def __repr__(self) -> str:
        """Show kind and digest."""
        return f"OfferedFile({self.kind}, {self.sha256[:16]})"


@dataclass(frozen=True, slots=True, order=True)
class RefusedItem:
    """Say what of a file cannot be installed and why; ``reason`` is a stable string."""

    country: str
    subject: str
    reason: str
    source: str


def offered_files(name: str, raw: bytes) -> tuple[tuple[OfferedFile, ...], tuple[RefusedItem, ...]]:
    """Cut a file into what stands in it; nothing is raised: what cannot be read is in the second part."""
    name = plain_name(name)
    plain = recognise_plain(raw)
    if plain is not None:
        kind = ObjectKind(plain)
        if len(raw) > MAX_OBJECT:
            return (), (RefusedItem("", name, "too-large", name),)
        return (OfferedFile(name, raw, kind, name),), ()
    read = read_trust_file(raw, name)
    offered = tuple(
        OfferedFile(name, item.raw, ObjectKind(item.kind.value), item.subject, item.country)
        for item in read.accepted
        if len(item.raw) <= MAX_OBJECT
    )
    refused = [RefusedItem("", item.subject, item.reason, name) for item in read.refused]
    refused += [
        RefusedItem(item.country, item.subject, "too-large", name)
        for item in read.accepted
        if len(item.raw) > MAX_OBJECT
    ]
    return offered, tuple(refused)


def plain_name(name: str) -> str:
    """Return a file's name without folders and without letters that a terminal would act on."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter if letter.isprintable() else "?" for letter in last)[:MAX_NAME] or "file"

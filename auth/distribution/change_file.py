"""A change on its way: the entry, the signatures so far, and the files it brings, in one file for people to carry.

Whoever signs gets the files themselves and judges them anew; a signature over digests alone would be one over nothing
that can be looked at.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from auth.distribution.canonical import canonical, parse_json
from auth.distribution.entry import Entry, EntryKind, SignedEntry
from auth.distribution.errors import ChangeDamaged
from auth.distribution.operators import OperatorKey
from reader.errors import DataError

__all__ = ["FORMAT", "MAX_CHANGE", "ChangeFile"]

FORMAT = "motcua-trust-change-1"
MAX_CHANGE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class ChangeFile:
    """Hold a signed entry and the bytes of the files it adds, by SHA-256."""

    signed: SignedEntry
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def entry(self) -> Entry:
        """Return what the change says."""
        return self.signed.entry

    def sign(self, key: OperatorKey) -> ChangeFile:
        """Return the change with one more signature."""
        return replace(self, signed=self.signed.sign(key))

    def encode(self) -> bytes:
        """Return the file."""
        files = {sha256: base64.b64encode(raw).decode() for sha256, raw in self.files.items()}
        return canonical({"format": FORMAT, **self.signed.as_json(), "files": files})

    @classmethod
    def parse(cls, raw: bytes) -> ChangeFile:
        """Read a change file; raise ChangeDamaged where it is none, or where a file is not the one it is named for."""
        try:
            said = parse_json(raw, MAX_CHANGE)
        except DataError:
            raise ChangeDamaged("not a change file") from None
        if said.get("format") != FORMAT or not isinstance(said.get("files"), dict):
            raise ChangeDamaged("not a change file")
        signed = SignedEntry.from_json(said)
        files: dict[str, bytes] = {}
        for sha256, encoded in said["files"].items():
            try:
                files[sha256] = base64.b64decode(encoded, validate=True)
            except (binascii.Error, TypeError, ValueError):
                raise ChangeDamaged("file") from None
            if hashlib.sha256(files[sha256]).hexdigest() != sha256:
                raise ChangeDamaged("file")
        entry = signed.entry
        if entry.kind is EntryKind.UPDATE or not {ref.sha256 for ref in entry.added} <= set(files) | _kept(entry):
            raise ChangeDamaged("files missing")
        return cls(signed, files)


def _kept(entry: Entry) -> set[str]:
    """Return what an undo adds: the store has kept these files itself."""
    return {ref.sha256 for ref in entry.added} if entry.back_to else set()

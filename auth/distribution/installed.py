"""The installed store as it is read: what counts now, what counted before, and that nothing of it was changed.

Everything a desk needs at its start is here, and nothing that only a change needs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from auth.distribution.canonical import parse_json
from auth.distribution.entry import Entry, EntryKind, ObjectRef, SignedEntry, digest_of
from auth.distribution.errors import ChangeDamaged, NoOperators, StoreDamaged
from auth.distribution.folder import StoreFolder
from auth.distribution.kinds import ObjectKind
from auth.distribution.operators import OperatorSet
from reader.errors import DataError
from reader.trust.store import OpenedStore, open_store

__all__ = ["InstalledStore", "State", "anchors_digest", "objects_after", "objects_digest"]

MAX_CURRENT = 4_096
MAX_ENTRY = 8 * 1024 * 1024
MAX_OBJECT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class State:
    """Hold what counts: the last entry, and a row for every installed file, as the index has it."""

    head: SignedEntry
    rows: tuple[tuple[str, str, str, str], ...]
    index: str

    @property
    def entry(self) -> Entry:
        """Return what the last entry says."""
        return self.head.entry

    @property
    def number(self) -> int:
        """Return the number of the last entry."""
        return int(self.head.facts["number"])

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """Return every installed file by its reference."""
        return tuple(ObjectRef.from_json(list(row)) for row in self.rows)

    @property
    def operators(self) -> OperatorSet:
        """Return who may change the store."""
        return OperatorSet.from_json(self.head.facts["operators"])

    def holds(self, kind: ObjectKind) -> bool:
        """Tell whether a file of this kind is installed."""
        return any(row[1] == kind.value for row in self.rows)


class InstalledStore:
    """Open one store and look back in it."""

    def __init__(self, path: Path) -> None:
        self.folder = StoreFolder(path)

    @property
    def exists(self) -> bool:
        """Tell whether anything was installed here."""
        return self.folder.current.is_file()

    def state(self) -> State:
        """Return what counts now; raise NoOperators where there is no store, StoreDamaged where it is not whole."""
        return self.opened()[0]

    def opened(self) -> tuple[State, OpenedStore]:
        """Return what counts now, and the open store; raise as ``state`` does.

        The last entry, the index and every page are compared with their digests. Whether every entry back to the first
        was rightly signed is for ``audit``: it reads the whole history.
        """
        if not self.exists:
            raise NoOperators("no store")
        try:
            said = parse_json(self.folder.read(self.folder.current, MAX_CURRENT), MAX_CURRENT)
            number, sha256, index = int(said["number"]), str(said["entry"]), str(said["index"])
            head = self.signed_entry(number, judge=False)
            store = open_store(self.folder.generation(index), index)
            state = State(head, tuple((a, b, c, d) for a, b, c, d in store.state["objects"]), index)
            whole = head.sha256 == sha256 and _is_whole(state, store, number)
        except (DataError, ChangeDamaged, KeyError, TypeError, ValueError) as error:
            raise StoreDamaged(error.what if isinstance(error, DataError) else "current.json") from None
        if not whole:
            raise StoreDamaged("current.json")
        return state, store

    def signed_entry(self, number: int, *, judge: bool = True) -> SignedEntry:
        """Return an entry of the history; raise StoreDamaged."""
        raw = self.folder.read(self.folder.entry(number), MAX_ENTRY)
        try:
            return SignedEntry.from_json(parse_json(raw, MAX_ENTRY), judge=judge)
        except (DataError, ChangeDamaged):
            raise StoreDamaged(self.folder.entry(number).name) from None

    def history(self) -> Iterator[SignedEntry]:
        """Yield every entry, the first at the front."""
        for number in range(1, self.state().entry.number + 1):
            yield self.signed_entry(number)

    def read_objects(self, refs: tuple[ObjectRef, ...]) -> Mapping[str, bytes]:
        """Return installed files by SHA-256; raise StoreDamaged where one is missing or was changed."""
        found: dict[str, bytes] = {}
        for ref in refs:
            raw = self.folder.read(self.folder.object(ref.sha256), MAX_OBJECT)
            if hashlib.sha256(raw).hexdigest() != ref.sha256:
                raise StoreDamaged(ref.sha256[:16])
            found[ref.sha256] = raw
        return found

    def objects_at(self, number: int) -> tuple[ObjectRef, ...]:
        """Return what was installed after entry ``number``; raise StoreDamaged."""
        objects: set[ObjectRef] = set()
        for signed in self.history():
            objects = objects_after(objects, signed.entry)
            if signed.entry.number == number:
                return tuple(sorted(objects))
        raise StoreDamaged(f"entry {number}")


def _is_whole(state: State, store: OpenedStore, number: int) -> bool:
    """Tell whether the index holds what the last entry says, and the entry its signatures.

    What an update stands on is the repository's word, which is verified when it is taken, and by ``audit``.
    """
    said = state.head.facts
    operators = state.operators
    signed = said["kind"] == EntryKind.UPDATE or len(state.head.signers(operators)) >= operators.threshold
    return (
        signed
        and said["number"] == number
        and said["objects"] == digest_of(["\t".join(row) for row in state.rows])
        and said["anchors"] == anchors_digest(store.fingerprints)
    )


def objects_digest(objects: tuple[ObjectRef, ...]) -> str:
    """Return the digest over everything installed."""
    return digest_of(["\t".join(ref.as_json()) for ref in objects])


def anchors_digest(fingerprints: tuple[str, ...]) -> str:
    """Return the digest over the certificates that are trusted."""
    return digest_of(list(fingerprints))


def objects_after(objects: set[ObjectRef], entry: Entry) -> set[ObjectRef]:
    """Return what is installed after ``entry``; raise ChangeDamaged where it does not fit what was before."""
    removed, added = set(entry.removed), set(entry.added)
    if not removed <= objects or added & objects:
        raise ChangeDamaged("objects")
    return (objects - removed) | added

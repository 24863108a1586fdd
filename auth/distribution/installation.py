"""The one way in which anything comes to count.

A change is checked whole — its place in the chain, its signatures, its files, and that judging them anew gives exactly
the certificates its signers saw — then written beside what is there, and last of all ``current.json`` is replaced. A
process that is killed anywhere before that leaves the old state; after it, the new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from auth.distribution.canonical import canonical, parse_json
from auth.distribution.change_file import ChangeFile
from auth.distribution.entry import Entry, EntryKind, ObjectRef, Origin, SignedEntry
from auth.distribution.errors import ChangeDamaged, ChangeOutdated, ChangeUnsigned, NoOperators, StoreDamaged
from auth.distribution.installed import (
    MAX_CURRENT,
    MAX_ENTRY,
    InstalledStore,
    State,
    anchors_digest,
    objects_after,
    objects_digest,
)
from auth.distribution.intake import Intake, take_in
from auth.distribution.kinds import ObjectKind
from auth.distribution.offered import OfferedFile
from auth.distribution.operators import OperatorSet
from auth.distribution.proof import verify_proof
from reader.errors import DataError
from reader.trust.store import INDEX, PARTS, build_store

__all__ = ["Installation", "judge"]


class Installation(InstalledStore):
    """Change one store, or verify all of it."""

    def apply(self, change: ChangeFile, *, proof: bytes = b"") -> State:
        """Install a change; raise ChangeOutdated, ChangeUnsigned, ChangeDamaged, StoreBusy or StoreUnwritable.

        An update from a repository brings ``proof``, the repository's signed metadata, in place of operators'
        signatures.
        """
        with self.folder.locked():
            return self.apply_locked(change, proof=proof)

    def apply_locked(self, change: ChangeFile, *, proof: bytes = b"") -> State:
        """Install a change while the caller holds the lock."""
        before = self.state() if self.exists else None
        entry = change.entry
        _expect_place(entry, before)
        self._expect_authority(change.signed, before, proof)
        objects = tuple(sorted(objects_after(set(before.objects if before else ()), entry)))
        if objects_digest(objects) != entry.objects:
            raise ChangeDamaged("objects")
        held = {ref.sha256 for ref in objects} - set(change.files)
        files = {
            **self.read_objects(tuple(ref for ref in objects if ref.sha256 in held)),
            **{ref.sha256: change.files[ref.sha256] for ref in objects if ref.sha256 in change.files},
        }
        intake = judge(objects, files)
        if anchors_digest(tuple(intake.fingerprints)) != entry.anchors:
            raise ChangeOutdated("judged otherwise today")
        for ref in entry.added:
            if not self.folder.object(ref.sha256).exists():
                self.folder.write(self.folder.object(ref.sha256), files[ref.sha256])
        index = self._write_generation(intake, objects)
        if proof:
            self.folder.write(self.folder.proof(entry.number), proof)
        self.folder.write(self.folder.entry(entry.number), canonical(change.signed.as_json()))
        self._switch(change.signed, entry.number, index)
        return state_of(change.signed, objects, index)

    def rebuild(self) -> None:
        """Build what is read at the desk anew from the installed files, once every entry was verified."""
        with self.folder.locked():
            objects, head = self.audit()
            intake = judge(objects, self.read_objects(objects))
            if anchors_digest(tuple(intake.fingerprints)) != head.entry.anchors:
                raise StoreDamaged("judged otherwise today")
            self._switch(head, head.entry.number, self._write_generation(intake, objects))

    def audit(self) -> tuple[tuple[ObjectRef, ...], SignedEntry]:
        """Verify the whole history and every installed file; return what it adds up to. Raise StoreDamaged."""
        try:
            said = parse_json(self.folder.read(self.folder.current, MAX_CURRENT), MAX_CURRENT)
            last, sha256 = int(said["number"]), str(said["entry"])
        except (DataError, KeyError, TypeError, ValueError):
            raise StoreDamaged("current.json") from None
        state: State | None = None
        for number in range(1, last + 1):
            signed = self.signed_entry(number)
            try:
                _expect_place(signed.entry, state)
                proof = self.folder.proof(number)
                self._expect_authority(
                    signed, state, self.folder.read(proof, MAX_ENTRY) if signed.entry.repository is not None else b""
                )
            except (ChangeDamaged, ChangeOutdated, ChangeUnsigned):
                raise StoreDamaged(f"entry {number}") from None
            objects = tuple(sorted(objects_after(set(state.objects if state else ()), signed.entry)))
            if objects_digest(objects) != signed.entry.objects:
                raise StoreDamaged(f"entry {number}")
            state = state_of(signed, objects, "")
        if state is None or state.head.sha256 != sha256:
            raise StoreDamaged("current.json")
        self.read_objects(state.objects)
        return state.objects, state.head

    def _expect_authority(self, signed: SignedEntry, before: State | None, proof: bytes) -> None:
        """Raise ChangeUnsigned or ChangeDamaged unless those signed who had to."""
        entry = signed.entry
        if entry.kind is EntryKind.UPDATE:
            if before is None or entry.repository is None or entry.operators != before.operators:
                raise ChangeDamaged("update")
            verify_proof(entry, proof, self._enrolled_root(before))
            return
        if any(ref.origin is not Origin.OPERATORS for ref in entry.added if not entry.back_to):
            raise ChangeDamaged("origin")
        if before is None:
            # The first operators vouch for themselves, every one of them: each shows that they hold their key.
            _expect_signers(signed, replace_threshold(entry.operators, len(entry.operators.operators)))
            return
        _expect_signers(signed, before.operators)
        if entry.operators != before.operators:
            if entry.kind is not EntryKind.OPERATORS:
                raise ChangeDamaged("operators")
            _expect_signers(signed, entry.operators)

    def _enrolled_root(self, before: State) -> bytes:
        roots = tuple(ref for ref in before.objects if ref.kind is ObjectKind.REPOSITORY_ROOT)
        if len(roots) != 1:
            raise ChangeDamaged("repository root")
        return self.read_objects(roots)[roots[0].sha256]

    def _write_generation(self, intake: Intake, objects: tuple[ObjectRef, ...]) -> str:
        contents = replace(intake.contents, state={"objects": [ref.as_json() for ref in objects]})
        index, parts = build_store(contents)
        sha256 = hashlib.sha256(index).hexdigest()
        folder = self.folder.generation(sha256)
        self.folder.write(folder / PARTS, parts)
        self.folder.write(folder / INDEX, index)
        return sha256

    def _switch(self, head: SignedEntry, number: int, index: str) -> None:
        self.folder.write(self.folder.current, canonical({"number": number, "entry": head.sha256, "index": index}))


def state_of(head: SignedEntry, objects: tuple[ObjectRef, ...], index: str) -> State:
    """Return the state that an entry and what is installed after it make."""
    rows = tuple((ref.sha256, ref.kind.value, ref.name, ref.origin.value) for ref in objects)
    return State(head, rows, index)


def judge(objects: tuple[ObjectRef, ...], files: Mapping[str, bytes]) -> Intake:
    """Judge installed files together."""
    return take_in([OfferedFile(ref.name, files[ref.sha256], ref.kind, ref.name) for ref in objects])


def replace_threshold(operators: OperatorSet, threshold: int) -> OperatorSet:
    """Return the same operators with another number that must agree."""
    return replace(operators, threshold=threshold)


def _expect_place(entry: Entry, before: State | None) -> None:
    number, previous = (before.entry.number, before.head.sha256) if before else (0, "")
    if before is None and entry.kind is not EntryKind.OPERATORS:
        raise NoOperators("no operators yet")
    if entry.number != number + 1 or entry.previous != previous:
        raise ChangeOutdated("another state")


def _expect_signers(signed: SignedEntry, operators: OperatorSet) -> None:
    have = len(signed.signers(operators))
    if have < operators.threshold:
        raise ChangeUnsigned(have, operators.threshold)

"""Work out a change: what would be installed afterwards, what takes the place of what, and the difference for people.

Nothing is written here. The same files at the same state give the same body but for the time, so that a second operator
can make the change again and compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from auth.distribution.change_file import ChangeFile
from auth.distribution.diff import TrustDiff, difference
from auth.distribution.entry import Entry, EntryKind, ObjectRef, Origin, RepositoryProof, SignedEntry
from auth.distribution.errors import ChangeDamaged, NothingToChange
from auth.distribution.installation import Installation, judge
from auth.distribution.installed import State, anchors_digest, objects_digest
from auth.distribution.intake import OLDER, Accepted, Intake
from auth.distribution.kinds import ObjectKind
from auth.distribution.offered import OfferedFile, RefusedItem
from auth.distribution.operators import OperatorSet

__all__ = ["Proposal", "propose_import", "propose_operators", "propose_undo", "propose_update", "review"]

# Of these a newer one takes the place of an older one with the same key; an older one is refused.
_DATED = {ObjectKind.MASTER_LIST, ObjectKind.REVOCATION_LIST, ObjectKind.DEVIATION_LIST}
HELD_BY_OPERATORS = "held-by-operators"
_NAMED = {
    ObjectKind.DISTRUST,
    ObjectKind.REGISTER_KEYS,
    ObjectKind.REGISTER_LISTS,
    ObjectKind.ENROLMENT_AUTHORITIES,
    ObjectKind.POLICY,
    ObjectKind.REPOSITORY_ROOT,
}


@dataclass(frozen=True, slots=True, repr=False)
class Proposal:
    """Hold a change that may be signed, and what it would do."""

    change: ChangeFile
    diff: TrustDiff


def propose_operators(installation: Installation, operators: OperatorSet, moment: datetime) -> Proposal:
    """Work out the founding of a store, or another set of operators for the one there is."""
    if not installation.exists:
        entry = _entry(EntryKind.OPERATORS, None, (), (), _nothing(), moment, operators)
        return Proposal(ChangeFile(SignedEntry(entry.encode())), TrustDiff())
    state = installation.state()
    if state.operators == operators:
        raise NothingToChange("the same operators")
    intake = judge(state.objects, installation.read_objects(state.objects))
    entry = _entry(EntryKind.OPERATORS, state, (), (), intake, moment, operators)
    return Proposal(ChangeFile(SignedEntry(entry.encode())), TrustDiff())


def propose_import(
    installation: Installation,
    offered: Iterable[OfferedFile],
    unreadable: Iterable[RefusedItem],
    moment: datetime,
    remove: Iterable[str] = (),
) -> Proposal:
    """Work out the import of files by operators, and the removal of installed ones by the beginning of their SHA-256.

    Raise NothingToChange where nothing would be different; its refusals are in the difference that ``check`` shows.
    """
    state = installation.state()
    held = installation.read_objects(state.objects)
    gone = _named_by(state, remove)
    step = _Step(state, held, Origin.OPERATORS)
    step.remove(gone)
    step.add(offered)
    return step.proposal(moment, tuple(unreadable))


def propose_undo(installation: Installation, back_to: int, moment: datetime) -> Proposal:
    """Work out the way back to the state after entry ``back_to``; the operators stay who they are now."""
    state = installation.state()
    if not 0 < back_to < state.entry.number:
        raise NothingToChange("no such entry")
    then, now = set(installation.objects_at(back_to)), set(state.objects)
    files = installation.read_objects(tuple(sorted(then | now)))
    before, after = judge(state.objects, files), judge(tuple(sorted(then)), files)
    added, removed = tuple(sorted(then - now)), tuple(sorted(now - then))
    if not added and not removed:
        raise NothingToChange("the same state")
    entry = _entry(EntryKind.CHANGE, state, added, removed, after, moment, state.operators, back_to=back_to)
    change = ChangeFile(SignedEntry(entry.encode()), {ref.sha256: files[ref.sha256] for ref in added})
    return Proposal(change, difference(before, after, ()))


def propose_update(
    state: State,
    held: Mapping[str, bytes],
    published: Iterable[OfferedFile],
    unreadable: Iterable[RefusedItem],
    moment: datetime,
    proof: RepositoryProof,
) -> Proposal:
    """Work out what a repository's files change: they take the place of everything that it brought before."""
    step = _Step(state, held, Origin.REPOSITORY)
    files = {file.sha256: file for file in published}
    step.remove(ref for ref in state.objects if ref.origin is Origin.REPOSITORY and ref.sha256 not in files)
    step.add(files.values())
    return step.proposal(moment, tuple(unreadable), proof)


def review(installation: Installation, change: ChangeFile) -> TrustDiff:
    """Return what ``change`` would do here, from its own files judged anew; raise ChangeDamaged where that differs.

    This is what whoever signs has to look at: not what the proposer's machine said.
    """
    entry = change.entry
    if not installation.exists:
        if entry.added or entry.removed:
            raise ChangeDamaged("objects")
        return TrustDiff()
    state = installation.state()
    held = installation.read_objects(state.objects)
    files = {**held, **change.files}
    if entry.back_to:
        files.update(installation.read_objects(entry.added))
    after_objects = tuple(sorted((set(state.objects) - set(entry.removed)) | set(entry.added)))
    if objects_digest(after_objects) != entry.objects:
        raise ChangeDamaged("objects")
    before, after = judge(state.objects, held), judge(after_objects, files)
    if anchors_digest(after.fingerprints) != entry.anchors:
        raise ChangeDamaged("judged otherwise here")
    return difference(before, after, ())


class _Step:
    """Add and remove objects, one rule for operators and repositories: what cannot be used is not installed."""

    def __init__(self, state: State, held: Mapping[str, bytes], origin: Origin) -> None:
        self._state = state
        self._origin = origin
        self._files = dict(held)
        self._before = judge(state.objects, held)
        self._objects = set(state.objects)
        self._new: dict[ObjectRef, OfferedFile] = {}
        self._refused: list[RefusedItem] = []

    def remove(self, refs: Iterable[ObjectRef]) -> None:
        self._objects -= set(refs)

    def add(self, offered: Iterable[OfferedFile]) -> None:
        held = {ref.sha256 for ref in self._objects}
        for file in offered:
            if file.sha256 not in held:
                ref = ObjectRef(file.sha256, file.kind, file.name, self._origin)
                self._new[ref] = file
                self._files[file.sha256] = file.raw
        self._supersede()

    def proposal(
        self, moment: datetime, unreadable: tuple[RefusedItem, ...], proof: RepositoryProof | None = None
    ) -> Proposal:
        after = judge(self._after(), self._files)
        useless = {ref for ref in self._new if ref.sha256 not in after.used}
        refused = tuple(after.refused)
        for ref in useless:
            del self._new[ref]
        after = judge(self._after(), self._files)
        diff = difference(self._before, after, (*unreadable, *self._refused, *refused))
        added = tuple(sorted(set(self._new) - set(self._state.objects)))
        removed = tuple(sorted(set(self._state.objects) - self._objects))
        if not added and not removed:
            raise NothingToChange("nothing new", diff)
        kind = EntryKind.CHANGE if proof is None else EntryKind.UPDATE
        entry = _entry(kind, self._state, added, removed, after, moment, self._state.operators, repository=proof)
        change = ChangeFile(SignedEntry(entry.encode()), {ref.sha256: self._files[ref.sha256] for ref in added})
        return Proposal(change, diff)

    def _after(self) -> tuple[ObjectRef, ...]:
        return tuple(sorted(self._objects | set(self._new)))

    def _supersede(self) -> None:
        """Let each new list take the place of the older one it replaces, and refuse it where it is the older one."""
        alone = judge(self._after(), self._files)
        candidates = {row.fingerprint: row for row in (*self._before.accepted, *_each(self, alone))}
        new = {ref: candidates[ref.sha256] for ref in self._new if ref.sha256 in candidates}
        for ref, row in sorted(new.items()):
            for other in sorted(self._objects | set(new)):
                held = candidates.get(other.sha256)
                if held is None or other == ref or (held.kind, held.key) != (row.kind, row.key):
                    continue
                if row.kind in _DATED and _older(row, held):
                    self._drop(ref, row, OLDER)
                elif not self._may_replace(other):
                    # A newer list stands beside the operators' own; of two files of one name only one can count.
                    if row.kind in _NAMED:
                        self._drop(ref, row, HELD_BY_OPERATORS)
                elif other in self._objects and row.kind in _DATED | _NAMED:
                    self._objects.discard(other)

    def _may_replace(self, other: ObjectRef) -> bool:
        """Tell whether this step may take ``other`` away: a repository never takes away what operators installed."""
        return self._origin is Origin.OPERATORS or other.origin is Origin.REPOSITORY

    def _drop(self, ref: ObjectRef, row: Accepted, reason: str) -> None:
        self._new.pop(ref, None)
        self._refused.append(RefusedItem(row.country, row.subject, reason, ref.name))

    @property
    def files(self) -> Mapping[str, bytes]:
        return self._files

    @property
    def new(self) -> Iterable[ObjectRef]:
        return self._new


def _each(step: _Step, together: Intake) -> Iterable[Accepted]:
    """Return the rows of each new file, judged without the others of its kind that would hide it."""
    yield from together.accepted
    roots = [ref for ref in step._after() if ref.kind is ObjectKind.AUTHORITY]
    for ref in step.new:
        if ref.kind is ObjectKind.MASTER_LIST:
            yield from judge((*roots, ref), step.files).accepted


def _older(row: Accepted, held: Accepted) -> bool:
    return row.made_at is not None and held.made_at is not None and row.made_at < held.made_at


def _named_by(state: State, beginnings: Iterable[str]) -> tuple[ObjectRef, ...]:
    found: list[ObjectRef] = []
    for beginning in beginnings:
        meant = [ref for ref in state.objects if ref.sha256.startswith(beginning.lower())]
        if len(beginning) < 8 or len(meant) != 1:
            raise NothingToChange("no such file, or more than one")
        found += meant
    return tuple(found)


def _entry(
    kind: EntryKind,
    state: State | None,
    added: tuple[ObjectRef, ...],
    removed: tuple[ObjectRef, ...],
    after: Intake,
    moment: datetime,
    operators: OperatorSet,
    *,
    back_to: int = 0,
    repository: RepositoryProof | None = None,
) -> Entry:
    before = set(state.objects) if state else set()
    objects = tuple(sorted((before - set(removed)) | set(added)))
    return Entry(
        kind=kind,
        number=state.entry.number + 1 if state else 1,
        previous=state.head.sha256 if state else "",
        made_at=moment.replace(microsecond=0),
        operators=operators,
        added=added,
        removed=removed,
        objects=objects_digest(objects),
        anchors=anchors_digest(after.fingerprints),
        back_to=back_to,
        repository=repository,
    )


def _nothing() -> Intake:
    return judge((), {})

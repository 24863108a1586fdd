"""The publisher's side: make, sign and renew a TUF repository that any web server or USB stick can carry.

Root and targets are signed by people, at least two each; snapshot and timestamp by one key that may stand beside the
web server, since all it can do alone is to say that nothing is new. What people sign waits as a draft until it has its
signatures; a release then puts everything in place, the timestamp last, so that a desk which reads meanwhile sees the
old state or the new one (TUF specification 1.0.34 §5.2, §6).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from securesystemslib.signer import SSlibKey
from tuf.api.exceptions import RepositoryError as TufRepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from auth.distribution.canonical import canonical
from auth.distribution.errors import ChangeUnsigned, RepositoryUnknown, RepositoryUntrusted, StoreUnwritable
from auth.distribution.manifest import MANIFEST, MAX_TARGET, manifest_of
from auth.distribution.operators import MIN_THRESHOLD, Operator, OperatorKey
from auth.distribution.tuf_keys import TufSigner, tuf_key
from auth.whole_file import write_whole
from reader.errors import DataError

__all__ = ["Lifetimes", "Publisher", "RoleKeys"]

_PEOPLE = ("root", "targets")
_MACHINE = ("snapshot", "timestamp")


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Say for how long each kind of metadata is good: a desk takes none that is older."""

    root: timedelta = timedelta(days=365)
    targets: timedelta = timedelta(days=90)
    snapshot: timedelta = timedelta(days=7)
    timestamp: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RoleKeys:
    """Name who signs what: people for root and targets, ``threshold`` of each, and one machine for the rest."""

    root: tuple[Operator, ...]
    targets: tuple[Operator, ...]
    machine: Operator
    threshold: int = MIN_THRESHOLD


class Publisher:
    """Keep a repository in a folder: ``metadata`` and ``targets`` are what is published, ``draft`` what is not yet."""

    def __init__(self, path: Path, lifetimes: Lifetimes | None = None) -> None:
        self.path = path
        self._lifetimes = lifetimes or Lifetimes()

    def create(self, keys: RoleKeys, moment: datetime) -> None:
        """Draft the first root and an empty targets; raise RepositoryUntrusted where fewer than two people sign."""
        if (self._metadata / "1.root.json").exists():
            raise RepositoryUntrusted("repository exists")
        root = Root(version=1, expires=_until(moment, self._lifetimes.root), consistent_snapshot=True)
        for role, operators in (("root", keys.root), ("targets", keys.targets)):
            if not MIN_THRESHOLD <= keys.threshold <= len(operators):
                raise RepositoryUntrusted("threshold")
            for operator in operators:
                root.add_key(tuf_key(operator), role)
            root.roles[role].threshold = keys.threshold
        for role in _MACHINE:
            root.add_key(tuf_key(keys.machine), role)
        self._draft("root", Metadata(root))
        self.stage({}, moment)

    def stage(self, files: Mapping[str, bytes], moment: datetime) -> None:
        """Draft targets that consist of ``files`` and nothing else."""
        version = self._newest("targets").signed.version + 1 if self._has("targets") else 1
        content = {**files, MANIFEST: canonical(manifest_of(files))}
        if any(len(raw) > MAX_TARGET for raw in content.values()):
            raise RepositoryUntrusted("target too large")
        waiting = self.path / "draft" / "targets"
        shutil.rmtree(waiting, ignore_errors=True)
        described = {}
        for name, raw in content.items():
            target = TargetFile.from_data(name, raw, ["sha256"])
            described[name] = target
            self._write(waiting / f"{target.hashes['sha256']}.{name}", raw)
        targets = Targets(version=version, expires=_until(moment, self._lifetimes.targets), targets=described)
        self._draft("targets", Metadata(targets))

    def rotate(self, who: str, add: Iterable[Operator], remove: Iterable[str], moment: datetime) -> None:
        """Draft a root with keys added, and others removed by the id that people know them by.

        ``who`` is "root", "targets" or "machine". Called again before a release, it changes the same draft.
        """
        draft = self._drafted("root")
        if draft is None:
            draft = self._newest("root")
            draft.signed.version += 1
        root = draft.signed
        root.expires = _until(moment, self._lifetimes.root)
        gone = set(remove)
        for role in _MACHINE if who == "machine" else (who,):
            for keyid in list(root.roles[role].keyids):
                if _operator_id(root.keys[keyid]) in gone:
                    root.revoke_key(keyid, role)
            for operator in add:
                root.add_key(tuf_key(operator), role)
            if len(root.roles[role].keyids) < root.roles[role].threshold:
                raise RepositoryUntrusted("threshold")
        draft.signatures.clear()
        self._draft("root", draft)
        if who == "targets" and self._drafted("targets") is None:
            # Whoever lost the right to sign must not have signed what stays published.
            targets = self._newest("targets")
            targets.signed.version += 1
            targets.signed.expires = _until(moment, self._lifetimes.targets)
            targets.signatures.clear()
            self._draft("targets", targets)

    def sign(self, key: OperatorKey) -> tuple[str, ...]:
        """Sign every draft that ``key`` may sign; return their names."""
        signer = TufSigner(key)
        signed = []
        for role in _PEOPLE:
            draft = self._drafted(role)
            if draft is None:
                continue
            roots = [root.signed for root in (self._drafted("root"), self._published("root")) if root is not None]
            if any(signer.public_key.keyid in root.roles[role].keyids for root in roots):
                draft.sign(signer, append=True)
                self._draft(role, draft)
                signed.append(role)
        return tuple(signed)

    def release(self, machine: OperatorKey, moment: datetime) -> None:
        """Publish the drafts and new snapshot and timestamp; raise ChangeUnsigned where signatures are missing."""
        root_draft, targets_draft = self._drafted("root"), self._drafted("targets")
        root = self._judged_root(root_draft)
        targets = targets_draft or self._newest("targets")
        _expect_threshold(root, "targets", targets)
        if targets_draft is not None:
            waiting = self.path / "draft" / "targets"
            for file in sorted(waiting.iterdir()) if waiting.is_dir() else ():
                self._write(self.path / "targets" / file.name, file.read_bytes())
        if root_draft is not None:
            self._publish("root", root_draft)
        if targets_draft is not None:
            self._publish("targets", targets)
        self.refresh(machine, moment)
        shutil.rmtree(self.path / "draft", ignore_errors=True)

    def refresh(self, machine: OperatorKey, moment: datetime) -> None:
        """Publish new snapshot and timestamp over what is published already; the machine's key does it alone."""
        signer = TufSigner(machine)
        root = self._newest("root").signed
        if signer.public_key.keyid not in root.roles["timestamp"].keyids:
            raise RepositoryUntrusted("machine key")
        targets = self._newest("targets").signed
        snapshot = Snapshot(
            version=self._newest("snapshot").signed.version + 1 if self._has("snapshot") else 1,
            expires=_until(moment, self._lifetimes.snapshot),
            meta={"targets.json": MetaFile(targets.version)},
        )
        timestamp = Timestamp(
            version=self._newest("timestamp").signed.version + 1 if self._has("timestamp") else 1,
            expires=_until(moment, self._lifetimes.timestamp),
            snapshot_meta=MetaFile(snapshot.version),
        )
        for role, metadata in (("snapshot", Metadata(snapshot)), ("timestamp", Metadata(timestamp))):
            metadata.sign(signer)
            self._publish(role, metadata)

    def first_root(self) -> bytes:
        """Return the root that desks are told to know the repository by."""
        try:
            return (self._metadata / "1.root.json").read_bytes()
        except OSError:
            raise RepositoryUnknown("nothing was released yet") from None

    @property
    def _metadata(self) -> Path:
        return self.path / "metadata"

    def _judged_root(self, draft: Metadata[Root] | None) -> Root:
        """Return the root that will count: the draft once the old and the new people signed it, else the newest."""
        if draft is None:
            found: Root = self._newest("root").signed
            return found
        published = self._published("root")
        if published is not None:
            _expect_threshold(published.signed, "root", draft)
        _expect_threshold(draft.signed, "root", draft)
        return draft.signed

    def _published(self, role: str) -> Metadata | None:  # type: ignore[type-arg]  # which role it is, only the file tells
        return self._newest(role) if self._has(role) else None

    def _has(self, role: str) -> bool:
        return self._newest_path(role) is not None

    def _newest_path(self, role: str) -> Path | None:
        if role == "timestamp":
            path = self._metadata / "timestamp.json"
            return path if path.exists() else None
        found = {
            int(path.name.split(".")[0]): path
            for path in self._metadata.glob(f"*.{role}.json")
            if path.name.split(".")[0].isdigit()
        }
        return found[max(found)] if found else None

    def _newest(self, role: str) -> Metadata:  # type: ignore[type-arg]  # which role it is, only the file tells
        path = self._newest_path(role)
        if path is None:
            raise RepositoryUnknown(f"{role}: nothing was released yet")
        return _load(path)

    def _drafted(self, role: str) -> Metadata | None:  # type: ignore[type-arg]  # which role it is, only the file tells
        path = self.path / "draft" / f"{role}.json"
        return _load(path) if path.exists() else None

    def _draft(self, role: str, metadata: Metadata) -> None:  # type: ignore[type-arg]  # any role
        self._write(self.path / "draft" / f"{role}.json", metadata.to_bytes())

    def _publish(self, role: str, metadata: Metadata) -> None:  # type: ignore[type-arg]  # any role
        name = "timestamp.json" if role == "timestamp" else f"{metadata.signed.version}.{role}.json"
        self._write(self._metadata / name, metadata.to_bytes())

    def _write(self, path: Path, raw: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, raw)
        except OSError:
            raise StoreUnwritable(path.name) from None


def _load(path: Path) -> Metadata:  # type: ignore[type-arg]  # which role it is, only the file tells
    try:
        return Metadata.from_bytes(path.read_bytes())
    except (OSError, TufRepositoryError, DataError, ValueError):
        raise RepositoryUntrusted(path.name) from None


def _expect_threshold(root: Root, role: str, metadata: Metadata) -> None:  # type: ignore[type-arg]  # any role
    result = root.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    if not result.verified:
        raise ChangeUnsigned(len(result.signed), result.threshold)


def _operator_id(key: SSlibKey) -> str:
    """Return the short id under which people know the key."""
    return Operator("?", bytes.fromhex(key.keyval["public"])).key_id


def _until(moment: datetime, lifetime: timedelta) -> datetime:
    return (moment.astimezone(UTC) + lifetime).replace(microsecond=0)

"""Take what a repository publishes: TUF's client workflow, then one change of the store (TUF specification §5).

By which root the repository is known was enrolled by two operators, like anything else that is installed. Metadata that
were verified are kept at once, so that nothing older is believed later; what is read at the desk changes only when
every file has come and was judged, and in one step.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.exceptions import (
    DownloadError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    SlowRetrievalError,
)
from tuf.api.exceptions import RepositoryError as TufRepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.ngclient import Updater, UpdaterConfig

from auth.distribution.canonical import canonical
from auth.distribution.diff import TrustDiff
from auth.distribution.entry import Entry, EntryKind, Origin, RepositoryProof
from auth.distribution.errors import (
    NothingToChange,
    RepositoryExpired,
    RepositoryTimeout,
    RepositoryUnknown,
    RepositoryUnreachable,
    RepositoryUntrusted,
    StoreUnwritable,
)
from auth.distribution.fetchers import BASE, BoundedFetcher
from auth.distribution.installation import Installation
from auth.distribution.installed import State
from auth.distribution.kinds import ObjectKind
from auth.distribution.manifest import MANIFEST, MAX_TARGET, MAX_TOTAL, parse_manifest
from auth.distribution.offered import OfferedFile, RefusedItem, offered_files
from auth.distribution.proof import make_proof, strong_enough
from auth.distribution.proposal import propose_update

__all__ = ["Updated", "update"]

_CONFIG = UpdaterConfig(
    max_root_rotations=64,
    root_max_length=128_000,
    timestamp_max_length=16_384,
    snapshot_max_length=256_000,
    targets_max_length=2_000_000,
)


@dataclass(frozen=True, slots=True)
class Updated:
    """Tell what an update did: the entry it made, None where nothing was new, and the difference."""

    entry: Entry | None
    diff: TrustDiff


def update(installation: Installation, fetcher: BoundedFetcher, moment: datetime) -> Updated:
    """Bring the store to what the repository publishes; raise a RepositoryError, and then nothing has changed."""
    with installation.folder.locked():
        state = installation.state()
        enrolled = _enrolled_root(installation, state)
        client = _Client(installation.folder.repository, enrolled, fetcher)
        with _mapped():
            files, unreadable = client.fetch(_last_version(installation, state))
        proof = client.proof()
        held = installation.read_objects(state.objects)
        try:
            proposal = propose_update(state, held, files, unreadable, moment, proof)
            installation.apply_locked(proposal.change, proof=client.proof_bytes())
            done = Updated(proposal.change.entry, proposal.diff)
        except NothingToChange as nothing:
            diff = nothing.diff
            done = Updated(None, diff if isinstance(diff, TrustDiff) else TrustDiff())
        installation.folder.write(installation.folder.checked, canonical(client.dates(moment)))
        return done


@contextlib.contextmanager
def _mapped() -> Iterator[None]:
    """Map what tuf raises onto our tree, once."""
    try:
        yield
    except ExpiredMetadataError:
        raise RepositoryExpired("expired") from None
    except TufRepositoryError as error:
        raise RepositoryUntrusted(type(error).__name__) from None
    except SlowRetrievalError:
        raise RepositoryTimeout("deadline") from None
    except DownloadLengthMismatchError:
        raise RepositoryUntrusted("too long") from None
    except DownloadError as error:
        raise RepositoryUnreachable(type(error).__name__) from None
    except OSError:
        raise StoreUnwritable("repository") from None
    except ValueError:
        raise RepositoryUntrusted("malformed") from None


class _Client:
    """Hold one run of TUF's client over the folder where its verified metadata are kept."""

    def __init__(self, folder: Path, enrolled: bytes, fetcher: BoundedFetcher) -> None:
        # A repository of another root is another repository: nothing that was kept of one counts for the other.
        self._folder = folder / hashlib.sha256(enrolled).hexdigest()[:32]
        self._metadata, self._targets = self._folder / "metadata", self._folder / "targets"
        self._enrolled = enrolled
        self._fetcher = fetcher

    def fetch(self, last_version: int) -> tuple[tuple[OfferedFile, ...], tuple[RefusedItem, ...]]:
        """Return the published files; ``last_version`` is that of the targets taken before."""
        for folder in (self._metadata, self._targets):
            folder.mkdir(parents=True, exist_ok=True)
        updater = Updater(
            str(self._metadata),
            f"{BASE}metadata/",
            str(self._targets),
            f"{BASE}targets/",
            fetcher=self._fetcher,
            config=_CONFIG,
            bootstrap=self._enrolled,
        )
        updater.refresh()
        if not strong_enough(self._root()) or self._signed_targets().version < last_version:
            raise RepositoryUntrusted("threshold or version")
        names = parse_manifest(self._target(updater, MANIFEST))
        infos = [self._info(updater, name) for name in names]
        if sum(info.length for info in infos) > MAX_TOTAL:
            raise RepositoryUntrusted("too long")
        files: list[OfferedFile] = []
        refused: list[RefusedItem] = []
        for name in names:
            raw = self._target(updater, name)
            found, unreadable = offered_files(name, raw)
            refused += unreadable
            # The proof is over whole targets: one target is one object.
            if len(found) == 1 and found[0].raw == raw and found[0].kind is not ObjectKind.REPOSITORY_ROOT:
                files += found
            elif found:
                refused.append(RefusedItem("", name, "not-one-object", name))
        self._tidy(names)
        return tuple(files), tuple(refused)

    def proof(self) -> RepositoryProof:
        """Return by which metadata the files were taken."""
        raw = (self._metadata / "targets.json").read_bytes()
        return RepositoryProof(self._root().version, self._signed_targets().version, hashlib.sha256(raw).hexdigest())

    def proof_bytes(self) -> bytes:
        """Return what shows later that they were rightly taken."""
        first = Metadata[Root].from_bytes(self._enrolled).signed.version
        history = self._metadata / "root_history"
        roots = tuple(
            (history / f"{version}.root.json").read_bytes() for version in range(first + 1, self._root().version + 1)
        )
        return make_proof(roots, (self._metadata / "targets.json").read_bytes())

    def dates(self, moment: datetime) -> dict[str, str]:
        """Return when the repository was asked last, and until when each kind of metadata is good."""
        timestamp = Metadata[Timestamp].from_bytes((self._metadata / "timestamp.json").read_bytes()).signed
        snapshot = Metadata[Snapshot].from_bytes((self._metadata / "snapshot.json").read_bytes()).signed
        return {
            "checked_at": moment.isoformat(timespec="seconds"),
            "timestamp": timestamp.expires.isoformat(),
            "snapshot": snapshot.expires.isoformat(),
            "targets": self._signed_targets().expires.isoformat(),
            "root": self._root().expires.isoformat(),
        }

    def _root(self) -> Root:
        return Metadata[Root].from_bytes((self._metadata / "root.json").read_bytes()).signed

    def _signed_targets(self) -> Targets:
        return Metadata[Targets].from_bytes((self._metadata / "targets.json").read_bytes()).signed

    def _info(self, updater: Updater, name: str) -> TargetFile:
        info = updater.get_targetinfo(name)
        if info is None or info.length > MAX_TARGET:
            raise RepositoryUntrusted("manifest")
        return info

    def _target(self, updater: Updater, name: str) -> bytes:
        """Return a target, from the copy kept here where that is still the one that is meant."""
        info = self._info(updater, name)
        path = updater.find_cached_target(info) or updater.download_target(info)
        return Path(path).read_bytes()

    def _tidy(self, names: tuple[str, ...]) -> None:
        """Drop kept copies that nobody publishes any more."""
        keep = {*names, MANIFEST}
        for file in self._targets.iterdir():
            if file.name not in keep and file.is_file():
                file.unlink(missing_ok=True)


def _enrolled_root(installation: Installation, state: State) -> bytes:
    roots = tuple(ref for ref in state.objects if ref.kind is ObjectKind.REPOSITORY_ROOT)
    if len(roots) != 1 or roots[0].origin is not Origin.OPERATORS:
        raise RepositoryUnknown("no root enrolled")
    return installation.read_objects(roots)[roots[0].sha256]


def _last_version(installation: Installation, state: State) -> int:
    """Return the version of the targets taken last, by the history, since the root in use was enrolled."""
    for number in range(state.entry.number, 0, -1):
        entry = installation.signed_entry(number).entry
        if any(ref.kind is ObjectKind.REPOSITORY_ROOT for ref in entry.added):
            return 0
        if entry.kind is EntryKind.UPDATE and entry.repository is not None:
            return entry.repository.targets
    return 0

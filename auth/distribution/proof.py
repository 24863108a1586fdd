"""What shows later that an update was rightly taken: the repository's roots since the enrolled one, and its targets.

The files of an update must be those that the targets name, and the targets must bear as many signatures of the root's
people as the root demands. Dates are not looked at: they mattered on the day of the update.
"""

from __future__ import annotations

import hashlib
from typing import Any

from tuf.api.exceptions import RepositoryError as TufRepositoryError
from tuf.api.metadata import Metadata, Root, Targets

from auth.distribution.canonical import canonical, parse_json
from auth.distribution.entry import Entry, Origin
from auth.distribution.errors import ChangeDamaged
from auth.distribution.operators import MIN_THRESHOLD
from reader.errors import DataError

__all__ = ["MAX_PROOF", "make_proof", "strong_enough", "verify_proof"]

MAX_PROOF = 8 * 1024 * 1024
MAX_ROOTS = 256


def make_proof(roots: tuple[bytes, ...], targets: bytes) -> bytes:
    """Return the proof: ``roots`` from the one after the enrolled to the newest, and the targets."""
    return canonical({"roots": [root.decode() for root in roots], "targets": targets.decode()})


def verify_proof(entry: Entry, proof: bytes, enrolled: bytes) -> None:
    """Raise ChangeDamaged unless the repository's people signed what ``entry`` installs."""
    repository = entry.repository
    try:
        said = parse_json(proof, MAX_PROOF)
        roots = [text.encode() for text in said["roots"]][:MAX_ROOTS]
        targets_raw = said["targets"].encode()
        root = _walk(enrolled, roots)
        targets = Metadata[Targets].from_bytes(targets_raw)
        root.verify_delegate("targets", targets.signed_bytes, targets.signatures)
    except (DataError, TufRepositoryError, ValueError, KeyError, TypeError, AttributeError):
        raise ChangeDamaged("repository") from None
    told = (root.version, targets.signed.version, hashlib.sha256(targets_raw).hexdigest())
    if repository is None or told != (repository.root, repository.targets, repository.sha256):
        raise ChangeDamaged("repository")
    published = {target.hashes.get("sha256") for target in targets.signed.targets.values()}
    added = {ref.sha256 for ref in entry.added}
    foreign = any(ref.origin is not Origin.REPOSITORY for ref in (*entry.added, *entry.removed))
    if foreign or not added <= published:
        raise ChangeDamaged("repository")


def strong_enough(root: Root) -> bool:
    """Tell whether two people at least must agree on root and targets: what one key can do, one thief can do."""
    return all(
        root.roles[role].threshold >= MIN_THRESHOLD and len(root.roles[role].keyids) >= MIN_THRESHOLD
        for role in ("root", "targets")
    )


def _walk(enrolled: bytes, roots: list[bytes]) -> Root:
    """Follow the roots, each signed by its predecessor's people and its own (TUF specification §5.3)."""
    root: Any = Metadata[Root].from_bytes(enrolled)
    for raw in roots:
        following = Metadata[Root].from_bytes(raw)
        root.signed.verify_delegate("root", following.signed_bytes, following.signatures)
        following.signed.verify_delegate("root", following.signed_bytes, following.signatures)
        if following.signed.version != root.signed.version + 1:
            raise ValueError("version")
        root = following
    if not strong_enough(root.signed):
        raise ValueError("threshold")
    found: Root = root.signed
    return found

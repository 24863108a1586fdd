"""The verifier's log: a Merkle tree over the hashes of tokens and receipts, in the order in which they were given out.

A token is in it before it leaves the verifier, and so is every receipt (RFC 6962 §2.1). The roots of its complete
subtrees, one for each bit of its length, are kept with the length: with these alone a leaf is appended, whatever the
length, and the root before and after is known. The hashes below them are kept too, and asked for by proofs only.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from auth.merkle import HASH_BYTES, NodeAt, consistency_proof, inclusion_proof, leaf_hash, new_nodes, tree_root
from auth.presence.encoding import digest, to_text

__all__ = ["Grown", "LogRows", "LogState", "Node", "Place", "Standing", "append", "append_after", "entry_of", "grown"]

_ID_BYTES = 16

Place = tuple[int, int]
"""A complete subtree: its level, and its number among those of that level, both from 0."""
Node = tuple[int, int, bytes]
"""A complete subtree and its hash."""

T = TypeVar("T")


def entry_of(token: str) -> bytes:
    """Return by which hash a token or a receipt stands in the log, before the tree hashes it as a leaf."""
    return digest("CPP1-leaf", token.encode("utf-8", "backslashreplace"))


@dataclass(frozen=True, slots=True)
class LogState:
    """Hold the name of a log, its length, and the hashes of the subtrees it is made of, the largest first."""

    log: str
    size: int
    peaks: tuple[bytes, ...]

    @classmethod
    def begin(cls) -> LogState:
        """Begin a log under a name that no other one has."""
        return cls(to_text(secrets.token_bytes(_ID_BYTES)), 0, ())

    @classmethod
    def read(cls, log: str, size: int, peaks: bytes) -> LogState:
        """Return the state that a store kept as ``packed`` hashes."""
        return cls(log, size, tuple(peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES)))

    @property
    def packed(self) -> bytes:
        """Return the hashes as one piece."""
        return b"".join(self.peaks)

    @property
    def root(self) -> bytes:
        """Return the root over the whole log."""
        return tree_root(self.size, self._node_at())

    @property
    def path(self) -> tuple[bytes, ...]:
        """Return the proof of inclusion that the next leaf will have in the log that ends with it."""
        return tuple(reversed(self.peaks))

    def append(self, entry: bytes) -> tuple[LogState, tuple[Node, ...]]:
        """Return the log with ``entry`` behind its last leaf, and the subtrees that become complete by it."""
        nodes = tuple(new_nodes(self.size, leaf_hash(entry), self._node_at()))
        level, _, complete = nodes[-1]
        # Each level that the new subtree has grown over took one of the smallest ones in.
        kept = self.peaks[: len(self.peaks) - level]
        return LogState(self.log, self.size + 1, (*kept, complete)), nodes

    def _node_at(self) -> NodeAt:
        held = dict(zip(_places_of_peaks(self.size), self.peaks, strict=True))
        return lambda level, number: held[level, number]


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold the log as it is, and where an entry stands in it, from 0, with the proof of that; None where nowhere."""

    state: LogState
    index: int | None = None
    path: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Grown:
    """Hold how a log continues what it was at ``old`` leaves: its length, its root, and the proof (RFC 6962 §2.1.2)."""

    log: str
    old: int
    size: int
    root: bytes
    proof: tuple[bytes, ...]


class LogRows(Protocol):
    """Reach a log's rows within one transaction; one that appends is alone with them until it ends."""

    def state(self) -> LogState:
        """Return the log as it is; begin one where there is none yet."""
        ...

    def find(self, leaf: bytes) -> tuple[LogState, int | None]:
        """Return the log, and where the first leaf with this hash stands in it, from 0; None where there is none."""
        ...

    def hashes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        """Return the hashes of complete subtrees."""
        ...

    def grow(self, state: LogState, nodes: Sequence[Node]) -> None:
        """Write what the log is now, and the subtrees that have become complete."""
        ...


def append(rows: LogRows, entries: Iterable[bytes]) -> None:
    """Append entries in their order."""
    state = rows.state()
    nodes: list[Node] = []
    for entry in entries:
        state, completed = state.append(entry)
        nodes += completed
    rows.grow(state, nodes)


def append_after(rows: LogRows, entry: bytes, write: Callable[[Standing], tuple[bytes, T]]) -> T:
    """Append what ``write`` makes of the log as it is and of where ``entry`` stands in it, an entry and a result.

    Nothing comes between: what was written about the log stands right behind the last leaf of that log.
    """
    state, index = rows.find(leaf_hash(entry))
    standing = Standing(state)
    if index is not None:
        standing = Standing(state, index, _proved(rows, lambda node_at: inclusion_proof(index, state.size, node_at)))
    made, result = write(standing)
    rows.grow(*state.append(made))
    return result


def grown(rows: LogRows, old: int, new: int | None) -> Grown | None:
    """Return how the log of ``new`` leaves, or of all, continues the one of ``old``; None where it is shorter."""
    state = rows.state()
    size = state.size if new is None else new
    if not 0 <= old <= size <= state.size:
        return None
    root, proof = _proved(rows, lambda node_at: (tree_root(size, node_at), consistency_proof(old, size, node_at)))
    return Grown(state.log, old, size, root, proof)


def _proved(rows: LogRows, prove: Callable[[NodeAt], T]) -> T:
    """Return what ``prove`` makes of the hashes that it wants; asked first which these are, to read them at once."""
    wanted: list[Place] = []

    def note(level: int, number: int) -> bytes:
        wanted.append((level, number))
        return bytes(HASH_BYTES)

    prove(note)
    held = rows.hashes(tuple(dict.fromkeys(wanted)))
    return prove(lambda level, number: held[level, number])


def _places_of_peaks(size: int) -> tuple[Place, ...]:
    """Return the complete subtrees that ``size`` leaves are made of, the largest first."""
    places, begin = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            places.append((level, begin >> level))
            begin += 1 << level
    return tuple(places)

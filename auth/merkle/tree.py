"""The Merkle tree of RFC 9162 §2.1: its hashes, its proofs, and how a stranger checks them.

A tree over n leaves is made of complete subtrees, whose hashes never change again once they are there. So whoever keeps
those can append in constant time and prove in a logarithm of n, whatever n has become since.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence

from reader.errors import DataError

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "InvalidProof",
    "NodeAt",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "new_nodes",
    "node_hash",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

NodeAt = Callable[[int, int], bytes]
"""Return the hash of the complete subtree ``(level, number)``: the ``number``-th of 2**level leaves, both from 0."""


class InvalidProof(DataError):
    """Say that a proof does not show what it is for."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one entry (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def new_nodes(size: int, leaf: bytes, node_at: NodeAt) -> Iterator[tuple[int, int, bytes]]:
    """Yield ``(level, number, hash)`` of every subtree that becomes complete when ``leaf``, a hash, is appended.

    ``size`` is the number of leaves before. One hash is made for every trailing one in its binary form: two on average.
    """
    level, number, digest = 0, size, leaf
    yield level, number, digest
    while number & 1:
        digest = node_hash(node_at(level, number - 1), digest)
        level, number = level + 1, number >> 1
        yield level, number, digest


def tree_root(size: int, node_at: NodeAt) -> bytes:
    """Return the root over the first ``size`` leaves."""
    return _range_hash(0, size, node_at) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node_at: NodeAt) -> tuple[bytes, ...]:
    """Prove that leaf ``index`` is in the tree of ``size`` leaves (RFC 9162 §2.1.3.1); raise ValueError beyond it."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    return tuple(_path(index, 0, size, node_at))


def consistency_proof(old: int, new: int, node_at: NodeAt) -> tuple[bytes, ...]:
    """Prove that the tree of ``new`` leaves continues the one of ``old`` (RFC 9162 §2.1.4.1)."""
    if not 0 <= old <= new:
        raise ValueError("the older tree is not larger than the newer")
    if old in (0, new):
        return ()
    return tuple(_subproof(old, 0, new, node_at, whole=True))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that ``leaf``, a hash, is leaf ``index`` under ``root`` (RFC 9162 §2.1.3.2); raise InvalidProof."""
    if not 0 <= index < size:
        raise InvalidProof("the leaf lies outside the tree")
    digest = leaf
    for sibling, is_left in _sides(index, size - 1, proof):
        digest = node_hash(sibling, digest) if is_left else node_hash(digest, sibling)
    if not hmac.compare_digest(digest, root):
        raise InvalidProof("the leaf is not in this tree")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the tree under ``new_root`` continues the one under ``old_root`` (RFC 9162 §2.1.4.2).

    Raise InvalidProof where it does not, an empty older tree and an equal one included.
    """
    if not 0 <= old <= new:
        raise InvalidProof("the log has become shorter")
    if old in (0, new):
        same = hmac.compare_digest(old_root, new_root if old else EMPTY_ROOT)
        if proof or not same:
            raise InvalidProof("two logs of one length differ")
        return
    hashes = list(proof) if old & (old - 1) else [old_root, *proof]
    if not hashes:
        raise InvalidProof("the proof is empty")
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = hashes[0]
    for sibling, is_left in _sides(position, last, hashes[1:]):
        first = node_hash(sibling, first) if is_left else first
        second = node_hash(sibling, second) if is_left else node_hash(second, sibling)
    if not (hmac.compare_digest(first, old_root) and hmac.compare_digest(second, new_root)):
        raise InvalidProof("the newer log does not continue the older one")


def _sides(position: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each hash of a proof and whether it stands on the left, on the way from ``position`` up to the root.

    Raise InvalidProof where the proof is longer or shorter than that way.
    """
    for sibling in proof:
        if last == 0:
            raise InvalidProof("the proof is too long")
        is_left = bool(position & 1) or position == last
        yield sibling, is_left
        while is_left and position and not position & 1:
            position, last = position >> 1, last >> 1
        position, last = position >> 1, last >> 1
    if last:
        raise InvalidProof("the proof is too short")


def _range_hash(begin: int, end: int, node_at: NodeAt) -> bytes:
    """Return MTH(D[begin:end]): a stored subtree where the range is one, else its two halves."""
    size = end - begin
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node_at(level, begin >> level)
    middle = begin + _split(size)
    return node_hash(_range_hash(begin, middle, node_at), _range_hash(middle, end, node_at))


def _path(index: int, begin: int, end: int, node_at: NodeAt) -> Iterator[bytes]:
    if end - begin == 1:
        return
    middle = begin + _split(end - begin)
    if index < middle:
        yield from _path(index, begin, middle, node_at)
        yield _range_hash(middle, end, node_at)
    else:
        yield from _path(index, middle, end, node_at)
        yield _range_hash(begin, middle, node_at)


def _subproof(old: int, begin: int, end: int, node_at: NodeAt, *, whole: bool) -> Iterator[bytes]:
    if old == end:
        if not whole:
            yield _range_hash(begin, end, node_at)
        return
    middle = begin + _split(end - begin)
    if old <= middle:
        yield from _subproof(old, begin, middle, node_at, whole=whole)
        yield _range_hash(middle, end, node_at)
    else:
        yield from _subproof(old, middle, end, node_at, whole=False)
        yield _range_hash(begin, middle, node_at)


def _split(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)

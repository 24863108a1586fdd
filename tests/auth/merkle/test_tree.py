"""The Merkle tree against the definition of RFC 9162, written out, and roots that implementations agree on."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.merkle import (
    EMPTY_ROOT,
    InvalidProof,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    new_nodes,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

# The eight entries and the roots over the first n of them that Certificate Transparency implementations test with.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


class Tree:
    """Keep the complete subtrees of a growing log."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        for number, leaf in enumerate(leaves):
            for level, place, digest in new_nodes(number, leaf_hash(leaf), self.at):
                assert (level, place) not in self.nodes, "a complete subtree never changes"
                self.nodes[level, place] = digest
        self.size = len(leaves)

    def at(self, level: int, number: int) -> bytes:
        return self.nodes[level, number]


def leaves_of(count: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(count)]


def test_the_roots_are_those_of_the_reference_entries() -> None:
    tree = Tree(ENTRIES)
    assert [tree_root(size, tree.at).hex() for size in range(1, 9)] == ROOTS
    assert tree_root(0, tree.at) == EMPTY_ROOT == by_definition([])


def test_the_reference_inclusion_and_consistency_proofs() -> None:
    """RFC 9162 §2.1.5 with seven leaves: PATH(0), PATH(3), PATH(4), PATH(6), PROOF(3), PROOF(4) and PROOF(6)."""
    d = [leaf_hash(entry) for entry in leaves_of(7)]
    tree = Tree(leaves_of(7))
    g, h, i, j = node_hash(d[0], d[1]), node_hash(d[2], d[3]), node_hash(d[4], d[5]), d[6]
    k, m = node_hash(g, h), node_hash(i, j)
    assert inclusion_proof(0, 7, tree.at) == (d[1], h, m)
    assert inclusion_proof(3, 7, tree.at) == (d[2], g, m)
    assert inclusion_proof(4, 7, tree.at) == (d[5], j, k)
    assert inclusion_proof(6, 7, tree.at) == (i, k)
    assert consistency_proof(3, 7, tree.at) == (d[2], d[3], g, m)
    assert consistency_proof(4, 7, tree.at) == (m,)
    assert consistency_proof(6, 7, tree.at) == (i, j, k)


@pytest.mark.parametrize("size", range(1, 34))
def test_every_leaf_of_every_small_tree_is_proven_and_nothing_else(size: int) -> None:
    leaves = leaves_of(size)
    tree = Tree(leaves)
    root = by_definition(leaves)
    assert tree_root(size, tree.at) == root
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(index, size, tree.at)
        verify_inclusion(leaf_hash(leaf), index, size, proof, root)
        for wrong in (leaf_hash(b"other"), root):
            with pytest.raises(InvalidProof):
                verify_inclusion(wrong, index, size + (wrong == root), proof, root)
        for spoilt in ((*proof, root), proof[:-1]) if proof else ((root,),):
            with pytest.raises(InvalidProof):
                verify_inclusion(leaf_hash(leaf), index, size, spoilt, root)


@pytest.mark.parametrize("new", range(1, 18))
def test_every_earlier_log_is_shown_to_be_continued_and_no_other(new: int) -> None:
    tree = Tree(leaves_of(new))
    new_root = tree_root(new, tree.at)
    for old in range(new + 1):
        old_root = tree_root(old, tree.at)
        proof = consistency_proof(old, new, tree.at)
        verify_consistency(old, new, proof, old_root, new_root)
        with pytest.raises(InvalidProof):
            verify_consistency(old, new, proof, leaf_hash(b"another log"), new_root)
        with pytest.raises(InvalidProof):
            verify_consistency(old, new, (*proof, new_root), old_root, new_root)
        if 0 < old < new:
            with pytest.raises(InvalidProof):
                verify_consistency(old, new, proof, old_root, leaf_hash(b"another log"))
            with pytest.raises(InvalidProof):
                verify_consistency(old, new, proof[:-1], old_root, new_root)


@given(st.integers(1, 400), st.data())
def test_one_changed_bit_of_a_proof_is_refused(size: int, data: st.DataObject) -> None:
    tree = Tree(leaves_of(size))
    root = tree_root(size, tree.at)
    index = data.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(index, size, tree.at))
    if not proof:
        return
    place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    proof[place] = (int.from_bytes(proof[place], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(InvalidProof):
        verify_inclusion(leaf_hash(leaves_of(size)[index]), index, size, proof, root)


def test_what_lies_outside_the_log_is_refused() -> None:
    tree = Tree(leaves_of(3))
    for index in (-1, 3):
        with pytest.raises(ValueError, match="no such leaf"):
            inclusion_proof(index, 3, tree.at)
        with pytest.raises(InvalidProof):
            verify_inclusion(b"", index, 3, (), b"")
    with pytest.raises(ValueError, match="not larger"):
        consistency_proof(4, 3, tree.at)
    with pytest.raises(InvalidProof, match="shorter"):
        verify_consistency(4, 3, (), b"", b"")
    with pytest.raises(InvalidProof, match="empty"):
        verify_consistency(3, 5, (), b"", b"")

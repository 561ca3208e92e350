"""Proofs that hold, and all that must not."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.audit.tree import consistency_proof, inclusion_proof, root_of, subtree_of
from streams.audit.verifier.proofs import (
    EMPTY,
    Frontier,
    ProofError,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
)

MOST = 40
LEAVES = [leaf_hash(str(number).encode()) for number in range(MOST)]


def defined(leaves: list[bytes]) -> bytes:
    """MTH, word for word as RFC 6962 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + defined(leaves[:k]) + defined(leaves[k:])).digest()


def joined(count: int) -> bytes:
    return b"".join(LEAVES[:count])


def test_the_frontier_gives_the_root_that_the_rfc_defines() -> None:
    tree = Frontier()
    for size, leaf in enumerate(LEAVES):
        assert tree.root() == defined(LEAVES[:size]) == root_of(joined(size))
        assert Frontier(size, tree.hashes).root() == tree.root()
        tree.append(leaf)


@pytest.mark.parametrize(
    ("leaves", "root"),
    [
        ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),  # SHA-256 of nothing
        ([b""], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),  # SHA-256 of one zero byte
    ],
)
def test_roots_that_are_known(leaves: list[bytes], root: str) -> None:
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf_hash(leaf))
    assert tree.root().hex() == root


@pytest.mark.parametrize(("size", "hashes"), [(1, []), (2, [EMPTY, EMPTY]), (3, [EMPTY, b"short"]), (-1, [])])
def test_a_frontier_that_is_none(size: int, hashes: list[bytes]) -> None:
    with pytest.raises(ProofError):
        Frontier(size, hashes)


def test_every_leaf_is_in_every_tree() -> None:
    for size in range(1, MOST + 1):
        subtree, root = subtree_of(joined(size)), root_of(joined(size))
        for index in range(size):
            check_inclusion(LEAVES[index], index, size, inclusion_proof(index, size, subtree), root)


def test_every_tree_begins_with_every_smaller_one() -> None:
    for second in range(MOST + 1):
        subtree, root = subtree_of(joined(second)), root_of(joined(second))
        for first in range(second + 1):
            check_consistency(first, second, root_of(joined(first)), root, consistency_proof(first, second, subtree))


Mutation = st.sampled_from(["flip", "drop", "add", "swap", "index", "size", "leaf", "root"])


@settings(max_examples=3000, deadline=None)
@given(size=st.integers(1, MOST), data=st.data(), how=Mutation)
def test_no_other_inclusion_is_proved(size: int, data: st.DataObject, how: str) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, subtree_of(joined(size))), root_of(joined(size))
    leaf, claim, total = LEAVES[index], index, size
    match how:
        case "index":
            claim = data.draw(st.integers(-2, MOST + 2).filter(lambda other: other != index))
        case "size":
            total = data.draw(st.integers(-2, 4 * MOST).filter(lambda other: differs(index, size, other)))
        case "leaf":
            leaf = flipped(leaf, data)
        case "root":
            root = flipped(root, data)
        case _:
            proof = mutated(proof, data, how)
    with pytest.raises(ProofError):
        check_inclusion(leaf, claim, total, proof, root)


@settings(max_examples=3000, deadline=None)
@given(second=st.integers(2, MOST), data=st.data(), how=st.sampled_from(["flip", "drop", "add", "swap", "old", "new"]))
def test_no_other_consistency_is_proved(second: int, data: st.DataObject, how: str) -> None:
    first = data.draw(st.integers(1, second - 1))
    proof = consistency_proof(first, second, subtree_of(joined(second)))
    old, new = root_of(joined(first)), root_of(joined(second))
    match how:
        case "old":
            old = flipped(old, data)
        case "new":
            new = flipped(new, data)
        case _:
            proof = mutated(proof, data, how)
    with pytest.raises(ProofError):
        check_consistency(first, second, old, new, proof)


def differs(index: int, size: int, other: int) -> bool:
    """Whether the proof of a leaf would have another shape in a tree of another size: else the root alone differs,
    which a proof of inclusion does not bind to a size (RFC 9162 leaves that to the signature over both)."""
    if not 0 <= index < other:
        return True
    return shape(index, size) != shape(index, other)


def shape(index: int, size: int) -> list[bool]:
    """On which sides the hashes of a proof stand."""
    sides, place, last = [], index, size - 1
    while last:
        if place & 1 or place == last:
            sides.append(True)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            sides.append(False)
        place, last = place >> 1, last >> 1
    return sides


def flipped(value: bytes, data: st.DataObject) -> bytes:
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    return (int.from_bytes(value, "big") ^ 1 << bit).to_bytes(len(value), "big")


def mutated(proof: list[bytes], data: st.DataObject, how: str) -> list[bytes]:
    """Another list of hashes."""
    if how == "add" or not proof:
        at = data.draw(st.integers(0, len(proof)))
        return [*proof[:at], data.draw(st.sampled_from(LEAVES)), *proof[at:]]
    at = data.draw(st.integers(0, len(proof) - 1))
    if how == "drop":
        return [*proof[:at], *proof[at + 1 :]]
    if how == "swap" and len(proof) > 1:
        other = (at + 1) % len(proof)
        made = list(proof)
        made[at], made[other] = made[other], made[at]
        return made if made != proof else mutated(proof, data, "flip")
    return [*proof[:at], flipped(proof[at], data), *proof[at + 1 :]]


def test_nodes_are_no_leaves() -> None:
    """A leaf that reads like two hashes is another than their node: the prefixes keep them apart."""
    assert node_hash(LEAVES[0], LEAVES[1]) != leaf_hash(LEAVES[0] + LEAVES[1])

"""RFC 6962 trees: hashes, frontiers, and proofs checked as in RFC 9162, sections 2.1.3.2 and 2.1.4.2."""

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").digest()
HASH_BYTES = 32
MAX_PROOF = 64
MAX_SIZE = 2**63


class ProofError(ValueError):
    """A proof that does not hold, and why."""


def leaf_hash(record: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The tree of the first ``size`` leaves as the roots of its full subtrees, the largest first."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Raises ``ProofError`` when there are not as many ``hashes`` as a tree of that ``size`` has full subtrees."""
        if not 0 <= size < MAX_SIZE or len(hashes) != size.bit_count() or any(len(h) != HASH_BYTES for h in hashes):
            raise ProofError(f"a frontier of {size} leaves has {max(size, 0).bit_count()} hashes of 32 bytes")
        self.size, self.hashes = size, list(hashes)

    def append(self, leaf: bytes) -> None:
        """Add a leaf's hash; a constant number of hashes on average."""
        hashes, size = self.hashes, self.size
        while size & 1:
            leaf = hashlib.sha256(b"\x01" + hashes.pop() + leaf).digest()
            size >>= 1
        hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The hash of the whole tree."""
        if not self.hashes:
            return EMPTY
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """That ``leaf`` is number ``index`` of the tree of ``size`` leaves (RFC 9162, 2.1.3.2). Raises ``ProofError``."""
    if not 0 <= index < size < MAX_SIZE:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    _check_hashes([leaf, root, *proof])
    place, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        if place & 1 or place == last:
            found = node_hash(each, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, each)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if found != root:
        raise ProofError("the proof leads to another root")


def check_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    """That the tree of ``second`` leaves begins with that of ``first`` (RFC 9162, 2.1.4.2). Raises ``ProofError``."""
    if not 0 <= first <= second < MAX_SIZE:
        raise ProofError(f"a tree of {second} leaves does not begin with {first}")
    if first in (0, second):
        _check_trivial(first, second, first_root, second_root, proof)
        return
    _check_hashes([first_root, second_root, *proof])
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        raise ProofError("the proof is too short")
    old, new = _climb(first, second, path)
    if old != first_root:
        raise ProofError("the proof leads to another first root")
    if new != second_root:
        raise ProofError("the proof leads to another second root")


def _climb(first: int, second: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of both trees that a path leads to."""
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for each in path[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if place & 1 or place == last:
            old, new = node_hash(each, old), node_hash(each, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, each)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    return old, new


def _check_trivial(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    """Equal sizes need equal roots and nothing else, and every tree begins with the empty one."""
    if proof:
        raise ProofError("the proof is too long")
    if first == second:
        if first_root != second_root:
            raise ProofError("two roots of one size differ")
        return
    _check_hashes([first_root, second_root])
    if first_root != EMPTY:
        raise ProofError("the root of an empty tree is the hash of nothing")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if len(hashes) > MAX_PROOF + 2:
        raise ProofError(f"a proof has at most {MAX_PROOF} hashes")
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofError("a hash has 32 bytes")

"""Proofs from the hashes of leaves (RFC 6962, sections 2.1.1 and 2.1.2)."""

from collections.abc import Callable

from streams.audit.verifier.proofs import EMPTY, Frontier, node_hash

Subtree = Callable[[int, int], bytes]
"""The hash of the tree of the leaves from one number up to another."""


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """What ``check_inclusion`` wants, for leaf ``index`` of ``size``. Raises ``ValueError`` when there is none."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    return _path(index, 0, size, subtree)


def consistency_proof(first: int, second: int, subtree: Subtree) -> list[bytes]:
    """What ``check_consistency`` wants. Raises ``ValueError`` when ``first`` is more than ``second``."""
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {second} leaves does not begin with {first}")
    return _subproof(first, 0, second, subtree, whole=True) if 0 < first < second else []


def root_of(leaves: bytes) -> bytes:
    """The hash of the tree of these leaves, 32 bytes each."""
    tree = Frontier()
    for at in range(0, len(leaves), len(EMPTY)):
        tree.append(leaves[at : at + len(EMPTY)])
    return tree.root()


def split(size: int) -> int:
    """The greatest power of two below ``size``: so many leaves are on the left."""
    return 1 << (size - 1).bit_length() - 1


def _path(index: int, start: int, stop: int, subtree: Subtree) -> list[bytes]:
    if stop - start == 1:
        return []
    middle = start + split(stop - start)
    if index < middle:
        return [*_path(index, start, middle, subtree), subtree(middle, stop)]
    return [*_path(index, middle, stop, subtree), subtree(start, middle)]


def _subproof(first: int, start: int, stop: int, subtree: Subtree, *, whole: bool) -> list[bytes]:
    if first == stop:
        return [] if whole else [subtree(start, stop)]
    middle = start + split(stop - start)
    if first <= middle:
        return [*_subproof(first, start, middle, subtree, whole=whole), subtree(middle, stop)]
    return [*_subproof(first, middle, stop, subtree, whole=False), subtree(start, middle)]


def subtree_of(leaves: bytes) -> Subtree:
    """Over leaves in memory."""
    width = len(EMPTY)

    def subtree(start: int, stop: int) -> bytes:
        if stop - start == 1:
            return leaves[start * width : stop * width]
        middle = start + split(stop - start)
        return node_hash(subtree(start, middle), subtree(middle, stop))

    return subtree

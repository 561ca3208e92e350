"""Prefixes that were computed before: keys and values of whole blocks of tokens, found by the tokens up to there."""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from workers.engines.adapters import Segment

BLOCK = 32


@dataclass(frozen=True)
class Run:
    """Blocks that were kept together; ``start`` is the position of the first token."""

    names: tuple[bytes, ...]
    start: int
    segment: Segment

    @property
    def bytes(self) -> int:
        return sum(tensor.numel() * tensor.element_size() for pair in self.segment for tensor in pair)


class Prefixes:
    """The least recently used go first, once all take more than ``budget`` bytes. ``coming`` are the names of blocks
    that are being computed: who needs one of them waits for it."""

    def __init__(self, budget: int) -> None:
        self._budget, self._bytes = budget, 0
        self._runs: OrderedDict[bytes, Run] = OrderedDict()
        self._blocks: dict[bytes, Run] = {}

    def found(self, names: Sequence[bytes]) -> list[Run]:
        """The run of each block, up to the first that is not there."""
        runs = []
        for name in names:
            if (run := self._blocks.get(name)) is None:
                break
            self._runs.move_to_end(run.names[0])
            runs.append(run)
        return runs

    def keep(self, names: Sequence[bytes], start: int, segment: Segment) -> None:
        """Blocks side by side, none of which is here yet."""
        run = Run(tuple(names), start, segment)
        if run.bytes > self._budget:
            return
        self._runs[names[0]] = run
        self._blocks |= dict.fromkeys(names, run)
        self._bytes += run.bytes
        while self._bytes > self._budget:
            self._drop(self._runs.popitem(last=False)[1])

    def forget(self) -> None:
        self._runs.clear()
        self._blocks.clear()
        self._bytes = 0

    def _drop(self, run: Run) -> None:
        self._bytes -= run.bytes
        for name in run.names:
            del self._blocks[name]


def block_names(ids: Sequence[int], owner: str) -> list[bytes]:
    """A name for each whole block: a digest of its tokens, of all before them, and of whose they are."""
    digest, names = hashlib.sha256(owner.encode()), []
    for start in range(0, len(ids) - len(ids) % BLOCK, BLOCK):
        digest.update(array("q", ids[start : start + BLOCK]).tobytes())
        names.append(digest.copy().digest())
    return names

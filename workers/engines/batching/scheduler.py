"""Which sequences run, and which of their tokens in the next step.

Those that answer have a token in each step; what is left of the step goes to prompts, the oldest first, in parts. Who
comes waits for a free slot and for room in the cache of keys and values; fairness is the caller's. When the room runs
out, the newest gives way and is computed again later.
"""

from collections import deque
from collections.abc import Iterator

from schemas.errors import Overloaded
from workers.engines.batching.prefix import BLOCK, Prefixes, Run, block_names
from workers.engines.batching.runner import Runner
from workers.engines.batching.sequence import Part, Said, Sequence

PREFILL = 512
"""Prompt tokens in a part, and about as many in a step; a generation can be left after each, and those that answer wait
so long."""


class Scheduler:
    """Not thread-safe: the engine's thread alone calls it."""

    def __init__(self, runner: Runner, slots: int, prefixes: Prefixes) -> None:
        self._runner, self._slots, self._prefixes = runner, slots, prefixes
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []

    @property
    def busy(self) -> bool:
        return bool(self.waiting or self.running)

    def add(self, sequence: Sequence) -> None:
        self.waiting.append(sequence)

    def schedule(self) -> list[Part]:
        """The next step; no part when nothing is left to do."""
        for sequence in [each for each in (*self.running, *self.waiting) if each.left]:
            self.finish(sequence)
        self._admit()
        self._give_way()
        return list(self._parts())

    def finish(self, sequence: Sequence, *, wipe: bool = False) -> None:
        """Free what a sequence holds; ``wipe`` when that is no number."""
        if sequence in self.running:
            self.running.remove(sequence)
            if not wipe:
                self._keep(sequence)
            self._runner.release(sequence.slot, wipe=wipe)
        elif sequence in self.waiting:
            self.waiting.remove(sequence)
        sequence.slot = -1

    def advance(self, part: Part) -> None:
        """A part was computed."""
        prompted = part.sequence.prefilled
        part.sequence.computed = part.stop
        if not prompted:
            self._keep(part.sequence)

    def _admit(self) -> None:
        """Let in those that wait, in their order; who shares a prefix with one that computes it now waits for that."""
        coming = {name for each in self.running if not each.prefilled for name in self._names(each)}
        for sequence in list(self.waiting):
            if len(self.running) >= self._slots or not self._has_room(sequence):
                return
            names = self._names(sequence)
            found = self._prefixes.found(names)
            if len(found) < len(names) and names[len(found)] in coming:
                continue
            self.waiting.remove(sequence)
            self._start(sequence, found)
            coming.update(names)

    def _has_room(self, sequence: Sequence) -> bool:
        lengths = [len(each.ids) for each in (*self.running, sequence)]
        return self._runner.fits(len(lengths), max(lengths) + BLOCK) or not self.running

    def _start(self, sequence: Sequence, found: list[Run]) -> None:
        used = {each.slot for each in self.running}
        sequence.slot = next(slot for slot in range(self._slots) if slot not in used)
        self.running.append(sequence)
        if found or (sequence.lease and sequence.lease.before):
            self._runner.reserve(sequence.slot + 1, len(sequence.ids))
        self._share(sequence, found)

    def _share(self, sequence: Sequence, found: list[Run]) -> None:
        """Take over what was computed before."""
        at, end = self._begin(sequence, len(found) * BLOCK), len(found) * BLOCK
        while at < end:
            run = found[at // BLOCK]
            count = min(run.start + len(run.names) * BLOCK, end) - at
            self._runner.put(sequence.slot, at, run.segment, count, at - run.start)
            at += count
        sequence.computed = at
        if len(sequence.ids) == len(sequence.prompt):
            sequence.cached = at - (sequence.lease.virtual if sequence.lease else 0)

    def _begin(self, sequence: Sequence, known: int) -> int:
        """Put what stands before the prompt, unless it is among the ``known`` tokens; gives where to go on."""
        lease = sequence.lease
        if lease is None or not lease.before or lease.virtual <= known:
            return 0
        self._runner.put(sequence.slot, 0, lease.before, lease.virtual, 0)
        return lease.virtual

    def _keep(self, sequence: Sequence) -> None:
        """Keep what others may share of it."""
        names = [] if sequence.exact else block_names(sequence.ids[: sequence.computed], sequence.owner)
        known = len(self._prefixes.found(names))
        if known < len(names):
            segment = self._runner.read(sequence.slot, known * BLOCK, len(names) * BLOCK)
            if segment:
                self._prefixes.keep(names[known:], known * BLOCK, segment)

    def _names(self, sequence: Sequence) -> list[bytes]:
        """Of the blocks that it may share; one whose tokens must repeat shares none, as attention rounds by part."""
        return [] if sequence.exact else block_names(sequence.ids[:-1], sequence.owner)

    def _give_way(self) -> None:
        """Send back the newest until the others have room; one that has none alone ends."""
        while self.running:
            length = max(each.computed + min(each.missing, PREFILL) for each in self.running)
            slots = max(each.slot for each in self.running) + 1
            if self._runner.fits(slots, length):
                self._runner.reserve(slots, length)
                return
            newest = self.running[-1]
            if len(self.running) == 1:
                newest.tell(Said(error=Overloaded("no memory is left for so long a text; shorten it or try again")))
            self.finish(newest)
            if self.running:
                newest.computed = 0
                self.waiting.appendleft(newest)

    def _parts(self) -> Iterator[Part]:
        left = PREFILL
        for sequence in self.running:
            count = next_count(sequence)
            if sequence.missing > 1 and left <= 0:
                continue
            yield Part(sequence, count)
            left -= count if sequence.missing > 1 else 0


def next_count(sequence: Sequence) -> int:
    """How many tokens go together; parts begin where they would without the others, as attention rounds by part."""
    if sequence.exact and sequence.prefilled:
        return 1
    end = len(sequence.prompt) if sequence.exact else len(sequence.ids)
    return min(end - sequence.computed, PREFILL - sequence.computed % PREFILL)

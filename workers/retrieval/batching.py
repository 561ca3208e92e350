"""Dynamic batches by tokens: what waits when the model is free goes together, and nothing waits for company."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from schemas.errors import HeadraceError, InternalError, Overloaded

log = logging.getLogger(__name__)

Given = TypeVar("Given")
Item = TypeVar("Item")
Out = TypeVar("Out")

LEAST = 16
"""A shorter item counts as this many tokens: below it, a row costs more than its tokens do."""


@dataclass(eq=False)
class Waiting(Generic[Item, Out]):
    """``turn`` is the tick of the batcher's clock at which it is to be run at the latest, if others do not hinder."""

    item: Item
    length: int
    turn: int
    future: asyncio.Future[Out] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Batcher(Generic[Given, Item, Out]):
    """Runs items of many callers in one thread.

    A batch is the item whose turn it is and those nearest to it in length: never more than ``tokens``, padding
    included, and no item padded to more than twice its length. A call's items take turns one after the other, so a
    single text does not stand behind all of a long list (start-time fair queueing: Goyal et al., 1996).

    Args:
        prepare: what is done once with what a call gives, in a thread: tokenising.
        run: the model; gives for each item of a batch what comes out of it, or the error that is this item's own.
        length: the tokens of an item.
        tokens: the most in one batch; an item that is longer is run alone.
        room: how many may wait.
    """

    def __init__(
        self,
        prepare: Callable[[Sequence[Given]], Sequence[Item]],
        run: Callable[[list[Item]], Sequence[Out | HeadraceError]],
        length: Callable[[Item], int],
        *,
        tokens: int,
        room: int,
    ) -> None:
        self._prepare, self._model, self._length = prepare, run, length
        self._tokens, self._room = tokens, room
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._queue: list[Waiting[Item, Out]] = []
        self._held = self._clock = 0
        self._pump: asyncio.Task[None] | None = None
        self._stopped = False

    async def __call__(self, given: Sequence[Given]) -> list[Out]:
        """What comes out of each, in order. Who leaves takes along what has not been run yet.

        Raises:
            Overloaded: no room for so many now, or stopped.
            InternalError: the model failed on one of them.
        """
        if self._stopped or (self._held and self._held + len(given) > self._room):
            raise Overloaded(f"{self._held} texts wait already; {self._room} may: try again in a moment")
        self._held += len(given)
        mine: list[Waiting[Item, Out]] = []
        try:
            items = await asyncio.to_thread(self._prepare, given)
            if self._stopped:
                raise Overloaded("the model was stopped")
            mine = [Waiting(item, max(LEAST, self._length(item)), self._clock + n) for n, item in enumerate(items)]
            self._queue += mine
            if self._pump is None or self._pump.done():
                self._pump = asyncio.create_task(self._drain())
            return await asyncio.gather(*(each.future for each in mine))
        finally:
            self._held -= len(given)
            for each in mine:
                each.future.cancel()

    async def stop(self) -> None:
        """End the batch that runs, and refuse those that wait. Raises nothing."""
        self._stopped = True
        for each in self._queue:
            if not each.future.done():
                each.future.set_exception(Overloaded("the model was stopped"))
        if self._pump:
            await self._pump
        await asyncio.to_thread(self._thread.shutdown)

    async def _drain(self) -> None:
        while batch := self._next():
            await self._run(batch)

    def _next(self) -> list[Waiting[Item, Out]]:
        queue = self._queue = [each for each in self._queue if not each.future.done()]
        if not queue:
            return []
        queue.sort(key=lambda each: each.length)
        first = min(range(len(queue)), key=lambda index: queue[index].turn)
        self._clock = max(self._clock + 1, queue[first].turn)
        start, end = window([each.length for each in queue], first, self._tokens)
        batch = queue[start:end]
        del queue[start:end]
        return batch

    async def _run(self, batch: list[Waiting[Item, Out]]) -> None:
        items = [each.item for each in batch]
        try:
            outs = await asyncio.get_running_loop().run_in_executor(self._thread, self._model, items)
        except Exception as error:
            if len(batch) > 1:
                for each in batch:
                    await self._run([each])  # whoever is at fault, the others are not
                return
            log.exception("a model failed on a text")
            outs = [error if isinstance(error, HeadraceError) else InternalError(f"failed with {type(error).__name__}")]
        for each, out in zip(batch, outs, strict=True):
            if each.future.done():
                continue
            if isinstance(out, HeadraceError):
                each.future.set_exception(out)
            else:
                each.future.set_result(out)


def window(lengths: Sequence[int], first: int, tokens: int) -> tuple[int, int]:
    """Start and end of the batch around ``first`` in ascending ``lengths``: shorter ones first, as they make nobody
    longer, then longer ones; at most ``tokens`` in all when each is as long as the longest."""
    start, end = first, first + 1
    while start and (end - start + 1) * lengths[first] <= tokens and 2 * lengths[start - 1] >= lengths[first]:
        start -= 1
    while end < len(lengths) and (end - start + 1) * lengths[end] <= tokens and 2 * lengths[start] >= lengths[end]:
        end += 1
    return start, end

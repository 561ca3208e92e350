"""Identical work in flight is done once: whoever asks the same meanwhile is told the same.

Work is identical when its tenant, model version, content and sampling are (``streams.cache.key``), and its lane is. The
key of cacheable work on the log is its cache key, so equal work comes to one worker and meets here. Each remains a
record of its own that is done when its own end is on the log, under its own deadline and cancellation: nobody depends
on a leader, and when this process dies all of them come again. The work itself goes on for as long as one follows it.

A stream that joins a stream gets what was said so far and then goes on with it; one that joins an answer that is not
streamed gets it whole, as from the cache. One of them pays for the tokens, the others' ends are marked as ``cached``.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from math import inf

from schemas.results import Delta, Final, Handover
from schemas.work import Work

Outcome = Delta | Final | Handover
Run = Callable[[Work], AsyncGenerator[Outcome, None]]
Key = tuple[str, str, str]
KEPT = 256
LINGER_S = 2.0


class Flights:
    """What is being done now, and what has just been done: until an answer is in the cache, it can be had here."""

    def __init__(self) -> None:
        self._flights: dict[Key, Flight] = {}
        self._landed: OrderedDict[Key, None] = OrderedDict()

    def join(self, work: Work, run: Run) -> AsyncGenerator[Outcome, None]:
        """The outcomes of ``run``, addressed to this work; of a run that is under way where there is one."""
        if work.pins.cache_key is None or work.attachments:
            return run(work)
        key = (work.pins.cache_key, str(work.model), work.pins.priority)
        flight = self._flights.get(key)
        if flight is None or flight.over:
            self._landed.pop(key, None)
            flight = self._flights[key] = Flight(work, run)
            flight.task.add_done_callback(partial(self._land, key, flight))
        return flight.follow(work)

    def _land(self, key: Key, flight: "Flight", task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # those who followed have heard of it
        if self._flights.get(key) is flight:
            self._landed[key] = None
        while self._landed and (len(self._landed) > KEPT or self._flights[next(iter(self._landed))].over):
            del self._flights[self._landed.popitem(last=False)[0]]


class Flight:
    """One run, and those who follow it."""

    def __init__(self, work: Work, run: Run) -> None:
        self._work = work
        self._said: list[Outcome] = []
        self._news = asyncio.Event()
        self._followers = 0
        self._payer: str | None = None
        self._until = inf
        self.task = asyncio.create_task(self._fly(run(work)))

    @property
    def over(self) -> bool:
        """Whether it is too late to join."""
        return time.monotonic() >= self._until

    async def follow(self, work: Work) -> AsyncGenerator[Outcome, None]:
        """All outcomes from the first on; raises what the run raised. The run ends when the last one leaves it."""
        self._followers += 1
        seen = 0
        try:
            while True:
                for outcome in self._said[seen:]:
                    seen += 1
                    if work.pins.stream or not isinstance(outcome, Delta):
                        yield self._addressed(outcome, work)
                if self.task.done():
                    self.task.result()
                    return
                await self._news.wait()
        finally:
            self._leave()

    def _leave(self) -> None:
        self._followers -= 1
        if not self._followers:
            if not self.task.done():
                self._until = 0.0
                self.task.cancel()
            del self._said[:-1]

    async def _fly(self, outcomes: AsyncGenerator[Outcome, None]) -> None:
        until = 0.0
        try:
            async with aclosing(outcomes):
                async for outcome in outcomes:
                    self._said.append(outcome)
                    self._tell()
            if self._said and isinstance(last := self._said[-1], Final) and not last.embeddings:
                until = time.monotonic() + LINGER_S
        finally:
            self._until = until
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _addressed(self, outcome: Outcome, work: Work) -> Outcome:
        paid = False
        if isinstance(outcome, Final):
            self._payer = self._payer or work.id
            paid = self._payer != work.id
        if work is self._work and not paid:
            return outcome
        update = {"id": work.id, "tenant": work.tenant, "trace": work.trace, "pins": work.pins}
        return outcome.model_copy(update=update | ({"cached": True} if paid else {}))

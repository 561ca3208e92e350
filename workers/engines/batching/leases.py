"""Adapters while the engine runs: read beside it, loaded between two steps, kept while they are used."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from schemas.work import AdapterPin
from workers.engines.adapters import Segment
from workers.engines.batching.lora import Lease

Load = Callable[[AdapterPin, int], Awaitable[Segment | None]]
"""Reads an adapter and loads it into a place; gives what stands before each prompt, and raises ``ModelNotAvailable``
when it cannot be."""


@dataclass
class Entry:
    place: int
    loading: "asyncio.Task[Segment | None]"
    users: int = 0

    @property
    def broken(self) -> bool:
        return self.loading.done() and (self.loading.cancelled() or self.loading.exception() is not None)


class Leases:
    """``places`` adapters stay loaded; the least recently used one that nobody uses makes room for another."""

    def __init__(self, places: int, load: Load) -> None:
        self._load = load
        self._free = list(range(places))
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def lease(self, pin: AdapterPin) -> AsyncIterator[Lease]:
        """The adapter, as long as it is used. Raises what loading raises; who asks again has it tried again."""
        entry = await self._entry(pin)
        entry.users += 1
        try:
            yield Lease(pin.sha256, entry.place, await asyncio.shield(entry.loading))
        finally:
            entry.users -= 1
            if entry.broken and self._entries.get(pin.sha256) is entry:
                del self._entries[pin.sha256]
                self._free.append(entry.place)
            async with self._changed:
                self._changed.notify_all()

    async def _entry(self, pin: AdapterPin) -> Entry:
        async with self._changed:
            while pin.sha256 not in self._entries and not self._make_place():
                await self._changed.wait()
            if pin.sha256 not in self._entries:
                place = self._free.pop()
                self._entries[pin.sha256] = Entry(place, asyncio.ensure_future(self._load(pin, place)))
            self._entries.move_to_end(pin.sha256)
            return self._entries[pin.sha256]

    def _make_place(self) -> bool:
        """Whether there is one."""
        if not self._free:
            unused = next((name for name, entry in self._entries.items() if not entry.users), None)
            if unused is not None:
                self._free.append(self._entries.pop(unused).place)
        return bool(self._free)

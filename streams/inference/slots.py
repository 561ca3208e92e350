"""Who runs next when an engine is full.

Interactive work goes before batch work. Batch work never holds the last slot of several, and no more than its share
while interactive requests keep coming, so that they find a slot free and the engine not too busy; and when ``TURNS`` of
them have gone before a batch request that could have run, that one goes. Within a lane the tenant goes next that has
had the least, in tokens by its weight.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from schemas.requests import Priority

TURNS = 8
QUIET_S = 10.0
"""After so long without an interactive request, batch work fills what is left."""
TENANTS = 1000
Turn = asyncio.Future[None]


class Lane:
    r"""Those who wait, in the order of fair queueing: a weighted round of tenants, paid in tokens.

    Each tenant t has a counter :math:`u_t`; the lowest of those who wait goes next, and its counter grows by cost over
    weight. One who comes back begins where the last one began who was served, so nobody saves up turns. While two
    tenants wait, :math:`|u_a - u_b|` stays within one largest cost over weight of each. Sources: Goyal, Vin and Cheng,
    "Start-time Fair Queueing", 1996; Sheng et al., "Fairness in Serving Large Language Models", 2024.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights
        self._queues: dict[str, deque[tuple[int, Turn]]] = {}
        self._used: dict[str, float] = {}
        self._clock = 0.0

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def push(self, tenant: str, cost: int, turn: Turn) -> None:
        if tenant not in self._queues:
            self._queues[tenant] = deque()
            self._used[tenant] = max(self._used.get(tenant, 0.0), self._clock)
        self._queues[tenant].append((cost, turn))

    def pop(self) -> Turn:
        tenant = min(self._queues, key=self._used.__getitem__)
        cost, turn = self._queues[tenant].popleft()
        self._clock = self._used[tenant]
        self._used[tenant] += cost / self._weights.get(tenant, 1.0)
        self._leave(tenant)
        return turn

    def drop(self, tenant: str, cost: int, turn: Turn) -> None:
        """One who does not wait any longer."""
        self._queues[tenant].remove((cost, turn))
        self._leave(tenant)

    def _leave(self, tenant: str) -> None:
        if not self._queues[tenant]:
            del self._queues[tenant]
        if len(self._used) > TENANTS:
            self._used = {name: self._used[name] for name in self._queues}


class Slots:
    """So many holders at once; ``batch_share`` of them for batch work while there is interactive work."""

    def __init__(self, size: int, batch_share: float = 0.125, weights: Mapping[str, float] | None = None) -> None:
        self._free, self._batch = size, 0
        self._most = max(1, size - 1)
        self._share = max(1, min(round(size * batch_share), self._most))
        self._lanes: dict[Priority, Lane] = {"interactive": Lane(weights or {}), "batch": Lane(weights or {})}
        self._passed = 0
        self._asked = -QUIET_S

    @property
    def waiting(self) -> int:
        """How many wait for a slot."""
        return sum(map(len, self._lanes.values()))

    @asynccontextmanager
    async def hold(self, priority: Priority, tenant: str = "", cost: int = 1) -> AsyncIterator[None]:
        """Wait for a slot and keep it for the block; ``cost`` is in tokens."""
        await self._acquire(priority, tenant, cost)
        try:
            yield
        finally:
            self._release(priority)

    async def _acquire(self, priority: Priority, tenant: str, cost: int) -> None:
        turn: Turn = asyncio.get_running_loop().create_future()
        self._lanes[priority].push(tenant, cost, turn)
        if priority == "interactive":
            self._asked = time.monotonic()
        self._grant()
        if turn.done():
            return
        try:
            await asyncio.shield(turn)
        except asyncio.CancelledError:
            if turn.done():
                self._release(priority)
            else:
                self._lanes[priority].drop(tenant, cost, turn)
            raise

    def _release(self, priority: Priority) -> None:
        self._free += 1
        self._batch -= priority == "batch"
        self._grant()

    def _grant(self) -> None:
        while self._free and (priority := self._next()):
            self._free -= 1
            self._batch += priority == "batch"
            self._lanes[priority].pop().set_result(None)

    def _next(self) -> Priority | None:
        """The lane that the next slot goes to."""
        quiet = time.monotonic() - self._asked >= QUIET_S
        batch = bool(self._lanes["batch"]) and self._batch < (self._most if quiet else self._share)
        if not self._lanes["interactive"] or (batch and self._passed >= TURNS):
            self._passed = 0
            return "batch" if batch else None
        self._passed += batch
        return "interactive"

"""Gives heads to keepers behind the agent's back: a keeper that is away holds nothing up, and gets the newest later."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from schemas.errors import HeadraceError
from streams.audit.notary import Signed
from streams.audit.tiles import Kept
from streams.audit.witnesses.port import Keeper

RETRY_S = 5.0
Tell = Callable[[str, HeadraceError | None], Awaitable[None]]
"""Hears of a witness by name: what is wrong with it, or ``None`` when all is well again. Hears of each once."""


class Keeping:
    def __init__(self, keepers: Iterable[Keeper], tell: Tell) -> None:
        self._lanes = [_Lane(keeper, tell) for keeper in keepers]

    def put(self, place: str, signed: Signed, kept: Kept) -> None:
        for lane in self._lanes:
            lane.put(place, signed, kept)

    async def stop(self) -> None:
        """What is not kept by now is given to the keepers with the next head."""
        await asyncio.gather(*(lane.stop() for lane in self._lanes))


class _Lane:
    """One keeper, and of each log the newest head that it has not got."""

    def __init__(self, keeper: Keeper, tell: Tell) -> None:
        self._keeper, self._tell = keeper, tell
        self._waiting: dict[str, tuple[Signed, Kept]] = {}
        self._some = asyncio.Event()
        self._told = ""
        self._task = asyncio.create_task(self._run(), name=f"witness {keeper.name}")

    def put(self, place: str, signed: Signed, kept: Kept) -> None:
        self._waiting[place] = (signed, kept)
        self._some.set()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            for place, (signed, kept) in list(self._waiting.items()):
                if await self._kept(place, signed, kept) and self._waiting.get(place) == (signed, kept):
                    del self._waiting[place]
            if self._waiting:
                self._some.set()
                await asyncio.sleep(RETRY_S)

    async def _kept(self, place: str, signed: Signed, kept: Kept) -> bool:
        try:
            await asyncio.to_thread(self._keeper.keep, place, signed, kept)
        except HeadraceError as error:
            if self._told != error.code:
                self._told = error.code
                await self._tell(self._keeper.name, error)
            return False
        if self._told:
            self._told = ""
            await self._tell(self._keeper.name, None)
        return True

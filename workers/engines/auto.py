"""One model on two engines: the fastest for what it can do, another for the rest, loaded when first needed."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Protocol

from schemas.errors import ModelNotAvailable
from workers.engines.port import Engine, Generation, Piece

log = logging.getLogger(__name__)
SIGN_OF_LIFE_S = 10.0


class Partial(Engine, Protocol):
    """An engine that knows what it cannot do."""

    def unsupported(self, generation: Generation) -> str | None:
        """The name of what it cannot do for a generation, if there is any."""
        ...


class Auto:
    """An ``Engine`` of two; a ``seed`` goes to the second too, unless the first is deterministic.

    While the second is loaded, those who wait for it get empty pieces as signs of life.
    """

    def __init__(self, name: str, first: Partial, second: Callable[[], Engine]) -> None:
        self._name, self._first, self._make = name, first, second
        self._second: asyncio.Task[Engine] | None = None
        self.slots = first.slots
        self.deterministic = True

    async def start(self) -> None:
        """Load the first; raises what that raises."""
        await self._first.start()
        self.slots = self._first.slots

    async def stop(self) -> None:
        """Stop both."""
        second, self._second = self._second, None
        await self._first.stop()
        if second is None:
            return
        second.cancel()
        await asyncio.wait([second])
        if not second.cancelled() and second.exception() is None:
            await second.result().stop()

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """See ``Engine``."""
        engine: Engine = self._first
        if self._goes_to_second(generation):
            while not self._loading().done():
                await asyncio.wait([self._loading()], timeout=SIGN_OF_LIFE_S)
                yield Piece("")
            engine = self._loaded()
        async with aclosing(engine.generate(generation)) as pieces:
            async for piece in pieces:
                yield piece

    def _goes_to_second(self, generation: Generation) -> bool:
        chance = generation.sampling.seed is not None and not self._first.deterministic
        return chance or self._first.unsupported(generation) is not None

    def _loading(self) -> "asyncio.Task[Engine]":
        if self._second is None:
            self._second = asyncio.create_task(self._load())
        return self._second

    async def _load(self) -> Engine:
        log.info("loading the second engine of a model", extra={"model": self._name})
        engine = self._make()
        await engine.start()
        return engine

    def _loaded(self) -> Engine:
        """The second; one that could not be loaded is tried again by the next who asks."""
        task = self._loading()
        try:
            return task.result()
        except BaseException as error:
            self._second = None
            if isinstance(error, ModelNotAvailable):
                raise
            raise ModelNotAvailable(
                f"the engine of {self._name} for adapters and rare settings does not start; see the worker's log"
            ) from error

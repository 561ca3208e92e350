"""An engine that is watched: what breaks or hangs is started again, within bounds, and says meanwhile that it is away.

An engine's failure ends the request that met it. Whether more than that request is at fault, a short generation tells:
when that fails too, or when no generation gets a piece for ``hang_s``, those under way end as ``Unavailable``,
those that failed while it was tried among them, and the engine is started again. Requests that come meanwhile wait for
it; after ``restarts`` restarts in ``restarts_s`` they end at once, until the first of those is long enough ago.
"""

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager

from infra.settings import WorkerSettings
from schemas.errors import HeadraceError, InternalError, InvalidRequest, ModelNotAvailable, Overloaded, Unavailable
from schemas.requests import Sampling
from workers.engines.port import Engine, Generation, Piece

log = logging.getLogger(__name__)
WARM_UP = Generation(prompt="Hello, 你好", sampling=Sampling(max_tokens=2))
STOP_S = 10.0
"""How long an engine may take to stop, and a generation to be left."""
EX_SOFTWARE = 70


def die(message: str) -> None:
    """End the process at once, without the threads that do not end; what is in flight comes again to the next one."""
    log.critical(message)
    os._exit(EX_SOFTWARE)


class Supervised:
    """An ``Engine`` around the one that ``make`` gives; a new one is made for each start."""

    def __init__(
        self,
        name: str,
        make: Callable[[], Engine],
        settings: WorkerSettings,
        *,
        restarted: Callable[[str], None] = lambda name: None,
        give_up: Callable[[str], None] = die,
    ) -> None:
        self._name, self._make, self._settings = name, make, settings
        self._restarted, self._give_up = restarted, give_up
        self._engine = make()
        self.slots, self.deterministic = self._engine.slots, self._engine.deterministic
        self._up: asyncio.Future[Engine] = asyncio.get_running_loop().create_future()
        self._runs: set[Run] = set()
        self._starts: deque[float] = deque()
        self._heard = 0.0
        self._watching: asyncio.Task[None] | None = None
        self._examining: asyncio.Task[bool] | None = None
        self._mending: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether it is warm and takes requests."""
        return self._up.done() and not self._up.cancelled() and self._up.exception() is None

    async def start(self) -> None:
        """Load the model and generate a little; raises what that raises."""
        try:
            await self._start()
        except BaseException:
            await self._put_down()
            raise
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        for task in (self._watching, self._mending, self._examining):
            if task:
                task.cancel()
                await asyncio.wait([task])
        if self._up.done():
            self._up = asyncio.get_running_loop().create_future()
        self._up.cancel()
        await self._put_down()

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """See ``Engine``. Raises ``ModelNotAvailable`` while it is broken for good."""
        engine = self._up.result() if self._up.done() else await asyncio.shield(self._up)
        if not self._runs:
            self._hear()
        run = Run(self._name, engine.generate(generation), self._hear)
        self._runs.add(run)
        try:
            while (piece := await run.next()) is not None:
                yield piece
        except (InvalidRequest, ModelNotAvailable):
            raise
        except HeadraceError as error:
            await self._suspect(engine, error)
            raise
        finally:
            await run.leave()
            self._runs.discard(run)

    def _hear(self) -> None:
        self._heard = time.monotonic()

    async def _start(self) -> None:
        await self._engine.start()
        self.slots, self.deterministic = self._engine.slots, self._engine.deterministic
        await self._warm_up(self._engine)
        if self._up.done():
            self._up = asyncio.get_running_loop().create_future()
        self._up.set_result(self._engine)

    async def _warm_up(self, engine: Engine) -> None:
        run = Run(self._name, engine.generate(WARM_UP), lambda: None)
        try:
            async with asyncio.timeout(self._settings.hang_s):
                while await run.next() is not None:
                    pass
        finally:
            await run.leave()

    async def _watch(self) -> None:
        """Notice that nothing comes any more."""
        while True:
            await asyncio.sleep(self._settings.hang_s / 4)
            silent = self._runs and time.monotonic() - self._heard > self._settings.hang_s
            if silent and self.ready and not self._busy:
                self._mending = asyncio.create_task(self._restart(f"said nothing for {self._settings.hang_s:g} s"))

    async def _suspect(self, engine: Engine, error: HeadraceError) -> None:
        """After a failure: is it the engine? Raises ``Unavailable`` for those that only failed with it."""
        if self.ready and engine is self._engine and not self._busy:
            self._examining = asyncio.create_task(self._broken(engine, time.monotonic()))
            self._mending = asyncio.create_task(self._mend(type(error).__name__))
        elif engine is not self._engine or await self._found_broken():
            raise Unavailable(f"the engine of {self._name} failed for another request: try again") from error

    async def _broken(self, engine: Engine, since: float) -> bool:
        """Whether a short generation fails too, while no other has got a piece."""
        try:
            await self._warm_up(engine)
        except Exception as error:
            full = bool(self._runs) and isinstance(error, Overloaded)
            return self._heard <= since and not full
        return False

    async def _found_broken(self) -> bool:
        """What the latest examination says, once it does."""
        if self._examining is None:
            return False
        await asyncio.wait([self._examining])
        return self._examining.cancelled() or self._examining.result()

    async def _mend(self, why: str) -> None:
        if await self._found_broken():
            await self._restart(f"failed ({why})")

    @property
    def _busy(self) -> bool:
        return self._mending is not None and not self._mending.done()

    async def _restart(self, why: str) -> None:
        """End what is under way, and start again until it works."""
        log.error("an engine is started again", extra={"model": self._name, "why": why})
        self._up = asyncio.get_running_loop().create_future()
        for run in self._runs:
            run.fail(Unavailable(f"the engine of {self._name} {why}: try again"))
        while True:
            await self._put_down()
            await self._take_turn()
            self._restarted(self._name)
            self._engine = self._make()
            try:
                await self._start()
                return
            except Exception:
                log.exception("an engine did not start", extra={"model": self._name})

    async def _take_turn(self) -> None:
        """Wait before the next start; for long, when there have been too many, and say so to those who ask."""
        moment, settings = time.monotonic(), self._settings
        while self._starts and self._starts[0] <= moment - settings.restarts_s:
            self._starts.popleft()
        if len(self._starts) >= settings.restarts:
            self._refuse()
            first = self._starts[0] if self._starts else moment
            await asyncio.sleep(first + settings.restarts_s - moment)
        else:
            await asyncio.sleep(settings.backoff_s * (2 ** len(self._starts)))
        self._starts.append(time.monotonic())

    def _refuse(self) -> None:
        if not self._up.done():
            log.critical("an engine stays down for now", extra={"model": self._name, "restarts": len(self._starts)})
            error = ModelNotAvailable(f"{self._name} broke {self._settings.restarts} times and rests; see its log")
            self._up.set_exception(error)
            self._up.exception()

    async def _put_down(self) -> None:
        """Stop the engine; one whose thread is stuck in a computation takes the process with it."""
        try:
            async with asyncio.timeout(STOP_S):
                await self._engine.stop()
        except TimeoutError:
            self._give_up(f"the engine of {self._name} hangs and does not stop: ending this process to start again")
        except Exception:
            log.exception("an engine did not stop in order", extra={"model": self._name})


class Run:
    """One generation, in a task of its own so that whoever waits for it can be told when it hangs."""

    def __init__(self, name: str, pieces: AsyncGenerator[Piece, None], hear: Callable[[], None]) -> None:
        self._name, self._hear = name, hear
        self._queue: asyncio.Queue[Piece | HeadraceError | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._pump(pieces))
        self._failed = False

    async def next(self) -> Piece | None:
        piece = await self._queue.get()
        if isinstance(piece, HeadraceError):
            raise piece
        return piece

    def fail(self, error: HeadraceError) -> None:
        """Tell the one who waits, and do not wait for the engine to let go."""
        self._failed = True
        self._queue.put_nowait(error)

    async def leave(self) -> None:
        self._task.cancel()
        if not self._failed:
            await asyncio.wait([self._task], timeout=STOP_S)

    async def _pump(self, pieces: AsyncGenerator[Piece, None]) -> None:
        try:
            with foreign_errors(self._name):
                async with aclosing(pieces):
                    async for piece in pieces:
                        self._hear()
                        self._queue.put_nowait(piece)
            self._queue.put_nowait(None)
        except HeadraceError as error:
            self._queue.put_nowait(error)


@contextmanager
def foreign_errors(name: str) -> Iterator[None]:
    """The border where errors of libraries become ours."""
    try:
        yield
    except HeadraceError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__ or "allocate memory" in str(error):
            raise Overloaded(f"{name} has no memory left for this; shorten it or try again") from error
        log.exception("a defect in the engine", extra={"model": name})
        raise InternalError(f"{name} failed with {type(error).__name__}") from error

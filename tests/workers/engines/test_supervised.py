"""An engine that breaks: each request gets its end, and the engine comes back, but not without bound."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from infra.settings import WorkerSettings
from schemas.errors import ContextTooLong, HeadraceError, InternalError, ModelNotAvailable, Overloaded, Unavailable
from tests.waiting import until
from tests.workers.engines.fragile import Fault, Machine
from workers.engines import supervised as module
from workers.engines.port import Engine, Generation, Piece
from workers.engines.supervised import WARM_UP, Supervised


class OutOfMemoryError(RuntimeError):
    """As torch names it."""


@asynccontextmanager
async def watched(machine: Machine, **settings: Any) -> AsyncIterator[Supervised]:
    quick = WorkerSettings.model_validate({"hang_s": 0.2, "backoff_s": 0.0, **settings})
    engine = Supervised("m", machine.make, quick, restarted=machine.restarts.append, give_up=machine.given_up.append)
    await engine.start()
    try:
        yield engine
    finally:
        await asyncio.wait_for(engine.stop(), 5)


async def said(engine: Engine, prompt: str) -> str:
    async with asyncio.timeout(5):
        return " ".join([piece.text async for piece in engine.generate(Generation(prompt=prompt)) if piece.text])


def raising(error: Exception, *, at: str) -> Fault:
    return lambda prompt: error if prompt == at else None


async def test_it_is_ready_when_it_is_warm() -> None:
    machine = Machine()
    engine = Supervised("m", machine.make, WorkerSettings())
    assert (engine.ready, machine.made[0].asked) == (False, [])
    await engine.start()
    assert machine.made[0].asked == [WARM_UP.prompt]
    assert (engine.ready, engine.slots, engine.deterministic, await said(engine, "one two")) == (
        True,
        4,
        True,
        "one two",
    )
    await engine.stop()
    assert (engine.ready, machine.made[0].stopped) == (False, True)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("NaN in the logits"), "internal_error"),
        (MemoryError(), "overloaded"),
        (OutOfMemoryError("CUDA out of memory"), "overloaded"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "overloaded"),
        (InternalError("NaN"), "internal_error"),
        (ContextTooLong("too long"), "context_length_exceeded"),
    ],
)
async def test_a_failure_ends_the_request_that_met_it(error: Exception, code: str) -> None:
    machine = Machine(raising(error, at="bad one"))
    async with watched(machine) as engine:
        others = [asyncio.create_task(said(engine, "one two three four five")) for _ in range(3)]
        with pytest.raises(HeadraceError) as raised:
            await said(engine, "bad one")
        assert raised.value.code == code
        assert [await other for other in others] == ["one two three four five"] * 3
        assert (engine.ready, len(machine.made), machine.restarts) == (True, 1, [])


async def test_a_crash_ends_those_under_way_and_it_starts_again() -> None:
    machine = Machine(raising(RuntimeError("segmentation"), at="crash"))
    async with watched(machine) as engine:
        others = [asyncio.create_task(said(engine, "one two " * 50)) for _ in range(3)]
        await asyncio.sleep(0.02)
        with pytest.raises(InternalError):
            await said(engine, "crash")
        for other in others:
            with pytest.raises(Unavailable):
                await other
        await until(lambda: len(machine.made) == 2 and engine.ready)
        assert machine.made[0].stopped
        assert (await said(engine, "one two"), machine.restarts) == ("one two", ["m"])


async def test_those_that_fail_before_a_crash_is_found_out_are_told_to_try_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = Machine(raising(RuntimeError("segmentation"), at="crash"))
    async with watched(machine, hang_s=5.0) as engine:
        warm_up = engine._warm_up

        async def late(engine: Engine) -> None:
            await asyncio.sleep(0.1)
            await warm_up(engine)

        monkeypatch.setattr(engine, "_warm_up", late)
        others = [asyncio.create_task(said(engine, "one two " * 50)) for _ in range(3)]
        await asyncio.sleep(0.02)
        with pytest.raises(InternalError):
            await said(engine, "crash")
        for other in others:
            with pytest.raises(Unavailable, match="failed for another request"):
                await other
        await until(lambda: len(machine.made) == 2 and engine.ready)
        assert await said(engine, "one two") == "one two"


async def test_a_hang_ends_those_under_way_and_the_next_waits_for_the_new_one() -> None:
    machine = Machine()
    async with watched(machine) as engine:
        machine.hung = True
        hanging = [asyncio.create_task(said(engine, "one two")) for _ in range(2)]
        for each in hanging:
            with pytest.raises(Unavailable, match="said nothing for"):
                await each
        assert not engine.ready
        machine.hung = False
        assert await said(engine, "three four") == "three four"
        assert (engine.ready, machine.restarts) == (True, ["m"])


async def test_one_slow_generation_among_others_is_no_hang() -> None:
    machine = Machine()
    async with watched(machine, hang_s=0.05) as engine:
        assert await said(engine, "word " * 20)
        await asyncio.sleep(0.2)  # and silence without work is none either
        assert machine.restarts == []


async def test_restarts_are_bounded_and_it_says_so() -> None:
    machine = Machine(raising(RuntimeError("bad weights"), at="crash"))
    async with watched(machine, restarts=2, restarts_s=1.0) as engine:
        machine.broken_start = True
        with pytest.raises(InternalError):
            await said(engine, "crash")
        await until(lambda: not engine.ready)
        began = time.monotonic()
        with pytest.raises(ModelNotAvailable, match="broke 2 times"):
            await said(engine, "one")
        assert len(machine.restarts) == 2
        assert not engine.ready
        machine.broken_start = False
        await until(lambda: engine.ready)  # when the first restart is long enough ago
        assert time.monotonic() - began > 0.5
        assert await said(engine, "one") == "one"


async def test_a_thread_that_does_not_end_takes_the_process_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_S", 0.05)
    machine = Machine()
    async with watched(machine) as engine:
        machine.hung = machine.stuck = True
        with pytest.raises(Unavailable):  # those under way have their end before
            await said(engine, "one")
        await until(lambda: bool(machine.given_up))
        assert "hangs and does not stop" in machine.given_up[0]
        machine.hung = machine.stuck = False


def test_the_process_ends_although_a_thread_does_not() -> None:
    script = (
        "import threading, time\n"
        "from workers.engines.supervised import die\n"
        "threading.Thread(target=time.sleep, args=(3600,)).start()\n"
        "die('the engine hangs')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30, check=False)
    assert ended.returncode == module.EX_SOFTWARE
    assert b"the engine hangs" in ended.stderr


async def test_who_leaves_frees_the_slot() -> None:
    machine, left = Machine(), asyncio.Event()

    async def endless(generation: Generation) -> AsyncGenerator[Piece, None]:
        try:
            while True:
                yield Piece("word")
                await asyncio.sleep(0.001)
        finally:
            left.set()

    async with watched(machine) as engine:
        machine.made[0].generate = endless  # type: ignore[method-assign]  # one that never stops by itself
        pieces = engine.generate(Generation(prompt="one"))
        await anext(pieces)
        await pieces.aclose()
        assert left.is_set()


async def test_an_engine_that_is_full_is_not_broken() -> None:
    machine = Machine(lambda prompt: Overloaded("full") if prompt != "long " * 40 else None)
    async with watched(Machine()) as healthy:
        assert healthy.ready
    machine.fault, full = (lambda prompt: None), machine.fault
    async with watched(machine) as engine:
        long = asyncio.create_task(said(engine, "long " * 40))
        await asyncio.sleep(0.02)
        machine.fault = full
        with pytest.raises(Overloaded):
            await said(engine, "one")
        assert await long
        assert machine.restarts == []


async def test_one_that_does_not_start_says_why() -> None:
    machine = Machine(broken_start=True)
    engine = Supervised("m", machine.make, WorkerSettings())
    with pytest.raises(OSError, match="no such file"):
        await engine.start()
    assert machine.made[0].stopped

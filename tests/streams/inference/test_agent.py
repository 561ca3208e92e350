"""Whatever a runner does, the work comes to one end or to its next leg."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from infra.metrics import Metrics
from infra.settings import KafkaSettings
from infra.topics import Names
from schemas.base import Source, now
from schemas.errors import ContextTooLong, HeadraceError, ModelNotAvailable, Overloaded, UpstreamFailed
from schemas.results import Delta, Final
from schemas.work import Cancel, Work
from streams.deadletter.box import DeadLetters
from streams.inference.agent import Inference, Runner, cost
from streams.inference.cancels import Cancels
from streams.inference.runners import delta, final
from streams.outbox import Outbox
from tests.streams.making import ECHO, REMOTE, Log, pins, record, work
from tests.waiting import until

Act = Callable[[Work], AsyncGenerator[Any, None]]


@dataclass
class Acting:
    """A runner, and the runners of a worker that has only this one."""

    act: Act
    slots: int = 2

    def run(self, work: Work) -> AsyncGenerator[Any, None]:
        return self.act(work)

    async def get(self, work: Work) -> Runner:
        return self


@dataclass
class Worker:
    act: Act
    log: Log = field(default_factory=Log)
    cancels: Cancels = field(default_factory=Cancels)

    def __post_init__(self) -> None:
        outbox = Outbox(self.log, Names(KafkaSettings(prefix="t")), "worker")
        letters = DeadLetters(outbox, Metrics())
        self.inference = Inference(Acting(self.act), self.cancels, outbox, letters, Metrics())

    async def run(self, **fields: Any) -> list[dict[str, Any]]:
        async with asyncio.timeout(10):
            await self.inference(record(work(**fields).model_dump_json().encode()))
        return self.log.values("t.results")


async def answering(work: Work) -> AsyncGenerator[Final | Delta, None]:
    yield delta(work, 0, "hel")
    yield delta(work, 3, "lo")
    yield final(work, text="hello")
    raise AssertionError("nothing comes after the end")


def failing(error: Exception) -> Act:
    async def act(work: Work) -> AsyncGenerator[Delta, None]:
        yield delta(work, 0, "hel")
        raise error

    return act


async def endless(work: Work) -> AsyncGenerator[Delta, None]:
    await asyncio.sleep(3600)
    yield delta(work, 0, "never")


async def test_an_answer() -> None:
    said = await Worker(answering).run()
    assert [each["kind"] for each in said] == ["delta", "final"]  # what the second delta says, the end says too
    assert said[-1]["text"] == "hello"
    assert said[-1]["model"] == {"name": "echo", "version": "v1", "pool": "text", "local": True}


async def test_deltas_that_come_faster_than_they_are_sent_go_out_together() -> None:
    async def chatty(work: Work) -> AsyncGenerator[Final | Delta, None]:
        for number in range(100):
            yield delta(work, number, "x")
            if number % 20 == 0:
                await asyncio.sleep(0.005)
        yield final(work, text="x" * 100)

    worker = Worker(chatty)
    publish: Callable[..., Awaitable[Source]] = worker.log.publish

    async def slow(*args: Any, **options: Any) -> Source:
        await asyncio.sleep(0.002)
        return await publish(*args, **options)

    worker.log.publish = slow  # type: ignore[method-assign]  # a broker that takes its time
    *deltas, end = await worker.run()
    assert end["kind"] == "final"
    assert 1 < len(deltas) < 20
    for before, after in pairwise(deltas):
        assert after["position"] == before["position"] + len(before["text"])


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ContextTooLong("too long"), "refused", "context_length_exceeded"),  # no other model could do better
        (Overloaded("busy"), "failed", "overloaded"),
        (ModelNotAvailable("gone"), "failed", "model_not_available"),
        (ValueError("a defect"), "failed", "internal_error"),
    ],
)
async def test_an_error_ends_the_request(error: Exception, status: str, code: str) -> None:
    end = (await Worker(failing(error)).run())[-1]
    assert (end["kind"], end["status"], end["error"]["code"]) == ("ended", status, code)
    assert end["model"]["name"] == "echo"


@pytest.mark.parametrize(
    ("error", "hands_over"),
    [
        (UpstreamFailed("down"), True),
        (Overloaded("busy"), True),
        (ModelNotAvailable("gone"), True),
        (KeyError("a defect"), True),
        (ContextTooLong("too long"), False),  # the request is at fault, not the model
    ],
)
async def test_another_model_may_do_better(error: Exception, hands_over: bool) -> None:
    end = (await Worker(failing(error)).run(fallbacks=(REMOTE, ECHO)))[-1]
    assert end["kind"] == ("handover" if hands_over else "ended")
    if hands_over:
        following = Work.model_validate(end["work"])
        assert (following.model, following.pool, following.fallbacks, following.leg) == (REMOTE, "remote", (ECHO,), 1)
        code = error.code if isinstance(error, HeadraceError) else "internal_error"
        assert (end["reason"], end["model"]["name"]) == (code, "echo")


async def test_legs_are_bounded() -> None:
    end = (await Worker(failing(Overloaded("busy"))).run(fallbacks=(REMOTE,), leg=8))[-1]
    assert (end["kind"], end["error"]["code"]) == ("ended", "overloaded")


@pytest.mark.parametrize("left_s", [-1, 0.05])  # had passed before, passes meanwhile
async def test_the_deadline_ends_it(left_s: float) -> None:
    [end] = await Worker(endless).run(deadline=now() + timedelta(seconds=left_s), fallbacks=(REMOTE,))
    assert (end["kind"], end["status"], end["error"]["code"]) == ("ended", "expired", "deadline_exceeded")


@pytest.mark.parametrize("before", [True, False])  # withdrawn before it began, or while it runs
async def test_a_cancel_ends_it(before: bool) -> None:
    worker = Worker(endless)
    cancel = Cancel(id="r1", tenant="acme")
    if before:
        worker.cancels.apply(cancel)
    else:
        asyncio.get_running_loop().call_later(0.05, worker.cancels.apply, cancel)
    [end] = await worker.run()
    assert (end["status"], end["error"]["code"]) == ("cancelled", "cancelled")


async def test_a_stop_of_the_worker_says_nothing_and_stops_the_model() -> None:
    stopped = asyncio.Event()

    async def waiting(work: Work) -> AsyncGenerator[Delta, None]:
        try:
            await asyncio.sleep(3600)
            yield delta(work, 0, "never")
        finally:
            stopped.set()

    worker = Worker(waiting)
    task = asyncio.create_task(worker.run())
    await until(lambda: bool(worker.inference.slots))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(stopped.wait(), 5)
    assert not worker.log.said


async def test_what_is_no_work_is_kept() -> None:
    worker = Worker(answering)
    await worker.inference(record(b'{"id": "r1"}'))
    [failure] = worker.log.values("t.deadletter")
    assert (failure["error"]["code"], worker.log.topics) == ("internal_error", ["t.deadletter"])


async def test_giving_up_keeps_the_bytes_and_ends_the_request() -> None:
    worker = Worker(answering)
    await worker.inference.give_up(record(work().model_dump_json().encode()), Overloaded("no room"), 5)
    [failure], [end] = worker.log.values("t.deadletter"), worker.log.values("t.results")
    assert (failure["attempts"], end["status"], end["error"]["code"]) == (5, "failed", "overloaded")


@pytest.mark.parametrize(
    ("fields", "tokens"),
    [
        ({"content": "x" * 400}, 1 + 100 + 256),  # what it reads and the most that it may write
        ({"content": "河" * 400}, 1 + 300 + 256),
        ({"kind": "embedding", "content": "", "input": ("x" * 40, "y" * 40)}, 1 + 20),  # nothing is written
    ],
)
def test_what_a_turn_costs(fields: dict[str, Any], tokens: int) -> None:
    assert cost(work(**fields)) == tokens


async def test_a_model_that_ends_without_an_end() -> None:
    async def breaking_off(work: Work) -> AsyncGenerator[Delta, None]:
        yield delta(work, 0, "hel")

    end = (await Worker(breaking_off).run())[-1]
    assert (end["status"], end["error"]["code"]) == ("failed", "internal_error")


async def test_the_slot_is_free_before_the_end_is_acknowledged() -> None:
    worker = Worker(answering)
    publish: Callable[..., Awaitable[Source]] = worker.log.publish
    free: list[int] = []

    async def watching(*args: Any, **options: Any) -> Source:
        free.append(worker.inference.slots["echo"]._free)
        return await publish(*args, **options)

    worker.log.publish = watching  # type: ignore[method-assign]  # a broker that looks at the slots
    await worker.run()
    assert free[-1] == 2


async def test_identical_work_waits_in_one_slot() -> None:
    begun: list[str] = []

    async def slow(work: Work) -> AsyncGenerator[Final, None]:
        begun.append(work.id)
        await asyncio.sleep(0.05)
        yield final(work, text="hello")

    worker = Worker(slow)
    await asyncio.gather(*(worker.run(id=f"r{n}", pins=pins(cache_key="a" * 64)) for n in range(20)))
    said = worker.log.values("t.results")
    assert begun == ["r0"]
    assert {each["id"] for each in said} == {f"r{n}" for n in range(20)}
    assert [each["cached"] for each in said].count(False) == 1

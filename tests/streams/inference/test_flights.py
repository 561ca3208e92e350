"""Identical work is done once, and nobody depends on anybody else's request."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest

from schemas.errors import UpstreamFailed
from schemas.results import Delta, Final
from schemas.work import Work
from streams.inference import flights as module
from streams.inference.flights import Flights, Outcome
from streams.inference.runners import delta, final
from tests.streams.making import REMOTE, pins, work
from tests.waiting import until

KEY = "a" * 64


def asked(name: str, *, stream: bool = False, **fields: Any) -> Work:
    given = {"cache_key": KEY, "stream": stream} | fields.pop("pinned", {})
    return work(id=name, pins=pins(**given), **fields)


@dataclass
class Model:
    """Says two words, when it is told to."""

    first: asyncio.Event = field(default_factory=asyncio.Event)
    rest: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None
    runs: int = 0
    left: int = 0

    async def run(self, work: Work) -> AsyncGenerator[Outcome, None]:
        self.runs += 1
        try:
            await self.first.wait()
            if work.pins.stream:
                yield delta(work, 0, "hel")
            await self.rest.wait()
            if self.error:
                raise self.error
            yield final(work, text="hello", usage={"completion_tokens": 2})
        except (asyncio.CancelledError, GeneratorExit):
            self.left += 1
            raise

    def go(self) -> None:
        self.first.set()
        self.rest.set()


async def told(flights: Flights, model: Model, work: Work, into: list[Outcome] | None = None) -> list[Outcome]:
    said = [] if into is None else into
    async with aclosing(flights.join(work, model.run)) as outcomes:
        async for outcome in outcomes:
            assert (outcome.id, outcome.tenant, outcome.pins) == (work.id, work.tenant, work.pins)
            said.append(outcome)
    return said


async def both(first: Work, second: Work) -> tuple[Model, list[list[Outcome]]]:
    flights, model = Flights(), Model()
    asking = [asyncio.create_task(told(flights, model, each)) for each in (first, second)]
    await asyncio.sleep(0.01)
    model.go()
    async with asyncio.timeout(5):
        return model, [await each for each in asking]


async def test_identical_work_is_done_once() -> None:
    model, [[one], [other]] = await both(asked("r1"), asked("r2"))
    assert model.runs == 1
    assert isinstance(one, Final)
    assert isinstance(other, Final)
    assert (one.text, other.text) == ("hello", "hello")
    assert (one.cached, other.cached) == (False, True)  # the tokens are paid for once


@pytest.mark.parametrize(
    "other",
    [
        asked("r2", pinned={"cache_key": "b" * 64}),  # another question, or another tenant's
        asked("r2", pinned={"cache_key": None}),  # one who wants a fresh answer
        asked("r2", pinned={"priority": "batch"}),  # of another lane: interactive work does not wait as batch work does
        asked("r2", model=REMOTE),  # a leg on another model
    ],
)
async def test_other_work_is_done_for_itself(other: Work) -> None:
    model, said = await both(asked("r1"), other)
    assert model.runs == 2
    assert all(isinstance(end, Final) and not end.cached for [end] in said)


@pytest.mark.parametrize("leaver", ["r1", "r2"])  # the one that began it, or the one that joined
async def test_who_leaves_takes_nothing_from_the_others(leaver: str) -> None:
    flights, model = Flights(), Model()
    asking = {name: asyncio.create_task(told(flights, model, asked(name))) for name in ("r1", "r2")}
    await asyncio.sleep(0.01)
    asking.pop(leaver).cancel()
    await asyncio.sleep(0.01)
    model.go()
    [other] = asking.values()
    [end] = await asyncio.wait_for(other, 5)
    assert isinstance(end, Final)
    assert (model.runs, model.left, end.text, end.cached) == (1, 0, "hello", False)


async def test_when_all_have_left_it_ends() -> None:
    flights, model = Flights(), Model()
    asking = [asyncio.create_task(told(flights, model, asked(name))) for name in ("r1", "r2")]
    await asyncio.sleep(0.01)
    for each in asking:
        each.cancel()
    await until(lambda: model.left == 1)
    late = asyncio.create_task(told(flights, model, asked("r3")))  # does not join what is ending
    await asyncio.sleep(0.01)
    model.go()
    assert len(await asyncio.wait_for(late, 5)) == 1
    assert model.runs == 2


async def test_all_hear_of_a_failure_and_the_next_one_tries_again() -> None:
    flights, model = Flights(), Model(error=UpstreamFailed("down"))
    asking = [asyncio.create_task(told(flights, model, asked(name))) for name in ("r1", "r2")]
    await asyncio.sleep(0.01)
    model.go()
    for each in asking:
        with pytest.raises(UpstreamFailed):
            await asyncio.wait_for(each, 5)
    model.error = None
    assert len(await told(flights, model, asked("r3"))) == 1
    assert model.runs == 2


async def test_a_stream_that_joins_a_stream_gets_it_from_the_beginning() -> None:
    flights, model = Flights(), Model()
    first = asyncio.create_task(told(flights, model, asked("r1", stream=True)))
    model.first.set()
    await asyncio.sleep(0.01)
    heard: list[Outcome] = []
    second = asyncio.create_task(told(flights, model, asked("r2", stream=True), heard))
    quiet = asyncio.create_task(told(flights, model, asked("r3")))
    await until(lambda: bool(heard))
    assert isinstance(heard[0], Delta)
    assert (heard[0].position, heard[0].text) == (0, "hel")
    model.go()
    said = [[each.kind for each in await asyncio.wait_for(task, 5)] for task in (first, second, quiet)]
    assert said == [["delta", "final"], ["delta", "final"], ["final"]]
    assert model.runs == 1


async def test_what_was_just_said_need_not_be_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    flights, model = Flights(), Model()
    model.go()
    await told(flights, model, asked("r1"))
    [again] = await told(flights, model, asked("r1"))  # redelivered before its end was on the log
    [other] = await told(flights, model, asked("r2"))
    assert isinstance(again, Final)
    assert isinstance(other, Final)
    assert (model.runs, again.cached, other.cached) == (1, False, True)
    monkeypatch.setattr(module, "LINGER_S", 0.0)
    for name in ("r3", "r4"):
        await told(flights, model, asked(name, pinned={"cache_key": "b" * 64}))
    assert model.runs == 3


async def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    flights, model = Flights(), Model()
    model.go()
    for number in range(20):
        await told(flights, model, asked("r1", pinned={"cache_key": f"{number:064}"}))
        await asyncio.sleep(0)
    assert len(flights._flights) <= 4

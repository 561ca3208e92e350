"""An engine that fails, crashes or hangs with many requests in it: each has its one end, and the next are answered."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from streams.inference import models
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform
from tests.waiting import until
from tests.workers.engines.fragile import Machine

pytestmark = pytest.mark.asyncio(loop_scope="module")
LONG = "word " * 60
FAULTS = {
    "NaN": RuntimeError("probability tensor contains either inf, nan or element < 0"),
    "much": MemoryError(),
    "crash": RuntimeError("the engine is gone"),
}


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Every model of the worker runs on this."""
    made = Machine(FAULTS.get)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "build", lambda *_: made.make())
        patch.setattr(models, "needs_files", lambda entry: True)
        patch.setattr(models, "fetch", lambda entry, state: state)
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start, machine: Machine) -> AsyncIterator[Platform]:
    async with start(worker={"hang_s": 1.0, "backoff_s": 0.0, "restarts": 50}) as running:
        yield running


async def publish(platform: Platform, name: str, content: str) -> None:
    body: dict[str, Any] = {"id": name, "messages": [{"role": "user", "content": content}], "cache": False}
    await platform.publish("requests", body, key=name)


async def outcome(platform: Platform, name: str) -> tuple[str, str]:
    answer = await platform.answer(id=name)
    return answer.status, answer.error.code if answer.error else answer.text[:4]


@pytest.mark.parametrize(("content", "code"), [("NaN", "internal_error"), ("much", "overloaded")])
async def test_what_fails_one_request_fails_no_other(platform: Platform, content: str, code: str) -> None:
    names = [f"beside-{content}-{number}" for number in range(3)]
    for name in names:
        await publish(platform, name, LONG)
    await publish(platform, content, content)
    assert await outcome(platform, content) == ("failed", code)
    assert [await outcome(platform, name) for name in names] == [("completed", "word")] * 3


async def test_a_crash_has_an_end_for_each(platform: Platform, machine: Machine) -> None:
    names = [f"crashing-{number}" for number in range(3)]
    for name in names:
        await publish(platform, name, LONG * 10)
    await until(lambda: [prompt for engine in machine.made for prompt in engine.asked].count(LONG * 10) == 3)
    await publish(platform, "crash", "crash")
    assert await outcome(platform, "crash") == ("failed", "internal_error")
    ends = {await outcome(platform, name) for name in names}
    assert ends <= {("failed", "internal_error"), ("failed", "unavailable")}
    assert (await platform.ask("and now?")).status == "completed"


async def test_a_hang_has_an_end_for_each(platform: Platform, machine: Machine) -> None:
    machine.hung = True
    names = [f"hanging-{number}" for number in range(6)]  # more than there are slots: two wait and are answered
    for name in names:
        await publish(platform, name, LONG)
    await until(lambda: bool(platform.answers(names[0])) or len(machine.restarts) > 1)
    machine.hung = False
    async with asyncio.timeout(20):
        ends = [await outcome(platform, name) for name in names]
    assert set(ends) == {("failed", "unavailable"), ("completed", "word")}
    assert ends.count(("failed", "unavailable")) == 4
    assert all(len(platform.answers(name)) == 1 for name in names)

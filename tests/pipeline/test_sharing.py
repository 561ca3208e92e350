"""One engine for many: identical requests, lanes and tenants, and an engine that breaks while it has them all."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from schemas.base import now
from schemas.responses import Response
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start() as running:
        yield running


def chat(request_id: str, content: str, **fields: Any) -> dict[str, Any]:
    return {"id": request_id, "messages": [{"role": "user", "content": content}], "model": "typing", **fields}


async def publish(platform: Platform, *bodies: dict[str, Any]) -> None:
    await asyncio.gather(*(platform.publish("requests", body, key=body["id"]) for body in bodies))


async def answers(platform: Platform, *ids: str) -> list[Response]:
    async with asyncio.timeout(30):
        return [await platform.answer(id=each) for each in ids]


LONG = "word " * 100


async def test_identical_requests_are_computed_once(platform: Platform) -> None:
    ids = [f"same-{number}" for number in range(12)]
    await publish(platform, *(chat(each, LONG) for each in ids))
    said = await answers(platform, *ids)
    assert {each.text for each in said} == {LONG}
    assert Counter(each.cached for each in said) == {False: 1, True: 11}
    assert all(len(platform.answers(each)) == 1 for each in ids)


async def test_cancelling_one_does_not_cancel_the_others(platform: Platform) -> None:
    ids = [f"shared-{number}" for number in range(3)]
    await publish(platform, *(chat(each, "shared " + LONG) for each in ids))
    await until(lambda: all(platform.audit(each) for each in ids))
    await platform.ask(id="cancel-shared", kind="cancel", target="shared-0", messages=[])
    gone, *rest = await answers(platform, *ids)
    assert gone.status == "cancelled"
    assert [(each.status, each.text) for each in rest] == [("completed", "shared " + LONG)] * 2
    assert sorted(each.cached for each in rest) == [False, True]


async def test_all_hear_when_the_one_computation_fails(platform: Platform) -> None:
    ids = [f"failing-{number}" for number in range(3)]
    await publish(platform, *(chat(each, "one two three four", model="halting") for each in ids))
    said = await answers(platform, *ids)
    assert {(each.status, each.text) for each in said} == {("completed", "one two three four")}  # the next model's
    assert sorted(each.cached for each in said) == [False, True, True]


async def test_each_has_its_own_deadline(platform: Platform) -> None:
    soon = (now() + timedelta(seconds=0.6)).isoformat()
    text = "deadline " + LONG
    await publish(platform, chat("patient", text), chat("impatient", text, deadline=soon))
    patient, impatient = await answers(platform, "patient", "impatient")
    assert (patient.status, impatient.status) == ("completed", "expired")


async def test_streams_of_the_same_question(platform: Platform) -> None:
    ids = ["stream-0", "stream-1"]
    await publish(platform, *(chat(each, "streamed " + LONG, stream=True) for each in ids))
    said = await answers(platform, *ids)
    assert {each.text for each in said} == {"streamed " + LONG}
    for each in ids:
        text = "".join(chunk.text for chunk in platform.chunks(each))
        assert text
        assert said[0].text.startswith(text)


async def test_who_wants_a_fresh_answer_gets_one(platform: Platform) -> None:
    ids = ["fresh-0", "fresh-1"]
    await publish(platform, *(chat(each, "fresh " + LONG, cache=False) for each in ids))
    assert [each.cached for each in await answers(platform, *ids)] == [False, False]


async def test_a_backlog_of_batch_work_holds_up_nobody(platform: Platform) -> None:
    async def ask(name: str) -> float:
        began = time.monotonic()
        await publish(platform, chat(name, "now please", model="narrow", cache=False))
        await answers(platform, name)
        return time.monotonic() - began

    alone = [await ask(f"alone-{number}") for number in range(5)]
    ids = [f"batch-{number}" for number in range(120)]
    await publish(platform, *(chat(each, "batch", model="narrow", priority="batch", cache=False) for each in ids))
    await until(lambda: bool(platform.answers(ids[0])) or len(platform.records["responses"]) > 20)
    beside = [await ask(f"beside-{number}") for number in range(5)]
    done = sum(bool(platform.answers(each)) for each in ids)
    assert done < len(ids), "the backlog was gone before it could be in the way"
    assert sorted(beside)[2] < 2 * sorted(alone)[2] + 0.1
    for each in ids[done:]:
        assert (await platform.answer(id=each)).status == "completed"

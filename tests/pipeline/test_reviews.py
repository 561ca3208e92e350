"""What a policy holds back for review: seen by people, released by one, and answered then."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import pytest_asyncio

from infra.reader import read_all, read_one
from schemas.base import now
from schemas.screened import Review
from streams.cli.reviewing import _content, _current, _refuse, _release
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform, signed

pytestmark = pytest.mark.asyncio(loop_scope="module")
POLICY: dict[str, Any] = {"screening": {"actions": {"prompt": {"CREDIT_CARD": "review"}, "output": {"SSN": "review"}}}}
CARD = "my card is 4111111111111111"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start(policy=POLICY) as running:
        yield running


async def review(platform: Platform, request_id: str) -> Review:
    async with asyncio.timeout(10):
        while True:
            if found := (await _current(platform.settings)).get(request_id):
                return found
            await asyncio.sleep(0.1)


async def test_a_released_request_goes_its_way_again(platform: Platform) -> None:
    held = await platform.ask(CARD, id="asked")
    assert (held.status, held.prompt_verdict.ordered) == ("blocked", "review")
    waiting = await review(platform, "asked")
    assert (waiting.status, waiting.direction, waiting.level) == ("waiting", "prompt", "high")
    assert CARD not in waiting.model_dump_json()
    assert CARD in await _content(platform.settings, waiting)

    await _release(platform.settings, "asked", "a test card")
    answered = await platform.answer(id="asked#r1")
    assert (answered.status, answered.of, answered.prompt_verdict.ordered) == ("completed", "asked", "review")
    assert answered.prompt_verdict.reason == "released: review: 1 CREDIT_CARD"
    async with asyncio.timeout(10):
        while len([each for each in platform.audit("asked") if each.action == "review"]) < 2:
            await asyncio.sleep(0.05)
    assert {each.status for each in platform.audit("asked") if each.action == "review"} == {"waiting", "released"}
    with pytest.raises(Exception, match="was released"):
        await _release(platform.settings, "asked", "again")


async def test_only_what_was_released_comes_through(platform: Platform) -> None:
    await platform.ask(CARD, id="one")
    await review(platform, "one")
    await _release(platform.settings, "one", "a test card")
    assert (await platform.answer(id="one#r1")).status == "completed"
    other = {"id": "one", "messages": [{"role": "user", "content": f"{CARD} too"}]}
    await platform.publish("requests", other, key="one", headers=[("headrace-redriven", b"7")])
    assert (await platform.answer(id="one#r7")).status == "blocked"  # other content under its id
    key = await platform.issue("acme")
    value, headers = signed(key, {"id": "one", "time": now(), "messages": [{"role": "user", "content": CARD}]})
    await platform.publish("requests", value, key="one", headers=[*headers, ("headrace-redriven", b"8")])
    assert (await platform.answer(id="one#r8")).status == "blocked"  # another tenant's


async def test_a_refused_request_stays_blocked(platform: Platform) -> None:
    await platform.ask(CARD, id="refused")
    await review(platform, "refused")
    await _refuse(platform.settings, "refused", "no")
    with pytest.raises(Exception, match="was refused"):
        await _release(platform.settings, "refused", "yes")


async def test_an_answer_that_was_released_goes_out_as_it_is(platform: Platform) -> None:
    policy = await platform.set_policy(
        **{"screening": {"actions": {"prompt": {"SSN": "flag"}, "output": {"SSN": "review"}}}}
    )
    held = await platform.ask("my SSN is 536-90-4399", id="answer")
    assert (held.versions.policy, held.status, held.verdict.ordered) == (policy, "blocked", "review")
    assert (held.prompt_verdict.ordered, held.prompt_verdict.action) == ("flag", "allow")
    found = await review(platform, "answer")
    assert found.direction == "output"
    assert "536-90-4399" in await _content(platform.settings, found)

    await _release(platform.settings, "answer", "made up")
    answer = await platform.answer(id="answer#r1")
    assert (answer.status, answer.of, answer.verdict.ordered) == ("completed", "answer", "review")
    assert "536-90-4399" in answer.text
    assert answer.verdict.reason == "released: review: 1 SSN"
    records = [each async for each in read_all(platform.settings.kafka, [platform.parts.names("reviews")])]
    assert all(b"536-90" not in (each.value or b"") for each in records)
    with pytest.raises(Exception, match="was released"):
        await _release(platform.settings, "answer", "again")


async def test_a_request_that_was_released_may_have_its_answer_held(platform: Platform) -> None:
    """Two decisions about one id, neither of which stands for the other."""
    await platform.set_policy(**{"screening": {"actions": {"prompt": {"SSN": "review"}, "output": {"SSN": "review"}}}})
    await platform.ask("my SSN is 536-90-4399", id="both")
    await review(platform, "both")
    await _release(platform.settings, "both", "made up")
    assert (await platform.answer(id="both#r1")).verdict.ordered == "review"
    assert (await review(platform, "both#r1")).direction == "output"
    await _release(platform.settings, "both#r1", "made up")
    answer = await platform.answer(id="both#r1#r1")
    assert (answer.status, answer.of) == ("completed", "both")


async def test_a_refused_answer_does_not_go_out(platform: Platform) -> None:
    await platform.set_policy(**{"screening": {"actions": {"prompt": {"SSN": "flag"}, "output": {"SSN": "review"}}}})
    await platform.ask("my SSN is 536-90-4399", id="unsaid")
    found = await review(platform, "unsaid")
    await _refuse(platform.settings, "unsaid", "no")
    record = await read_one(platform.settings.kafka, found.source)
    assert record is not None
    assert record.value is not None
    await platform.publish("results", orjson.loads(record.value), key="unsaid", headers=[("headrace-redriven", b"1")])
    assert (await platform.answer(id="unsaid#r1")).status == "blocked"


async def test_each_request_is_judged_by_one_version_while_policies_change(platform: Platform) -> None:
    """Under load, with the policy changing all the time: none without a verdict, none by two versions."""
    measures = {}
    for measure in ("flag", "block"):
        table = {"screening": {"actions": {"prompt": {"PHONE": measure}, "output": {"PHONE": "flag"}}}}
        measures[await platform.set_policy(**table)] = measure
    asking = [asyncio.create_task(_ask(platform, f"load-{number}")) for number in range(60)]
    for number in range(10):
        measure = ("flag", "block")[number % 2]
        await platform.set_policy(
            **{"screening": {"actions": {"prompt": {"PHONE": measure}, "output": {"PHONE": "flag"}}}}
        )
    for answer in await asyncio.gather(*asking):
        version = answer["versions"]["policy"]
        assert answer["verdict"]["policy"] == answer["prompt_verdict"]["policy"] == version
        blocked = measures[version] == "block"
        assert answer["status"] == ("blocked" if blocked else "completed")
        assert (answer["prompt_verdict"].get("measure") == "flag") is not blocked


async def _ask(platform: Platform, name: str) -> dict[str, Any]:
    await asyncio.sleep(int(name.removeprefix("load-")) / 60)
    answer = await platform.ask("call 13800138000", id=name)
    found: dict[str, Any] = orjson.loads(answer.model_dump_json())
    return found

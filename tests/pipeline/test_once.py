"""One effective answer for each request: duplicates, replays, reused ids and cancellations."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from schemas.requests import Request
from streams.admission.decoding import content_digest
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform, signed
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start() as running:
        yield running


def chat(request_id: str, content: str = "one, 一", **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": content}]
    return {"id": request_id, "messages": messages, "cache": False, **fields}


def conflict_of(body: dict[str, Any]) -> str:
    return f"{body['id']}#{content_digest(Request.model_validate(body))[:8]}"


async def forget_claim(platform: Platform, request_id: str) -> None:
    """As if Redis had been away: the way out has to see the duplicate."""
    await platform.parts.store.delete(f"claim:local:{request_id}")


async def test_the_same_request_again_is_dropped_on_the_way_in(platform: Platform) -> None:
    await platform.ask(**chat("twice"))
    again = await platform.admitted(await platform.publish("requests", chat("twice"), key="twice"))
    assert [(each.outcome, each.code) for each in again.decisions] == [("dropped", "duplicate")]
    assert len(platform.answers("twice")) == 1


async def test_the_same_request_again_is_dropped_on_the_way_out(platform: Platform) -> None:
    await platform.ask(**chat("doubled"))
    await forget_claim(platform, "doubled")
    await platform.publish("requests", chat("doubled"), key="doubled")
    await until(lambda: [each.action for each in platform.audit("doubled")].count("repeat") == 1)
    assert len(platform.answers("doubled")) == 1


@pytest.mark.parametrize("claimed", [True, False])  # seen on the way in, or only on the way out
async def test_a_used_id_is_refused_under_a_mark(platform: Platform, claimed: bool) -> None:
    request_id = f"reused-{claimed}"
    first = await platform.ask(**chat(request_id))
    if not claimed:
        await forget_claim(platform, request_id)
    other = chat(request_id, "two, 二")
    sources = [await platform.publish("requests", other, key=request_id) for _ in range(2)]
    refusal = await platform.answer(id=conflict_of(other))
    assert refusal.error is not None
    assert (refusal.error.code, refusal.error.http_status) == ("duplicate_id", 409)
    assert (refusal.of, refusal.text) == (request_id, "")
    for source in sources:
        await platform.admitted(source)
    assert len(platform.answers(refusal.id)) == 1
    assert platform.answers(request_id) == [first]


async def test_a_replayed_signed_record_changes_nothing(platform: Platform) -> None:
    key = await platform.issue("acme")
    value, headers = signed(key, chat("replayed"))
    sources = [await platform.publish("requests", value, headers=headers) for _ in range(3)]
    audits = [await platform.admitted(source) for source in sources]
    assert sorted(str(each.status) for each in audits) == ["admitted", "dropped", "dropped"]
    await platform.answer(id="replayed")
    assert len(platform.answers("replayed")) == 1


async def test_a_running_request_is_cancelled(platform: Platform) -> None:
    await platform.admitted(await platform.publish("requests", chat("endless", model="slow"), key="endless"))
    cancel = await platform.ask(id="stop-it", kind="cancel", target="endless", messages=[])
    ended = await platform.answer(id="endless")
    assert ended.error is not None
    assert (ended.status, ended.error.code, ended.error.http_status) == ("cancelled", "cancelled", 499)
    assert (cancel.status, cancel.text) == ("completed", "endless")
    await until(lambda: "repeat" in [each.action for each in platform.audit("endless")])  # the worker let go of it
    assert len(platform.answers("endless")) == 1


async def test_a_cancel_may_come_first(platform: Platform) -> None:
    await platform.ask(id="in-advance", kind="cancel", target="not-yet", messages=[])
    await platform.publish("requests", chat("not-yet"), key="not-yet")
    await until(lambda: "repeat" in [each.action for each in platform.audit("not-yet")])
    assert [each.status for each in platform.answers("not-yet")] == ["cancelled"]


async def test_a_cancel_is_for_ones_own_requests(platform: Platform) -> None:
    await platform.admitted(await platform.publish("requests", chat("theirs", model="slow"), key="theirs"))
    key = await platform.issue("acme")
    value, headers = signed(key, {"kind": "cancel", "target": "theirs"})
    await platform.answer(await platform.publish("requests", value, headers=headers))
    await until(lambda: bool(platform.answers("theirs")))
    assert [each.tenant for each in platform.answers("theirs")] == ["acme"]
    await platform.ask(id="mine", kind="cancel", target="theirs", messages=[])
    await until(lambda: len(platform.answers("theirs")) == 2)

"""What follows the last attempt: the bytes are kept, and whoever waits is told."""

from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from infra.broker import Record
from schemas.base import Source
from schemas.errors import InternalError, Unavailable
from streams.app import Shared, requests_in, way_out
from streams.release.agent import WayOut
from streams.release.answered import Answered
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform
from tests.streams.making import delta, final, pins
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
AWAY = Unavailable("the object store is away")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start() as running:
        yield running


def record(platform: Platform, topic: str, value: bytes, offset: int) -> Record:
    """One that is not on the log, so that nobody else handles it."""
    return Record(platform.parts.names(topic), 0, 1_000_000 + offset, b"key", value, [("ce_id", b"in-header")], 0)


async def kept(platform: Platform, source: Source) -> None:
    await until(lambda: any(each.source == source for each in platform.deadletters()))


@pytest.mark.parametrize(
    ("offset", "value", "request_id", "tenant"),
    [
        (0, orjson.dumps({"id": "hopeless", "messages": []}), "hopeless", "local"),
        (1, b"no json", "in-header", None),  # not even that
    ],
)
async def test_a_request_that_cannot_be_handled(
    platform: Platform, offset: int, value: bytes, request_id: str, tenant: str | None
) -> None:
    hopeless = record(platform, "requests", value, offset)
    way_in = requests_in(platform.settings, platform.parts, Shared.of(platform.settings, platform.parts))
    await way_in.give_up(hopeless, AWAY, 5)
    await kept(platform, hopeless.source)
    answer = await platform.answer(id=request_id)
    assert answer.error is not None
    assert (answer.status, answer.error.code, answer.tenant) == ("failed", "unavailable", tenant)
    assert answer.source == hopeless.source


def release(platform: Platform) -> WayOut:
    shared = Shared.of(platform.settings, platform.parts)
    return way_out(platform.parts, shared, Answered(platform.settings, shared.answers))


@pytest.mark.parametrize("times", [1, 2])  # the second one finds that it has its answer
async def test_a_result_that_cannot_be_released(platform: Platform, times: int) -> None:
    result = final(id="unreleased", pins=pins())
    hopeless = record(platform, "results", result.model_dump_json().encode(), 10)
    await release(platform).give_up(hopeless, InternalError("a defect"), 1)
    answer = await platform.answer(id="unreleased")
    assert answer.error is not None
    assert (answer.status, answer.error.code, answer.text) == ("failed", "internal_error", "")
    await until(lambda: [each.source for each in platform.deadletters()].count(hopeless.source) == times)
    assert len(platform.answers("unreleased")) == 1


@pytest.mark.parametrize("value", [b"no result", delta(0, "hel").model_dump_json().encode()])
async def test_what_is_no_end_is_only_kept(platform: Platform, value: bytes) -> None:
    hopeless = record(platform, "results", value, 11 + len(value))
    await release(platform).give_up(hopeless, InternalError("a defect"), 1)
    await kept(platform, hopeless.source)
    assert not platform.answers("r1")

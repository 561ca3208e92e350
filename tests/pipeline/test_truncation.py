"""Where nothing is sealed: an erasure deletes what is in transit and what is kept, and leaves the rest to retention."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from infra.reader import read_all
from tests.conftest import Ground
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform, page
from tests.pipeline.erasing import command, files, in_redis, on_disk
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
COMMITTED_S = 4.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start(privacy={"truncate": True}) as running:
        yield running


async def held(platform: Platform, *topics: str) -> list[bytes]:
    """The values of topics as their readers can get at them."""
    names = [platform.parts.names(topic) for topic in topics]
    return [record.value or b"" async for record in read_all(platform.settings.kafka, names)]


async def test_what_a_client_published_in_plain(platform: Platform, ground: Ground, tmp_path: Path) -> None:
    answer = await platform.ask("Erin77 asks, 你好", id="erin-1", user="Erin77", cache=True)
    await platform.publish(
        "uploads", {"id": "erin-file", "user": "Erin77", "data": page("Erin77 read"), "name": "Erin77.png"}
    )
    await platform.answer(id="erin-file")
    await platform.publish(
        "feedback", {"request_id": "erin-1", "user": "Erin77", "correction": "Erin77 corrects"}, key="erin-1"
    )
    await until(lambda: any(each.key == b"erin-1" for each in platform.records["examples"]))
    await platform.counted(answer)
    await until(lambda: bool(in_redis(platform.settings, ["Erin77"])))
    assert await asyncio.to_thread(on_disk, [ground.directory / "kafka"], ["Erin77"])  # the search does find
    before = len(list(files(platform.settings.state / "objects")))
    await asyncio.sleep(COMMITTED_S)

    words = ("audit", "erase", "local/Erin77", "--reason", "asked for", "--yes")
    result = await command(platform.settings, tmp_path, *words)
    assert result.exit_code == 0, result.output
    assert "seal nothing" in result.output
    assert not [
        value for value in await held(platform, "requests", "uploads", "work.text", "results") if b"Erin77" in value
    ]
    assert in_redis(platform.settings, ["Erin77"]) == []
    assert len(list(files(platform.settings.state / "objects"))) == before - 2  # the picture and its record
    last = {each.key: each.value for each in platform.records["examples"]}
    await until(lambda: {each.key: each.value for each in platform.records["examples"]}.get(b"erin-1", b"") is None)
    assert b"erin-1" in last
    assert (await platform.ask("Erin77 asks, 你好", id="frank-1", user="Frank88", cache=True)).cached is False

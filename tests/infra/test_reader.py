import asyncio
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import UnknownTopicOrPartitionError

from infra.broker import KafkaPublisher, Record
from infra.reader import Follower, Since, read_all, read_one
from infra.server import free_port
from infra.settings import KafkaSettings, Settings
from infra.topics import Names
from schemas.base import Source
from schemas.errors import Unavailable
from tests.waiting import until


async def fill(settings: Settings, publisher: KafkaPublisher, count: int, topic: str = "requests") -> list[Source]:
    name = Names(settings.kafka)(topic)
    return [await publisher.publish(name, str(number).encode(), key=f"key-{number}") for number in range(count)]


def follower(settings: Settings, seen: list[bytes | None], since: Since, topic: str = "requests") -> Follower:
    def apply(record: Record) -> None:
        seen.append(record.value)

    return Follower(settings.kafka, [Names(settings.kafka)(topic)], apply, since=since, client_id="test")


@pytest.mark.parametrize(
    ("since", "before"),
    [("earliest", 20), ("latest", 0), (timedelta(hours=1), 20), (timedelta(seconds=-60), 0)],
)
async def test_following(settings: Settings, publisher: KafkaPublisher, since: Since, before: int) -> None:
    seen: list[bytes | None] = []
    await fill(settings, publisher, 20)
    following = follower(settings, seen, since)
    await following.start()
    await following.caught_up()
    assert len(seen) == before
    await fill(settings, publisher, 5)
    await until(lambda: len(seen) == before + 5)
    assert following.ready
    await following.stop()
    await following.stop()


async def test_what_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Settings(kafka=KafkaSettings(port=free_port()))
    with pytest.raises(Unavailable, match="does not answer"):
        await follower(nowhere, [], "earliest").start()

    async def start(consumer: AIOKafkaConsumer) -> None:
        raise UnknownTopicOrPartitionError  # what it says of a missing topic, after 40 s

    monkeypatch.setattr(AIOKafkaConsumer, "start", start)
    with pytest.raises(Unavailable, match=r"there is no topic headrace\.missing"):
        await follower(nowhere, [], "earliest", "missing").start()


async def test_waiting_has_an_end(settings: Settings, publisher: KafkaPublisher) -> None:
    await fill(settings, publisher, 1)

    def stumble(record: Record) -> None:
        raise RuntimeError("a defect")

    following = Follower(
        settings.kafka, [Names(settings.kafka)("requests")], stumble, since="earliest", client_id="test"
    )
    await following.start()
    with pytest.raises(Unavailable, match="still reading"):
        await following.caught_up(0.5)
    assert not following.ready
    with pytest.raises(RuntimeError):
        await following.stop()


async def test_reading_to_the_end(settings: Settings, publisher: KafkaPublisher) -> None:
    topic = Names(settings.kafka)("requests")
    assert [each async for each in read_all(settings.kafka, [topic])] == []
    sources = await fill(settings, publisher, 30)

    async def read(**options: object) -> list[Source]:
        return [each.source async for each in read_all(settings.kafka, [topic], **options)]  # type: ignore[arg-type]  # a table of options

    by_place = sorted(sources, key=str)
    assert sorted(await read(), key=str) == by_place
    zero = [source for source in sources if source.partition == 0]
    assert await read(partition=0) == zero
    assert await read(partition=0, start=zero[3].offset) == zero[3:]
    assert await read(partition=0, start=zero[-1].offset + 1) == []
    assert sources[7] in await read(key="key-7")
    assert {source.partition for source in await read(key="key-7")} == {sources[7].partition}
    assert await read(since=timedelta(seconds=-60)) == []


async def test_records_that_come_meanwhile_are_for_the_next_time(settings: Settings, publisher: KafkaPublisher) -> None:
    await fill(settings, publisher, 5)
    count = 0
    async with asyncio.timeout(30):
        async for _ in read_all(settings.kafka, [Names(settings.kafka)("requests")]):
            count += 1
            await fill(settings, publisher, 1)
    assert count == 5


async def test_one_record(settings: Settings, publisher: KafkaPublisher) -> None:
    sources = await fill(settings, publisher, 3)
    found = await read_one(settings.kafka, sources[1])
    assert found is not None
    assert (found.value, found.source) == (b"1", sources[1])
    beyond = sources[1].model_copy(update={"offset": 10_000})
    assert await read_one(settings.kafka, beyond, timeout_s=0.5) is None

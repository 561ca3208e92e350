"""The agent on a real Kafka, to real servers: at least once, one of several, never in anybody's way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from aiokafka import AIOKafkaConsumer, TopicPartition

from infra.broker import KafkaPublisher, ensure_topics
from infra.reader import read_all
from infra.settings import Settings
from infra.topics import Names
from streams.alerts.agent import AlertAgent
from streams.alerts.process import alerting
from tests.conftest import MakeSettings
from tests.streams.alerts.making import Receiver, audit, rule

QUICK = {"retry_base_s": 0.05, "retry_max_s": 0.1, "attempts": 3, "hosts": ["127.0.0.1"]}


class Ground:
    """Settings with an alert file, and a way to say audit records."""

    def __init__(self, settings: Settings, publisher: KafkaPublisher) -> None:
        self.settings, self.publisher = settings, publisher
        self.topic = Names(settings.kafka)("audit")

    async def say(self, number: int, **changes: Any) -> None:
        await self.publisher.publish(
            self.topic, orjson.dumps(audit(request_id=f"r{number}", **changes)), key=f"{number}"
        )

    async def outcomes(self, count: int) -> list[str]:
        """What the audit says became of alerts, when there are so many."""
        async with asyncio.timeout(20):
            while True:
                found = [orjson.loads(one.value or b"{}") async for one in read_all(self.settings.kafka, [self.topic])]
                told = [one["status"] for one in found if one["action"] == "alert"]
                if len(told) >= count:
                    return told
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[AlertAgent]:
        """An agent that has its partitions or stands by."""
        async with alerting(self.settings, self.publisher) as [agent]:
            yield agent

    async def committed(self) -> int:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka.servers, group_id=f"{self.settings.kafka.prefix}-alerts"
        )
        await consumer.start()
        try:
            return sum([await consumer.committed(TopicPartition(self.topic, one)) or 0 for one in (0, 1)])
        finally:
            await consumer.stop()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def ground(
    make_settings: MakeSettings, stack: AsyncExitStack, tmp_path: Path, url: str, *rules: dict[str, Any], **more: Any
) -> Ground:
    file = tmp_path / "alerts.yaml"
    channels = {"ops": {"kind": "webhook", "url": url}}
    file.write_text(yaml.safe_dump({"name": "t", "channels": channels, "rules": list(rules or [rule()])}))
    settings = make_settings(alerts={**QUICK, "file": file, **more})
    await ensure_topics(settings)
    publisher = KafkaPublisher(settings.kafka, client_id="test")
    await publisher.start()
    stack.push_async_callback(publisher.stop)
    return Ground(settings, publisher)


async def owning(agent: AlertAgent) -> None:
    async with asyncio.timeout(20):
        while not agent._positions.done():
            await asyncio.sleep(0.05)


async def test_told_once_retried_and_audited(
    make_settings: MakeSettings, stack: AsyncExitStack, tmp_path: Path
) -> None:
    receiver = await stack.enter_async_context(Receiver(503, 200))
    here = await ground(make_settings, stack, tmp_path, receiver.url)
    await here.say(0)  # before anybody watched: history
    agent = await stack.enter_async_context(here.watching())
    await owning(agent)
    for number in range(1, 6):
        await here.say(number)
    assert await here.outcomes(1) == ["delivered"]
    told = [orjson.loads(receiver.got.get_nowait()[0]) for _ in range(receiver.got.qsize())]
    assert len(told) == 2  # the same alert twice: the first answer was 503
    assert told[0]["id"] == told[1]["id"]


async def test_what_was_not_delivered_is_told_by_the_next(
    make_settings: MakeSettings, stack: AsyncExitStack, tmp_path: Path
) -> None:
    receiver = await stack.enter_async_context(Receiver(503))
    here = await ground(make_settings, stack, tmp_path, receiver.url, attempts=1000)
    async with here.watching() as agent:
        await owning(agent)
        await here.say(1)
        await receiver.next()
        await asyncio.sleep(1.5)  # it commits meanwhile, but not this
    assert await here.committed() == 0
    receiver.statuses = [200]
    await stack.enter_async_context(here.watching())
    assert await here.outcomes(1) == ["delivered"]


async def test_a_restart_remembers_windows_and_says_nothing_twice(
    make_settings: MakeSettings, stack: AsyncExitStack, tmp_path: Path
) -> None:
    receiver = await stack.enter_async_context(Receiver())
    counted = rule(rate={"count": 4, "within_s": 600})
    here = await ground(make_settings, stack, tmp_path, receiver.url, counted, rule(name="each"))
    for numbers in ((1, 2), (3, 4)):
        async with here.watching() as agent:
            await owning(agent)
            for number in numbers:
                await here.say(number)
            await here.outcomes(numbers[0] // 2 + 1)
    told = [orjson.loads(receiver.got.get_nowait()[0]) for _ in range(receiver.got.qsize())]
    assert [(one["rule"], one["count"]) for one in told] == [("each", 1), ("refused", 4)]


async def test_one_of_two_reads_and_the_other_takes_over(
    make_settings: MakeSettings, stack: AsyncExitStack, tmp_path: Path
) -> None:
    receiver = await stack.enter_async_context(Receiver())
    here = await ground(make_settings, stack, tmp_path, receiver.url, rule(by=["request_id"]))
    async with here.watching() as one:
        await owning(one)
        other = await stack.enter_async_context(here.watching())
        await asyncio.sleep(4)  # a rebalance
        assert sorted(len(each._positions.done()) for each in (one, other)) == [0, 2]
        await here.say(1)
        await receiver.next()
        await here.outcomes(1)
    await owning(other)
    await here.say(2)
    assert orjson.loads((await receiver.next())[0])["request_id"] == "r2"


async def test_too_many_waiting_are_counted_not_awaited(
    make_settings: MakeSettings, stack: AsyncExitStack, tmp_path: Path
) -> None:
    receiver = await stack.enter_async_context(Receiver(503))
    each = rule(by=["request_id"])
    here = await ground(make_settings, stack, tmp_path, receiver.url, each, waiting=1, attempts=20)
    agent = await stack.enter_async_context(here.watching())
    await owning(agent)
    await asyncio.gather(*(here.say(number) for number in range(50)))
    assert "overflow" in await here.outcomes(2)


async def test_what_is_no_audit_record_is_an_event(
    make_settings: MakeSettings, stack: AsyncExitStack, tmp_path: Path
) -> None:
    receiver = await stack.enter_async_context(Receiver())
    here = await ground(make_settings, stack, tmp_path, receiver.url, rule(when={"action": ["unreadable"]}))
    agent = await stack.enter_async_context(here.watching())
    await owning(agent)
    await here.publisher.publish(here.topic, b"\xff no json", key="x")
    assert orjson.loads((await receiver.next())[0])["action"] == "unreadable"

"""A group's member on real Kafka: where it goes on, what it pauses, and how partitions change hands."""

import asyncio

import pytest
from confluent_kafka import Message

from infra import group
from infra.broker import KafkaPublisher
from infra.group import Member, Partition, consumer_options
from infra.settings import Settings
from infra.topics import Names
from tests.waiting import until


class Heard:
    """A ``Listener`` that keeps what it hears; everything counts as done at once if ``storing``."""

    def __init__(self, settings: Settings, *, storing: bool = True) -> None:
        self.values: list[int] = []
        self.partitions: dict[Partition, int | None] = {}
        self.failures: list[Exception] = []
        self.revoking = asyncio.Event()
        self.may_revoke = asyncio.Event()
        self.may_revoke.set()
        self._storing = storing
        self.member = Member(consumer_options(settings.kafka, group=f"{settings.kafka.prefix}-group"), self)
        self.member.start([Names(settings.kafka)("requests")])

    def arrived(self, messages: list[Message]) -> None:
        self.values.extend(int(message.value() or 0) for message in messages)
        if self._storing:
            ends = {(str(each.topic()), int(each.partition() or 0)): int(each.offset() or 0) + 1 for each in messages}
            self.member.store(ends)
        self.member.more()

    async def assigned(self, committed: dict[Partition, int | None]) -> None:
        self.partitions = committed

    async def revoked(self, partitions: set[Partition]) -> None:
        self.revoking.set()
        await self.may_revoke.wait()
        self.partitions = {}

    async def failed(self, error: Exception) -> None:
        self.failures.append(error)


async def say(publisher: KafkaPublisher, settings: Settings, numbers: range, *, partition: int | None = None) -> None:
    topic = Names(settings.kafka)("requests")
    for number in numbers:
        await publisher.publish(topic, str(number).encode(), key=str(number), partition=partition)


@pytest.mark.parametrize(("storing", "again"), [(True, []), (False, list(range(20)))])
async def test_the_next_member_goes_on_behind_what_was_stored(
    settings: Settings, publisher: KafkaPublisher, storing: bool, again: list[int]
) -> None:
    await say(publisher, settings, range(20))
    first = Heard(settings, storing=storing)
    await until(lambda: len(first.values) == 20)
    await first.member.stop()
    await say(publisher, settings, range(20, 25))
    second = Heard(settings)
    await until(lambda: len(second.values) == len(again) + 5)
    await second.member.stop()
    assert sorted(second.values) == [*again, *range(20, 25)]


async def test_nothing_is_read_before_more_is_asked_for(settings: Settings, publisher: KafkaPublisher) -> None:
    heard = Heard(settings)
    heard.member.more = lambda: None  # type: ignore[method-assign]  # one that wants nothing, and again
    await say(publisher, settings, range(1))
    await until(lambda: heard.values == [0])
    await say(publisher, settings, range(1, 5))
    await asyncio.sleep(0.6)
    assert heard.values == [0]
    await heard.member.stop()


async def test_a_listener_that_wants_nothing_for_long_keeps_its_partitions_and_misses_nothing(
    settings: Settings, publisher: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "PATIENCE_S", 0.2)
    heard, topic = Heard(settings), Names(settings.kafka)("requests")
    more, heard.member.more = heard.member.more, lambda: None  # type: ignore[method-assign]  # one that wants nothing, and again
    await say(publisher, settings, range(1), partition=0)
    await until(lambda: len(heard.values) == 1)
    await say(publisher, settings, range(1, 400))
    await asyncio.sleep(2)
    assert heard.values == [0]
    heard.member.more = more  # type: ignore[method-assign]  # one that wants nothing, and again
    more()
    await until(lambda: len(heard.values) == 400)
    assert sorted(heard.values) == list(range(400))
    assert not heard.revoking.is_set()
    await until(lambda: sum(heard.member.ends.values()) == 400)
    assert set(heard.member.ends) == {(topic, 0), (topic, 1)}
    await heard.member.stop()


async def test_partitions_that_change_hands_while_the_listener_wants_nothing_are_read_afterwards(
    settings: Settings, publisher: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """librdkafka remembers of a partition that it was paused, also when it is given to the member anew."""
    monkeypatch.setattr(group, "PATIENCE_S", 0.2)
    first = Heard(settings)
    more, first.member.more = first.member.more, lambda: None  # type: ignore[method-assign]  # one that wants nothing, and again
    await say(publisher, settings, range(1), partition=0)
    await until(lambda: len(first.values) == 1)
    await asyncio.sleep(1)  # and now all is paused
    second = Heard(settings)
    await until(lambda: len(first.partitions) == len(second.partitions) == 1)
    await say(publisher, settings, range(1, 100))
    first.member.more = more  # type: ignore[method-assign]  # one that wants nothing, and again
    more()
    await until(lambda: len(first.values) + len(second.values) == 100)
    await second.member.stop()
    await until(lambda: len(first.partitions) == 2)
    await say(publisher, settings, range(100, 200))
    await until(lambda: len({*first.values, *second.values}) == 200)
    await first.member.stop()


async def test_partitions_change_hands_when_the_listener_has_let_go(
    settings: Settings, publisher: KafkaPublisher
) -> None:
    first = Heard(settings)
    await until(lambda: len(first.partitions) == 2)
    assert set(first.partitions.values()) == {None}
    first.may_revoke.clear()
    second = Heard(settings)
    await asyncio.wait_for(first.revoking.wait(), 20)
    assert second.partitions == {}
    first.may_revoke.set()
    await until(lambda: len(first.partitions) == len(second.partitions) == 1)
    await say(publisher, settings, range(100))
    await until(lambda: len(first.values) + len(second.values) == 100)
    assert sorted(first.values + second.values) == list(range(100))
    await asyncio.gather(first.member.stop(), second.member.stop())


async def test_a_listener_that_cannot_take_partitions_is_told_that_reading_ended(
    settings: Settings, publisher: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Heard, committed: dict[Partition, int | None]) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(Heard, "assigned", broken)
    heard = Heard(settings)
    await until(lambda: len(heard.failures) == 1)
    await heard.member.stop()

"""The Faust transport on real Kafka: what counts as done, an agent that is stuck, and a second worker."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from infra.broker import KafkaPublisher, Record
from infra.reader import read_all
from infra.settings import Settings
from infra.topics import Names
from streams.delivery import App, Handler, add_agent, new_app, running
from streams.transport import Flight
from tests.waiting import until


@pytest.mark.parametrize(
    ("out", "back", "done"),
    [
        ([], [], 5),  # nothing yet: where the group stands
        ([5, 6, 7], [], 5),
        ([5, 6, 7], [6, 7], 5),  # the oldest is in flight
        ([5, 6, 7], [5], 6),
        ([5, 6, 7], [7, 5, 6], 8),
        ([5, 9], [5, 9], 10),  # compaction and transactions leave gaps
        ([5, 6], [5, 5, 4], 6),  # back twice, and back from elsewhere
    ],
)
def test_done_is_below_the_oldest_in_flight(out: list[int], back: list[int], done: int) -> None:
    flight = Flight(5)
    for offset in out:
        flight.leaves(offset)
    for offset in back:
        flight.lands(offset)
    assert flight.done == done


def test_nothing_is_done_where_nothing_ever_was() -> None:
    assert Flight(None).done is None


@given(some.lists(some.integers(0, 400), unique=True, min_size=1).map(sorted), some.randoms())
def test_whatever_the_order_nothing_unfinished_is_below_done(offsets: list[int], chance: random.Random) -> None:
    flight, out = Flight(None), set[int]()
    waiting = list(offsets)
    while waiting or out:
        if waiting and (not out or chance.random() < 0.5):
            out.add(waiting[0])
            flight.leaves(waiting.pop(0))
        else:
            landed = chance.choice(sorted(out))
            out.remove(landed)
            flight.lands(landed)
        assert all(offset >= (flight.done or 0) for offset in (*out, *waiting))
    assert flight.done == offsets[-1] + 1


async def fill(publisher: KafkaPublisher, topic: str, count: int) -> None:
    await asyncio.gather(*(publisher.publish(topic, str(n).encode(), key=str(n)) for n in range(count)))


def an_app(settings: Settings, handle: Handler, *topics: str, buffer: int = 16, in_flight: int = 8) -> App:
    app = new_app(settings, "transport", buffer=buffer)
    for topic in topics:
        add_agent(app, [Names(settings.kafka)(topic)], handle, in_flight=in_flight)
    return app


async def test_an_agent_that_is_stuck_reads_little_ahead_and_loses_nothing(
    settings: Settings, publisher: KafkaPublisher
) -> None:
    names, free, seen = Names(settings.kafka), asyncio.Event(), list[int]()

    async def handle(record: Record) -> None:
        await free.wait()
        seen.append(int(record.value or 0))

    await fill(publisher, names("uploads"), 600)
    app = an_app(settings, handle, "uploads")
    async with running(app):
        await until(lambda: bool(app.consumer._full))
        await asyncio.sleep(1)
        assert sum(len(flight._in_flight) for flight in app.consumer._flights.values()) <= 16 + 8 + 2
        free.set()
        await until(lambda: len(seen) == 600)
    assert sorted(seen) == list(range(600))


async def test_workers_that_come_and_go_lose_nothing(settings: Settings, publisher: KafkaPublisher) -> None:
    topic, seen = Names(settings.kafka)("requests"), set[int]()

    async def handle(record: Record) -> None:
        await asyncio.sleep(random.random() / 50)
        seen.add(int(record.value or 0))

    async with running(an_app(settings, handle, "requests")):
        filling = asyncio.create_task(fill(publisher, topic, 1500))
        for _ in range(3):
            async with running(an_app(settings, handle, "requests")):
                await asyncio.sleep(1)
        await filling
        await until(lambda: len(seen) == 1500)
    assert len([record async for record in read_all(settings.kafka, [topic])]) == 1500


async def test_lag_is_what_is_not_done(settings: Settings, publisher: KafkaPublisher) -> None:
    topic, free = Names(settings.kafka)("requests"), asyncio.Event()

    async def handle(record: Record) -> None:
        if record.value == b"39":
            await free.wait()

    await fill(publisher, topic, 40)
    app = an_app(settings, handle, "requests")
    async with running(app):
        await until(lambda: sum(records for *_, records in app.lag()) in range(1, 40))
        free.set()
        await until(lambda: [records for *_, records in app.lag()] == [0, 0])


async def test_records_without_a_value_arrive_too(settings: Settings, publisher: KafkaPublisher) -> None:
    topic, seen = Names(settings.kafka)("requests"), list[bytes | None]()

    async def handle(record: Record) -> None:
        seen.append(record.value)

    for value in (b"", None, b"1"):
        await publisher.publish(topic, value, key="one partition")
    async with running(an_app(settings, handle, "requests")):
        await until(lambda: len(seen) == 3)
    assert seen == [b"", None, b"1"]

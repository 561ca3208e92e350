"""Delivery on real Kafka: order within a key, bounded flight, no loss over restarts, retries, and giving up."""

import asyncio
from collections import defaultdict

import pytest

from infra.broker import KafkaPublisher, Record
from infra.metrics import Metrics
from infra.settings import LimitSettings, Settings
from infra.topics import Names
from schemas.errors import HeadraceError, InternalError, InvalidField, Unavailable
from streams.delivery import App, Handler, add_agent, guarded, new_app, running
from tests.waiting import until


def app_for(settings: Settings, handle: Handler, *, in_flight: int = 16) -> App:
    app = new_app(settings, "test", buffer=64)
    add_agent(app, [Names(settings.kafka)("requests")], handle, in_flight=in_flight)
    return app


async def test_records_of_one_key_are_handled_in_order_and_others_side_by_side(
    settings: Settings, publisher: KafkaPublisher
) -> None:
    seen: dict[bytes | None, list[int]] = defaultdict(list)
    at_once = most = 0

    async def handle(record: Record) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.001 * (int(record.value or 0) % 3))
        seen[record.key].append(int(record.value or 0))
        at_once -= 1

    async with running(app_for(settings, handle, in_flight=5)):
        topic = Names(settings.kafka)("requests")
        for number in range(120):
            await publisher.publish(topic, str(number).encode(), key=f"key-{number % 7}")
        await until(lambda: sum(map(len, seen.values())) == 120)
    assert all(numbers == sorted(numbers) for numbers in seen.values())
    assert 1 < most <= 5


async def test_what_was_in_flight_at_a_stop_comes_again_and_what_was_done_does_not(
    settings: Settings, publisher: KafkaPublisher
) -> None:
    topic, done = Names(settings.kafka)("requests"), []
    stuck = asyncio.Event()

    async def first(record: Record) -> None:
        if record.value == b"3":
            stuck.set()
            await asyncio.sleep(3600)
        done.append(record.value)

    for number in range(10):
        await publisher.publish(topic, str(number).encode(), key="same partition" if number > 5 else str(number))
    stopping = asyncio.timeout(60)
    async with stopping, running(app_for(settings, first)):
        await stuck.wait()
        await until(lambda: len(done) == 9)
    again: list[bytes | None] = []

    async def second(record: Record) -> None:
        again.append(record.value)

    async with running(app_for(settings, second)):
        await until(lambda: b"3" in again)
    assert b"3" in again


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (Unavailable("away"), 3),  # retriable: to the last attempt
        (InvalidField("wrong"), 1),  # trying again cannot help
        (RuntimeError("a defect"), 1),  # a defect repeats itself
    ],
)
async def test_giving_up(error: Exception, attempts: int) -> None:
    given_up: list[tuple[HeadraceError, int]] = []
    tries = 0

    async def handle(record: Record) -> None:
        nonlocal tries
        tries += 1
        raise error

    async def give_up(record: Record, error: HeadraceError, attempts: int) -> None:
        given_up.append((error, attempts))

    limits = LimitSettings(attempts=3, retry_base_s=0.001)
    await guarded(handle, give_up, limits, Metrics(), "test")(Record("t", 0, 0, None, b"", (), 0))
    assert tries == attempts
    [(met, after)] = given_up
    assert after == attempts
    assert met is error or isinstance(met, InternalError)


async def test_a_passing_fault_is_retried_to_success() -> None:
    tries = 0

    async def handle(record: Record) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise Unavailable("not yet")

    async def give_up(record: Record, error: HeadraceError, attempts: int) -> None:
        raise AssertionError("it was not hopeless")

    await guarded(handle, give_up, LimitSettings(retry_base_s=0.001), Metrics(), "test")(
        Record("t", 0, 0, None, b"", (), 0)
    )
    assert tries == 3

import asyncio

import pytest

from infra.broker import KafkaPublisher, ensure_topics
from infra.settings import Settings
from infra.topics import Names
from schemas.errors import Cancelled
from schemas.work import Cancel
from streams.inference import cancels as module
from streams.inference.cancels import Cancels
from tests.streams.making import work
from tests.waiting import until


async def wait(cancels: Cancels) -> None:
    with cancels.interrupting(work()):
        await asyncio.sleep(3600)


async def test_what_runs_is_interrupted() -> None:
    cancels = Cancels()
    task = asyncio.create_task(wait(cancels))
    await asyncio.sleep(0)
    cancels.apply(Cancel(id="r2", tenant="acme"))
    cancels.apply(Cancel(id="r1", tenant="umbrella"))
    assert not task.cancelling()
    for _ in range(2):  # said twice
        cancels.apply(Cancel(id="r1", tenant="acme"))
    with pytest.raises(Cancelled):
        await task
    assert cancels.has(work())
    assert not cancels.has(work(id="r3"))


async def test_what_was_withdrawn_before_does_not_begin() -> None:
    cancels = Cancels()
    cancels.apply(Cancel(id="r1", tenant="acme"))
    with pytest.raises(Cancelled):
        await wait(cancels)


async def test_a_stop_of_the_worker_is_no_withdrawal() -> None:
    cancels = Cancels()
    task = asyncio.create_task(wait(cancels))
    await asyncio.sleep(0)
    cancels.apply(Cancel(id="r1", tenant="acme"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_has_ended_is_left_alone() -> None:
    cancels = Cancels()
    with cancels.interrupting(work()):
        pass
    cancels.apply(Cancel(id="r1", tenant="acme"))
    await asyncio.sleep(0)


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMORY", 2)
    cancels = Cancels()
    for number in range(3):
        cancels.apply(Cancel(id=f"r{number}", tenant="acme"))
    assert [cancels.has(work(id=f"r{number}")) for number in range(3)] == [False, True, True]


async def test_cancellations_are_followed_on_the_log(settings: Settings) -> None:
    await ensure_topics(settings)
    publisher, topic = KafkaPublisher(settings.kafka, client_id="test"), Names(settings.kafka)("cancels")
    await publisher.start()
    cancels = Cancels()
    follower = cancels.follower(settings, "test")
    try:
        await publisher.publish(topic, b"no cancellation")
        await publisher.publish(topic, None, key="r1")
        await publisher.publish(topic, Cancel(id="before", tenant="acme").model_dump_json().encode())
        await follower.start()
        await follower.caught_up()
        await publisher.publish(topic, Cancel(id="after", tenant="acme").model_dump_json().encode())
        await until(lambda: cancels.has(work(id="before")) and cancels.has(work(id="after")))
    finally:
        await follower.stop()
        await publisher.stop()

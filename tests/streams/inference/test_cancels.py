import asyncio

import pytest

from infra.broker import KafkaPublisher, ensure_topics
from infra.settings import Settings
from infra.topics import Names
from schemas.work import Cancel
from streams.inference import cancels as module
from streams.inference.cancels import Cancels
from tests.streams.making import work
from tests.waiting import until


async def sleep() -> None:
    await asyncio.sleep(3600)


async def test_what_runs_is_interrupted() -> None:
    cancels, task = Cancels(), asyncio.create_task(sleep())
    with cancels.interrupting(work(), task):
        cancels.apply(Cancel(id="r2", tenant="acme"))
        cancels.apply(Cancel(id="r1", tenant="umbrella"))
        assert not task.cancelling()
        cancels.apply(Cancel(id="r1", tenant="acme"))
        with pytest.raises(asyncio.CancelledError):
            await task
    assert cancels.has(work())
    assert not cancels.has(work(id="r3"))


async def test_what_has_ended_is_left_alone() -> None:
    cancels, task = Cancels(), asyncio.create_task(sleep())
    with cancels.interrupting(work(), task):
        pass
    cancels.apply(Cancel(id="r1", tenant="acme"))
    assert not task.cancelling()
    task.cancel()


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

"""Audit records while Kafka does not take them: on the disk, bounded, and on Kafka as soon as it can be."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from schemas.base import Source
from schemas.cloudevents import Header
from streams.audit import spool as module
from streams.audit.spool import Spool
from tests.waiting import until


class Broker:
    """Acknowledges when it is there."""

    def __init__(self) -> None:
        self.there = asyncio.Event()
        self.there.set()
        self.taken: list[tuple[str, bytes | None, str | bytes | None, list[Header]]] = []

    async def publish(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: str | bytes | None = None,
        headers: Sequence[Header] = (),
        partition: int | None = None,
    ) -> Source:
        await self.there.wait()
        self.taken.append((topic, value, key, list(headers)))
        return Source(topic=topic, partition=0, offset=len(self.taken))

    @property
    def values(self) -> list[bytes | None]:
        return [value for _, value, *_ in self.taken]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    monkeypatch.setattr(module, "WAIT_S", 0.05)
    return Broker()


@pytest.fixture
async def spool(broker: Broker, tmp_path: Path) -> AsyncIterator[Spool]:
    spool = Spool(broker, tmp_path / "spool", 1000)
    spool.start()
    yield spool
    await spool.stop()


async def say(spool: Spool, number: int) -> None:
    await spool.publish("audit", b"%d" % number, key=f"k{number}", headers=[("a", b"\0\xff")])


async def test_a_broker_that_is_there_is_asked_first(spool: Spool, broker: Broker) -> None:
    await say(spool, 1)

    assert broker.taken == [("audit", b"1", "k1", [("a", b"\0\xff")])]
    assert spool.waiting == 0


async def test_records_wait_on_the_disk_and_follow(spool: Spool, broker: Broker) -> None:
    broker.there.clear()
    async with asyncio.timeout(5):
        await asyncio.gather(*(say(spool, number) for number in range(5)))
        await say(spool, 5)
    assert broker.taken == []

    broker.there.set()
    await until(lambda: set(broker.values) >= {b"%d" % number for number in range(6)})
    assert broker.taken[0][1:] == (broker.values[0], f"k{(broker.values[0] or b'').decode()}", [("a", b"\0\xff")])
    await until(lambda: spool.waiting == 0)


async def test_what_a_process_left_is_said_by_the_next(broker: Broker, tmp_path: Path) -> None:
    broker.there.clear()
    first = Spool(broker, tmp_path / "spool", 1000)
    first.start()
    await say(first, 1)
    await first.stop()
    await say(first, 2)  # as if it was killed right after
    with (tmp_path / "spool").open("ab") as file:
        file.write(b'["audit","cut o')

    broker.there.set()
    second = Spool(broker, tmp_path / "spool", 1000)
    second.start()
    await until(lambda: set(broker.values) >= {b"1", b"2"})
    await second.stop()


async def test_a_full_spool_waits_for_kafka(spool: Spool, broker: Broker) -> None:
    """The first thousand bytes are being said; another thousand wait; nothing else is taken."""
    broker.there.clear()
    said = [asyncio.create_task(say(spool, number)) for number in range(200)]
    await asyncio.sleep(0.5)
    assert spool.waiting < 1100
    assert 10 < sum(task.done() for task in said) < 60

    broker.there.set()
    async with asyncio.timeout(10):
        await asyncio.gather(*said)
    await until(lambda: set(broker.values) >= {b"%d" % number for number in range(200)})

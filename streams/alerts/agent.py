"""Follows the audit topic with a group of its own and alerts people; nothing of the platform waits for it.

Any number of processes may run it: one of them reads all partitions, since rates and first sights are those of the
whole platform, and the others take over when it is gone. Nothing is kept but the group's offsets: whoever takes over
reads the longest window of the rules once more, silently. An offset is committed when all alerts up to it were taken by
their channels or given up after the last attempt, so an alert is sent at least once.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from infra.broker import Record
from infra.reader import read_all
from infra.settings import KafkaSettings
from infra.sole import sole_reader
from infra.topics import Names
from streams.alerts.dispatch import Dispatch
from streams.alerts.document import AlertDocument
from streams.alerts.engine import Engine
from streams.alerts.positions import Positions

log = logging.getLogger(__name__)
CLIENT = "headrace-alerts"
REREAD = 200_000
"""Records of each partition that are read again at most."""
TICK_S = 1.0


@dataclass(frozen=True)
class Past:
    """Offsets of a partition from before it was taken over; ``untold``: nobody watched then."""

    start: int
    stop: int
    untold: bool


class AlertAgent(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """Records in, alerts out."""

    def __init__(self, kafka: KafkaSettings, document: AlertDocument, dispatch: Dispatch) -> None:
        self._kafka, self._document, self._dispatch = kafka, document, dispatch
        self._topic = Names(kafka)("audit")
        self._engine, self._positions = Engine(document), Positions({})
        self._past: dict[TopicPartition, Past] = {}
        """What is to be read again before anything new; till then the partitions pause."""
        self._consumer: AIOKafkaConsumer | None = None
        self._task: asyncio.Task[None] | None = None
        self.crash_reason: BaseException | None = None

    async def start(self) -> None:
        self._consumer = sole_reader(self._kafka, "alerts", CLIENT)
        self._consumer.subscribe([self._topic], listener=self)
        await self._consumer.start()
        self._dispatch.start()
        self._task = asyncio.create_task(self._run(self._consumer), name="alerts")
        self._task.add_done_callback(self._ended)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._dispatch.stop()
        if self._consumer:
            await self._commit()
            await self._consumer.stop()

    def lag(self) -> Iterable[tuple[str, int, int]]:
        """What is not read yet."""
        consumer = self._consumer
        for partition, offset in self._positions.done().items():
            end = consumer.highwater(TopicPartition(self._topic, partition)) if consumer else None
            if end is not None:
                yield self._topic, partition, max(end - offset, 0)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        await self._commit()
        self._positions = Positions({})
        self._past.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin anew: where the last reader had come to, and before that what the rules look back on."""
        consumer, partitions = self._consumer, list(assigned)
        if consumer is None or not partitions:
            return
        ends = await consumer.end_offsets(partitions)
        told = {tp: await consumer.committed(tp) for tp in partitions}
        begun = {tp: ends[tp] if told[tp] is None else told[tp] for tp in partitions}
        moment = int((time.time() - self._document.window_s) * 1000)
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, moment))
        for tp in partitions:
            consumer.seek(tp, begun[tp])
            early = found[tp].offset if found[tp] else ends[tp]
            self._past[tp] = Past(max(early, begun[tp] - REREAD), begun[tp], untold=told[tp] is None)
        consumer.pause(*partitions)
        self._engine = Engine(self._document)
        self._positions = Positions({tp.partition: offset for tp, offset in begun.items()})

    async def _run(self, consumer: AIOKafkaConsumer) -> None:
        ticked = 0.0
        while True:
            try:
                await self._remember(consumer)
                for messages in (await consumer.getmany(timeout_ms=int(TICK_S * 500))).values():
                    for message in messages:
                        self._take(message)
                    await asyncio.sleep(0)
            except KafkaError as error:
                log.warning("cannot read the audit topic now, trying again", extra={"error": repr(error)})
                await asyncio.sleep(TICK_S)
            if time.monotonic() - ticked > TICK_S:
                ticked = time.monotonic()
                for alert in self._engine.due(int(time.time() * 1000)):
                    self._dispatch.put(alert, _nothing)
                await self._commit()

    def _take(self, message: Any) -> None:
        if message.partition not in self._positions:
            return  # it came before the partition was taken over: it comes again
        record = Record(message.topic, message.partition, message.offset, None, None, (), message.timestamp)
        for alert in self._engine.observe(observed(message.value), record):
            self._dispatch.put(alert, self._positions.hold(record.partition, record.offset))
        self._positions.read(record.partition, record.offset)

    async def _remember(self, consumer: AIOKafkaConsumer) -> None:
        """Tell the rules of what others were told of, and go on."""
        if not self._past:
            return
        past, engine = dict(self._past), self._engine
        for tp, part in past.items():
            if part.start < part.stop:
                records = read_all(self._kafka, [tp.topic], partition=tp.partition, start=part.start, client_id=CLIENT)
                async with aclosing(records):
                    async for record in records:
                        if record.offset >= part.stop:
                            break
                        engine.observe(observed(record.value), record, history=part.untold)
        if self._past == past:
            self._past.clear()
            consumer.resume(*past)

    async def _commit(self) -> None:
        done = self._positions.done()
        if self._consumer is None or not done:
            return
        try:
            await self._consumer.commit({TopicPartition(self._topic, one): offset for one, offset in done.items()})
        except (KafkaError, IllegalStateError) as error:
            log.info("alerts: not committed, what was told may be told again", extra={"error": repr(error)})

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.crash_reason = None if task.cancelled() else task.exception()


def observed(value: bytes | None) -> dict[str, Any]:
    """The fields of an audit record; what is none is an event, too."""
    try:
        audit = orjson.loads(value or b"null")
    except orjson.JSONDecodeError:
        audit = None
    return audit if isinstance(audit, dict) else {"action": "unreadable", "severity": "high"}


def _nothing() -> None:
    """What a quiet time counted is not held: a crash may lose that number, not the alert before it."""

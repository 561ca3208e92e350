"""A Faust transport on librdkafka.

Stock Faust hands every record over between two event loops, and commits past the oldest one in flight. Here the loop
takes what has come in batches, and an offset counts as done only when every record below it is.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from typing import Any

from confluent_kafka import Message
from faust.transport.base import Transport as BaseTransport
from faust.transport.consumer import Consumer as BaseConsumer
from faust.types.tuples import TP, ConsumerMessage

from infra.group import Member, Partition

FAUST_LOG = logging.getLogger("faust.delivery")
"""Faust's services say much of their starts and stops; its level is set apart from ours."""
STOP_TIMEOUT_S = 8.0


class Flight:
    """How far one partition is done: what was handed out and has not come back, and what comes after it."""

    __slots__ = ("_in_flight", "_next", "stored")

    def __init__(self, stored: int | None) -> None:
        self._in_flight: dict[int, None] = {}
        self._next = self.stored = stored

    def leaves(self, offset: int) -> None:
        self._in_flight[offset] = None
        self._next = offset + 1

    def lands(self, offset: int) -> None:
        self._in_flight.pop(offset, None)

    @property
    def done(self) -> int | None:
        """The offset below which everything is done; ``None`` when nothing ever was."""
        return next(iter(self._in_flight), self._next)


class Consumer(BaseConsumer):  # type: ignore[misc]  # Faust is not typed
    """What Faust's app, conductor and streams see of the group's ``Member`` (whose ``Listener`` it is)."""

    logger = FAUST_LOG

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._member = Member(self.app.conf.headrace_consumer, self)
        self._flights: dict[TP, Flight] = {}
        self._arrived: deque[ConsumerMessage] = deque()
        self._full: set[TP] = set()
        self._news, self._room = asyncio.Event(), asyncio.Event()

    async def subscribe(self, topics: Iterable[str]) -> None:
        self._member.start(topics)

    async def on_stop(self) -> None:
        await self.commit()
        await self._member.stop()

    async def assigned(self, committed: dict[Partition, int | None]) -> None:
        if not self.app.rebalancing:
            self.app.on_rebalance_start()
        self._flights = {TP(*partition): Flight(offset) for partition, offset in committed.items()}
        self.app.consumer_generation_id += 1
        await self.on_partitions_assigned(set(self._flights), self.app.consumer_generation_id)

    async def revoked(self, partitions: set[Partition]) -> None:
        self.app.on_rebalance_start()
        self._arrived.clear()
        self._full.clear()
        self._room.set()
        revoked = {TP(*partition) for partition in partitions}
        await self._on_partitions_revoked(revoked)
        self._active_partitions.difference_update(revoked)
        for tp in revoked:
            self._flights.pop(tp, None)

    async def failed(self, error: Exception) -> None:
        await self.crash(error)

    def arrived(self, messages: list[Message]) -> None:
        generation = self.app.consumer_generation_id
        self._arrived.extend(_message(each, generation) for each in messages)
        self._news.set()

    async def _drain_messages(self, fetcher: Any) -> None:
        """Hand over what has come, for as long as the fetcher runs."""
        while not (self.should_stop or fetcher.should_stop):
            if not self._arrived:
                self._news.clear()
                self._member.more()
                await self._news.wait()
            elif not self.flow_active:
                await self.can_resume_flow.wait()
            elif self._full:
                self._room.clear()
                await self._room.wait()
            else:
                await self._hand_over(self._arrived.popleft())

    async def _hand_over(self, message: ConsumerMessage) -> None:
        """A record is in flight before anybody can see it; one of an assignment that is over is nobody's."""
        flight = self._flights.get(message.tp)
        if flight is None or message.generation_id != self.app.consumer_generation_id:
            return
        flight.leaves(message.offset)
        try:
            await self.callback(message)
        except asyncio.CancelledError:
            self._arrived.appendleft(message)
            raise

    def on_buffer_full(self, tp: TP) -> None:
        """The agent has enough. There is one in each app, so nobody else waits for it."""
        self._full.add(tp)

    def on_buffer_drop(self, tp: TP) -> None:
        self._full.discard(tp)
        self._room.set()

    def ack(self, message: ConsumerMessage) -> bool:
        message.acked = True
        self._unacked_messages.discard(message)
        if (flight := self._flights.get(message.tp)) and message.generation_id == self.app.consumer_generation_id:
            flight.lands(message.offset)
        return True

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Say what is done."""
        done = {}
        for tp, flight in self._flights.items():
            offset = flight.done
            if offset is not None and offset != flight.stored:
                done[tp] = flight.stored = offset
        self._member.store(done)
        return bool(done)

    async def wait_empty(self) -> None:
        """Before a stop or a rebalance: let what is in flight finish, but not for ever. The rest comes again."""
        for _ in range(int(STOP_TIMEOUT_S / 0.02)):
            if not self._unacked_messages:
                break
            await asyncio.sleep(0.02)
        await self.commit()

    def lag(self) -> Iterable[tuple[str, int, int]]:
        """Topic, partition, and how many records there are beyond the last one done."""
        for tp, flight in self._flights.items():
            if flight.stored is not None and tp in self._member.ends:
                yield tp.topic, tp.partition, max(0, self._member.ends[tp] - flight.stored)

    def assignment(self) -> set[TP]:
        return set(self._flights)

    async def perform_seek(self) -> None:
        """librdkafka begins where the group has committed, and nothing that it gave is let fall."""

    def _new_topicpartition(self, topic: str, partition: int) -> TP:
        return TP(topic, partition)

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        return _message(record, self.app.consumer_generation_id)

    def _unused(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("only tables, and consumers that fetch and commit themselves, ask for this")

    _commit = _getmany = _seek = seek_to_committed = seek_wait = position = _unused
    create_topic = topic_partitions = key_partition = earliest_offsets = highwater = highwaters = _unused


def _message(record: Message, generation: int) -> ConsumerMessage:
    topic, partition = record.topic(), record.partition()
    kind, at_ms = record.timestamp()
    return ConsumerMessage(
        topic,
        partition,
        record.offset(),
        at_ms / 1000,
        kind,
        record.headers() or [],
        record.key(),
        record.value(),
        None,
        tp=TP(topic, partition),
        generation_id=generation,
    )


class Transport(BaseTransport):  # type: ignore[misc]  # Faust is not typed
    """Faust's side of it; its own producer is not used."""

    Consumer = Consumer
    driver_version = "librdkafka"

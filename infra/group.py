"""A member of a consumer group on librdkafka: records are read in C threads and come to the event loop in batches."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Protocol

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from infra.broker import librdkafka_options
from infra.settings import KafkaSettings
from infra.topics import LARGE

log = logging.getLogger(__name__)
BATCH = 128
IDLE_S = 0.25
"""How long the thread waits for records before it looks for orders."""
PATIENCE_S = 5.0
"""A listener that wants nothing for so long has its partitions paused: who does not poll is put out of the group."""
QUERY_S = 5.0
STOP_S = 5.0
Partition = tuple[str, int]
Work = Coroutine[Any, Any, None]


class Listener(Protocol):
    """Hears of what the member gets; all of it runs in the event loop. Partitions are given up, and new ones read,
    only when the coroutine has returned."""

    def arrived(self, messages: list[Message]) -> None: ...

    async def assigned(self, committed: dict[Partition, int | None]) -> None:
        """``committed`` is the offset that reading goes on from; ``None``: the group has committed nothing yet."""
        ...

    async def revoked(self, partitions: set[Partition]) -> None: ...

    async def failed(self, error: Exception) -> None:
        """Nothing more will come."""
        ...


class Member:
    """One librdkafka consumer and the one thread that speaks to it; what other threads want of it are orders.

    The next batch is read when ``more`` has been called for the last one. An offset is committed after it was given to
    ``store``: within a second or two, when its partition is given up, and at ``stop``.
    """

    def __init__(self, options: Mapping[str, Any], listener: Listener) -> None:
        self._client = Consumer(dict(options), logger=log)
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._more, self._closing = threading.Event(), threading.Event()
        self._orders: deque[Callable[[], object]] = deque()
        self._early: list[Message] = []
        self._paused = self._resume = False
        self.ends: dict[Partition, int] = {}
        """The offset after the last record of each partition, as of the last ``store``."""
        self._thread = threading.Thread(target=self._run, name="kafka-member", daemon=True)

    def start(self, topics: Iterable[str]) -> None:
        self._client.subscribe(list(topics), on_assign=self._on_assign, on_revoke=self._on_revoke)
        self._more.set()
        self._thread.start()

    async def stop(self) -> None:
        """Leave the group; a broker that is away is not waited for longer than ``STOP_S``."""
        self._closing.set()
        self._more.set()
        for _ in range(int(STOP_S / 0.02)):
            if not self._thread.is_alive():
                return
            await asyncio.sleep(0.02)
        log.warning("left without a word to kafka: what was done last may come again")

    def more(self) -> None:
        self._more.set()

    def store(self, offsets: Mapping[Partition, int]) -> None:
        """Below these offsets everything is done."""
        stored = [TopicPartition(*partition, offset) for partition, offset in offsets.items()]
        self._orders.append(lambda: self._client.store_offsets(offsets=stored))
        self._orders.append(self._look_at_ends)

    def _run(self) -> None:
        try:
            wanted = time.monotonic()
            while not self._closing.is_set():
                self._obey()
                if self._more.wait(IDLE_S):
                    wanted = time.monotonic()
                    self._serve()
                elif time.monotonic() - wanted > PATIENCE_S:
                    self._stay()
            self._obey()
        except Exception as error:
            log.exception("reading from kafka failed")
            asyncio.run_coroutine_threadsafe(self._listener.failed(error), self._loop)
        finally:
            self._client.close()

    def _obey(self) -> None:
        while self._orders:
            try:
                self._orders.popleft()()
            except KafkaException as error:
                log.info("of a partition that is gone", extra={"error": str(error)})

    def _serve(self) -> None:
        if self._resume:
            self._client.resume(self._client.assignment())
            self._paused = self._resume = False
        batch, self._early = self._early, []
        first = self._client.poll(0 if batch else IDLE_S)
        if first is not None:  # one without a value is false
            batch += filter(_is_record, (first, *self._client.consume(BATCH - 1, 0)))
        if batch:
            self._more.clear()
            self._loop.call_soon_threadsafe(self._listener.arrived, batch)

    def _stay(self) -> None:
        """Be seen in the group. A record that was fetched before the pause is kept for later."""
        if not self._paused:
            self._client.pause(self._client.assignment())
            self._paused = self._resume = True
        message = self._client.poll(0)
        if message is not None and _is_record(message):
            self._early.append(message)

    def _look_at_ends(self) -> None:
        for each in self._client.assignment():
            _, self.ends[each.topic, each.partition] = self._client.get_watermark_offsets(each, cached=True)

    def _on_assign(self, client: Consumer, partitions: list[TopicPartition]) -> None:
        try:
            known = client.committed(partitions, timeout=QUERY_S)
        except KafkaException as error:
            log.warning("kafka does not say what is committed", extra={"error": str(error)})
            known = partitions
        self._paused, self._resume = False, True  # what was paused once still is when it is assigned again
        committed = {(each.topic, each.partition): each.offset if each.offset >= 0 else None for each in known}
        self._await(self._listener.assigned(committed))

    def _on_revoke(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._await(self._listener.revoked({(each.topic, each.partition) for each in partitions}))
        self._early.clear()
        self.ends.clear()
        self._obey()

    def _await(self, work: Work) -> None:
        if self._closing.is_set():
            work.close()
        else:
            asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _is_record(message: Message) -> bool:
    if error := message.error():
        log.warning("kafka gave no record", extra={"topic": message.topic(), "error": str(error)})
    return error is None


def consumer_options(kafka: KafkaSettings, *, group: str) -> dict[str, Any]:
    """A librdkafka consumer of ``group`` that commits what is stored, and nothing else."""
    return librdkafka_options(kafka) | {
        "group.id": group,
        "client.id": group,
        "enable.auto.commit": True,
        "enable.auto.offset.store": False,
        "auto.commit.interval.ms": 1000,
        "auto.offset.reset": "earliest",
        "session.timeout.ms": int(kafka.session_timeout_s * 1000),
        "heartbeat.interval.ms": int(kafka.session_timeout_s * 250),
        "fetch.wait.max.ms": kafka.fetch_wait_ms,
        "fetch.max.bytes": LARGE,
        "fetch.message.max.bytes": LARGE // 16,
        "receive.message.max.bytes": 3 * LARGE,
        "queued.max.messages.kbytes": LARGE // 1024,
        "topic.metadata.refresh.interval.ms": 5000,  # a topic made a moment ago may be unknown at first
        "fetch.queue.backoff.ms": 20,
        "fetch.error.backoff.ms": 100,
    }

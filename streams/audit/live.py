"""The audit log as it stands on Kafka, read in batches without a group. Calls block."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from aiokafka.partitioner import murmur2
from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from infra.broker import librdkafka_options
from infra.settings import KafkaSettings
from infra.topics import LARGE, Names
from schemas.errors import Unavailable
from streams.audit.signing import signature_of
from streams.audit.verifier.log import Entry
from streams.audit.verifier.proofs import HASH_BYTES

TIMEOUT_S = 30.0
BATCH = 5000
FRONTIER = "frontier"
LEADERLESS = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE, KafkaError.UNKNOWN_TOPIC_OR_PART)


@dataclass(frozen=True)
class Published:
    """A head as it stands on ``checkpoints``, whoever put it there."""

    note: bytes
    frontier: tuple[bytes, ...]
    where: str


class Log(Protocol):
    """Records and heads of an audit log, live or kept."""

    def partitions(self) -> list[int]: ...

    def topic_id(self) -> str | None:
        """What Kafka calls the topic now; ``None`` where that is not known."""
        ...

    def bounds(self, partition: int) -> tuple[int, int]:
        """The first offset that is kept, and the one after the last."""
        ...

    def entries(self, partition: int, start: int, stop: int, *, signatures: bool) -> Iterator[list[Entry]]:
        """Records in batches, in order; signatures only when asked for, since reading them takes time."""
        ...

    def heads(self, partition: int) -> list[Published]:
        """In the order in which they were published."""
        ...


class LiveLog:
    """Raises ``Unavailable`` when Kafka does not answer. For one thread at a time, and one reading."""

    def __init__(self, kafka: KafkaSettings, topic: str = "") -> None:
        names = Names(kafka)
        self._kafka = kafka
        self._admin: AdminClient | None = None
        self._consumer: Consumer | None = None
        self.topic = topic or names("audit")
        self.checkpoints = names("checkpoints")

    def partitions(self) -> list[int]:
        return self._partitions(self.topic)

    def topic_id(self) -> str:
        with self._asking() as admin:
            found = admin.describe_topics(TopicCollection([self.topic]), request_timeout=TIMEOUT_S)
            return str(found[self.topic].result().topic_id)

    def bounds(self, partition: int) -> tuple[int, int]:
        return self.spans(self.topic)[partition]

    def spans(self, topic: str) -> dict[int, tuple[int, int]]:
        """Of each partition the first offset that is kept, and the one after the last."""
        with self._reading() as consumer:
            parts = [TopicPartition(topic, each) for each in self._partitions(topic)]
            return {tp.partition: _watermarks(consumer, tp) for tp in parts}

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Up to where a group has done with each partition; 0 where it has committed nothing."""
        parts = [TopicPartition(topic, each) for each in self._partitions(topic)]
        with self._asking() as admin:
            asked = [ConsumerGroupTopicPartitions(f"{self._kafka.prefix}-{group}", parts)]
            found = next(iter(admin.list_consumer_group_offsets(asked, request_timeout=TIMEOUT_S).values())).result()
        return {tp.partition: max(tp.offset, 0) for tp in found.topic_partitions}

    def entries(self, partition: int, start: int, stop: int, *, signatures: bool) -> Iterator[list[Entry]]:
        for batch in self.messages(self.topic, partition, start, stop):
            if signatures:
                yield [_entry(message) for message in batch]
            else:
                yield [Entry(message.offset(), message.value() or b"") for message in batch]

    def heads(self, partition: int) -> list[Published]:
        return self._heads(partition, None)

    def last_heads(self, partition: int, count: int = 1000) -> list[Published]:
        """Those among the last records of the topic; more of it is read while there are none."""
        found: list[Published] = []
        total = sum(high - low for low, high in self.spans(self.checkpoints).values())
        while not found:
            found = self._heads(partition, count)
            if count >= total:
                break
            count *= 10
        return found

    def messages(self, topic: str, partition: int, start: int, stop: int) -> Iterator[list[Message]]:
        """Records from one offset up to another."""
        if start >= stop:
            return
        with self._reading() as consumer:
            consumer.assign([TopicPartition(topic, partition, start)])
            try:
                yield from self._batches(consumer, f"{topic}/{partition}", stop)
            finally:
                consumer.unassign()

    def _batches(self, consumer: Consumer, where: str, stop: int) -> Iterator[list[Message]]:
        ended = False
        while not ended:
            first = consumer.poll(TIMEOUT_S)
            if first is None:
                raise Unavailable(f"Kafka gave nothing of {where} for {TIMEOUT_S:.0f} s")
            batch = [first, *consumer.consume(BATCH, 0)]
            ended = any(_is_end(message) for message in batch) or _offset(batch[-1]) >= stop - 1
            if kept := [one for one in batch if one.error() is None and _offset(one) < stop]:
                yield kept

    def _heads(self, partition: int, last: int | None) -> list[Published]:
        key = key_of(self.topic, partition)
        spans = self.spans(self.checkpoints)
        home = (murmur2(key) & 0x7FFFFFFF) % len(spans)
        low, high = spans[home]
        start = low if last is None else max(low, high - last)
        batches = self.messages(self.checkpoints, home, start, high)
        return [_published(message) for batch in batches for message in batch if message.key() == key]

    def _partitions(self, topic: str) -> list[int]:
        with self._asking() as admin:
            found = admin.list_topics(topic, timeout=TIMEOUT_S).topics[topic]
        if found.error is not None:
            raise Unavailable(f"there is no topic {topic}: make it with 'headrace topics create'")
        return sorted(found.partitions)

    @contextmanager
    def _asking(self) -> Iterator[AdminClient]:
        with _border(self._kafka):
            self._admin = self._admin or AdminClient(librdkafka_options(self._kafka))
            yield self._admin

    @contextmanager
    def _reading(self) -> Iterator[Consumer]:
        options = librdkafka_options(self._kafka) | {
            "group.id": f"{self._kafka.prefix}-audit-reader",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "fetch.max.bytes": LARGE,
            "fetch.message.max.bytes": LARGE // 4,
            "receive.message.max.bytes": 3 * LARGE,
            "queued.max.messages.kbytes": 4 * LARGE // 1024,
        }
        with _border(self._kafka):
            self._consumer = self._consumer or Consumer(options)
            yield self._consumer


def _watermarks(consumer: Consumer, tp: TopicPartition) -> tuple[int, int]:
    """Right after a topic was made, its leader may not answer yet."""
    for _ in range(50):
        try:
            low, high = consumer.get_watermark_offsets(tp, timeout=TIMEOUT_S)
            return int(low), int(high)
        except KafkaException as error:
            if error.args[0].code() not in LEADERLESS:
                raise
            time.sleep(0.1)
    raise Unavailable(f"nobody leads {tp.topic}/{tp.partition} now")


def key_of(topic: str, partition: int) -> bytes:
    """Under which the heads of a partition stand on ``checkpoints``."""
    return f"{topic}/{partition}".encode()


def hashes_of(packed: bytes) -> tuple[bytes, ...]:
    return tuple(packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES))


def _entry(message: Message) -> Entry:
    return Entry(_offset(message), message.value() or b"", signature_of(_headers(message)))


def _published(message: Message) -> Published:
    frontier = dict(_headers(message)).get(FRONTIER, b"")
    where = f"{message.topic()}/{message.partition()}@{message.offset()}"
    return Published(message.value() or b"", hashes_of(frontier or b""), where)


def _headers(message: Message) -> Sequence[tuple[str, bytes]]:
    return message.headers() or ()


def _is_end(message: Message) -> bool:
    error = message.error()
    if error is None:
        return False
    if error.code() == KafkaError._PARTITION_EOF:
        return True
    raise KafkaException(error)


def _offset(message: Message) -> int:
    return int(message.offset())


@contextmanager
def _border(kafka: KafkaSettings) -> Iterator[None]:
    try:
        yield
    except KafkaException as error:
        raise Unavailable(f"Kafka does not answer at {kafka.servers}: {error.args[0]}") from error

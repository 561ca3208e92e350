"""Reading the log without a group: follow topics live, read them to their end, fetch one record."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import timedelta
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from aiokafka.partitioner import murmur2

from infra.broker import Record, client_options
from infra.settings import KafkaSettings
from infra.topics import LARGE
from infra.vault.sealing import is_sealed
from infra.vault.vault import Vault
from schemas.base import Source, now
from schemas.errors import InvalidField, KeyErased, NotFound, SealBroken, Unavailable

log = logging.getLogger(__name__)
Since = Literal["earliest", "latest"] | timedelta


def record_of(message: Any) -> Record:
    """An aiokafka message as a record."""
    place = (message.topic, message.partition, message.offset)
    return Record(*place, message.key, message.value, message.headers, message.timestamp)


async def opened(record: Record, vault: Vault | None) -> Record | None:
    """A record as it is read, the one seam for all readers here: ``None`` when it is sealed and does not open."""
    if vault is None or not is_sealed(record.value):
        return record
    try:
        return await vault.open_record(record)
    except KeyErased:
        return None
    except (SealBroken, NotFound) as error:
        log.error("a sealed record does not open", extra={"source": str(record.source), "code": error.code})
        return None


UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_since(text: str) -> Since:
    """``90s``, ``15m``, ``2h``, ``7d``, ``earliest`` or ``latest``.

    Raises:
        InvalidField: it is none of these.
    """
    if text in ("earliest", "latest"):
        return "earliest" if text == "earliest" else "latest"
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not found:
        raise InvalidField("since: give 90s, 15m, 2h, 7d, earliest or latest", param="since")
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


async def _assigned(kafka: KafkaSettings, topics: Sequence[str], since: Since, client_id: str) -> AIOKafkaConsumer:
    """A consumer without a group that stands at ``since`` in every partition of the topics."""
    consumer = AIOKafkaConsumer(
        *topics,
        **client_options(kafka),
        client_id=client_id,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=kafka.fetch_wait_ms,
        max_partition_fetch_bytes=LARGE,
    )
    try:
        await consumer.start()
        await _seek(consumer, await _partitions(consumer, topics), since)
    except UnknownTopicOrPartitionError as error:
        await consumer.stop()
        raise _missing(topics) from error
    except KafkaError as error:
        await consumer.stop()
        raise Unavailable(f"Kafka does not answer at {kafka.servers}: {error}") from error
    except BaseException:
        await consumer.stop()
        raise
    return consumer


async def _partitions(consumer: AIOKafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    for _ in range(50):
        assigned = consumer.assignment()
        if {tp.topic for tp in assigned} == set(topics):
            return sorted(assigned)
        await asyncio.sleep(0.1)
    raise _missing(sorted(set(topics) - {tp.topic for tp in consumer.assignment()}))


def _missing(topics: Sequence[str]) -> Unavailable:
    return Unavailable(f"there is no topic {' or '.join(topics)}: make it with 'headrace topics create'")


async def _seek(consumer: AIOKafkaConsumer, partitions: list[TopicPartition], since: Since) -> None:
    ends = await _retried(lambda: consumer.end_offsets(partitions))
    if since == "latest":
        starts = ends
    elif since == "earliest":
        starts = await _retried(lambda: consumer.beginning_offsets(partitions))
    else:
        moment = int((now() - since).timestamp() * 1000)
        found = await _retried(lambda: consumer.offsets_for_times(dict.fromkeys(partitions, moment)))
        starts = {tp: found[tp].offset if found[tp] else ends[tp] for tp in partitions}
    for tp in partitions:
        consumer.seek(tp, starts[tp])


async def _retried(query: Callable[[], Any]) -> Any:
    """Right after a topic was made, its leader may not answer yet."""
    for _ in range(50):
        try:
            return await query()
        except KafkaError as error:
            if not error.retriable:
                raise
            await asyncio.sleep(0.1)
    return await query()


class Follower:
    """Applies every record of some topics, in the order of each partition, for as long as it runs.

    It has no group and commits nothing: each process follows everything. ``apply`` must not block.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        topics: Sequence[str],
        apply: Callable[[Record], None],
        *,
        since: Since,
        client_id: str,
        vault: Vault | None = None,
    ) -> None:
        self._kafka, self._topics, self._apply, self._vault = kafka, tuple(topics), apply, vault
        self._since, self._client_id = since, client_id
        self._behind: dict[TopicPartition, int] = {}
        self._caught_up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        consumer = await _assigned(self._kafka, self._topics, self._since, self._client_id)
        ends = await _retried(lambda: consumer.end_offsets(list(consumer.assignment())))
        for tp in consumer.assignment():
            if await consumer.position(tp) < ends[tp]:
                self._behind[tp] = ends[tp]
        self._note_progress()
        self._task = asyncio.create_task(self._run(consumer), name=f"follow {','.join(self._topics)}")

    async def caught_up(self, timeout_s: float = 30.0) -> None:
        """Wait until all that was on the log at the start is applied.

        Raises:
            Unavailable: that took longer than ``timeout_s``.
        """
        try:
            await asyncio.wait_for(self._caught_up.wait(), timeout_s)
        except TimeoutError as error:
            raise Unavailable(f"still reading {', '.join(self._topics)} after {timeout_s} s") from error

    @property
    def ready(self) -> bool:
        return self._caught_up.is_set() and self._task is not None and not self._task.done()

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self, consumer: AIOKafkaConsumer) -> None:
        try:
            while True:
                await self._step(consumer)
        finally:
            await consumer.stop()

    async def _step(self, consumer: AIOKafkaConsumer) -> None:
        try:
            batches = await consumer.getmany(timeout_ms=1000)
        except KafkaError as error:
            log.warning("cannot read now, trying again", extra={"topics": self._topics, "error": repr(error)})
            await asyncio.sleep(0.5)
            return
        for messages in batches.values():
            for message in messages:
                if (record := await self._opened(record_of(message))) is not None:
                    self._apply(record)
        for tp in list(self._behind):
            if await consumer.position(tp) >= self._behind[tp]:
                del self._behind[tp]
        self._note_progress()

    async def _opened(self, record: Record) -> Record | None:
        """Waits while the store of data keys is away."""
        while True:
            try:
                return await opened(record, self._vault)
            except Unavailable as error:
                log.warning("cannot open a record now, trying again", extra={"error": error.message})
                await asyncio.sleep(0.5)

    def _note_progress(self) -> None:
        if not self._behind:
            self._caught_up.set()


async def read_all(
    kafka: KafkaSettings,
    topics: Sequence[str],
    *,
    since: Since = "earliest",
    partition: int | None = None,
    key: str | None = None,
    start: int | None = None,
    client_id: str = "headrace-reader",
    vault: Vault | None = None,
) -> AsyncGenerator[Record, None]:
    """Every record of the topics up to the ends as they are when this begins.

    ``partition`` reads that one only, from offset ``start`` if it is given; ``key`` the one its records are in.
    """
    consumer = await _assigned(kafka, topics, since, client_id)
    try:
        if key is not None:
            partition = (murmur2(key.encode()) & 0x7FFFFFFF) % len(consumer.assignment())
        wanted = [tp for tp in consumer.assignment() if partition in (None, tp.partition)]
        consumer.pause(*(consumer.assignment() - set(wanted)))
        if start is not None:
            first = await _retried(lambda: consumer.beginning_offsets(wanted))
            for tp in wanted:
                consumer.seek(tp, max(start, first[tp]))
        ends = await _retried(lambda: consumer.end_offsets(wanted))
        starts = {tp: await consumer.position(tp) for tp in wanted}
        open_ones = {tp for tp in wanted if starts[tp] < ends[tp]}
        while open_ones:
            for tp, messages in (await consumer.getmany(*open_ones, timeout_ms=1000)).items():
                for message in messages:
                    record = await opened(record_of(message), vault) if message.offset < ends[tp] else None
                    if record is not None:
                        yield record
            open_ones = {tp for tp in open_ones if await consumer.position(tp) < ends[tp]}
    finally:
        await consumer.stop()


async def follow(
    kafka: KafkaSettings, topic: str, positions: dict[int, int], since: Since, *, client_id: str
) -> AsyncGenerator[list[Record], None]:
    """Records of a topic as they come, in batches, an empty one about each second in which none came; from the offsets
    of ``positions`` by partition, in other partitions from ``since``, which is put there before the first batch."""
    consumer = await _assigned(kafka, [topic], since, client_id)
    try:
        partitions = list(consumer.assignment())
        ends = await _retried(lambda: consumer.end_offsets(partitions))
        for tp in partitions:
            if tp.partition in positions:
                consumer.seek(tp, min(positions[tp.partition], ends[tp]))
            positions[tp.partition] = await consumer.position(tp)
        while True:
            batches = await consumer.getmany(timeout_ms=1000, max_records=500)
            yield [record_of(message) for messages in batches.values() for message in messages]
    except KafkaError as error:
        raise Unavailable(f"Kafka does not answer at {kafka.servers}: {error}") from error
    finally:
        await consumer.stop()


async def read_one(
    kafka: KafkaSettings, source: Source, timeout_s: float = 10.0, vault: Vault | None = None
) -> Record | None:
    """The record at one place of the log; ``None`` when retention, or an erasure, has taken it."""
    consumer = AIOKafkaConsumer(
        **client_options(kafka), group_id=None, enable_auto_commit=False, max_partition_fetch_bytes=LARGE
    )
    await consumer.start()
    try:
        tp = TopicPartition(source.topic, source.partition)
        consumer.assign([tp])
        first = await _retried(lambda: consumer.beginning_offsets([tp]))
        if source.offset < first[tp]:
            return None
        consumer.seek(tp, source.offset)
        message = await asyncio.wait_for(consumer.getone(tp), timeout_s)
        return await opened(record_of(message), vault) if message.offset == source.offset else None
    except TimeoutError:
        return None
    finally:
        await consumer.stop()

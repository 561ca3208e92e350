"""The agent that signs heads of the audit log.

Any number of processes may run it: one of them signs for all partitions, and the others stand by. Who signs is fenced
by Kafka: heads are published in transactions of one id, so a signer that was taken for dead cannot publish any more.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from infra.broker import client_options
from infra.settings import KafkaSettings
from infra.sole import sole_reader
from infra.topics import Names
from schemas.base import now
from schemas.errors import AuditDamaged, HeadraceError
from streams.audit.folders import Folder, below
from streams.audit.live import FRONTIER, key_of
from streams.audit.notary import Notary, Signed
from streams.audit.resume import Resume
from streams.audit.signing import signature_of
from streams.audit.tiles import Kept
from streams.audit.verifier.log import Entry
from streams.audit.witnesses.keeping import Keeping
from streams.audit.witnesses.port import Cosigner

log = logging.getLogger(__name__)
CLIENT = "headrace-checkpoints"
TICK_MS = 250
BATCH_BYTES = 2**16
"""Records are read some at a time: a head is signed for many of them, and each answer of Kafka costs as much as ten."""
AGAIN_S = 1.0


@dataclass(frozen=True)
class Trouble:
    """Something of the log that people must hear of; ``error`` is ``None`` when it is over."""

    what: str
    code: str
    error: str | None
    offset: int | None = None


Tell = Callable[[Trouble], Awaitable[None]]


class CheckpointAgent(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """Records in, heads out."""

    def __init__(
        self,
        kafka: KafkaSettings,
        resume: Resume,
        hashes: Folder,
        cosigners: Iterable[Cosigner],
        keeping: Keeping,
        tell: Tell,
    ) -> None:
        self._kafka, self._resume, self._hashes, self._tell = kafka, resume, hashes, tell
        self._cosigners, self._keeping = tuple(cosigners), keeping
        self._names = Names(kafka)
        self._topic = self._names("audit")
        self._elected = asyncio.Event()
        self._term = 0
        self._notaries: dict[int, Notary] = {}
        self._troubles: dict[str, str] = {}
        self._consumer: AIOKafkaConsumer | None = None
        self._task: asyncio.Task[None] | None = None
        self.crash_reason: BaseException | None = None

    async def start(self) -> None:
        self._consumer = sole_reader(self._kafka, "checkpoints", CLIENT, wait_for=BATCH_BYTES)
        self._consumer.subscribe([self._topic], listener=self)
        await self._consumer.start()
        self._task = asyncio.create_task(self._run(self._consumer), name="checkpoints")
        self._task.add_done_callback(self._ended)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._consumer:
            await self._consumer.stop()

    @property
    def signed(self) -> dict[int, int]:
        """How many records of each partition the newest head speaks for; none while another process signs."""
        return {number: notary.last.size if notary.last else 0 for number, notary in self._notaries.items()}

    def lag(self) -> Iterable[tuple[str, int, int]]:
        """What is not read yet."""
        for partition, notary in self._notaries.items():
            end = self._consumer.highwater(TopicPartition(self._topic, partition)) if self._consumer else None
            if end is not None:
                yield self._topic, partition, max(end - notary.size, 0)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._elected.clear()
        self._term += 1

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        if self._consumer and assigned:
            self._consumer.pause(*assigned)
            self._elected.set()

    async def _run(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            await self._elected.wait()
            try:
                await self._serve(consumer, self._term)
            except KafkaError as error:
                log.warning("no heads are signed now, trying again", extra={"error": repr(error)})
                await asyncio.sleep(AGAIN_S)
            except HeadraceError as error:
                await self._told(Trouble("heads", error.code, error.message))
                await asyncio.sleep(AGAIN_S)

    async def _serve(self, consumer: AIOKafkaConsumer, term: int) -> None:
        """Sign until somebody else is to."""
        producer = AIOKafkaProducer(
            **client_options(self._kafka),
            client_id=CLIENT,
            acks="all",
            transactional_id=f"{self._kafka.prefix}-checkpoints",
        )
        try:
            await producer.start()
            await asyncio.to_thread(self._resume.begin)
            assigned = sorted(tp.partition for tp in consumer.assignment())
            for partition in assigned:
                await self._open(consumer, partition, term)
            await self._told(Trouble("heads", "", None))
            while term == self._term:
                for tp, messages in (await consumer.getmany(timeout_ms=TICK_MS)).items():
                    await self._take(consumer, tp.partition, messages)
                for partition in list(self._notaries):
                    if term == self._term and self._notaries[partition].due(now()):
                        await self._sign(consumer, producer, partition)
        finally:
            await producer.stop()

    async def _open(self, consumer: AIOKafkaConsumer, partition: int, term: int) -> None:
        """Go on where this process, or another, has left off."""
        held = self._notaries.pop(partition, None)
        tp = TopicPartition(self._topic, partition)
        try:
            fresh = await asyncio.to_thread(self._reopened, held, partition)
        except AuditDamaged as error:
            await self._refuse(consumer, partition, error)
            return
        if term == self._term:
            self._notaries[partition] = fresh
            await self._told(Trouble(f"partition {partition}", "", None))
            consumer.seek(tp, fresh.size)
            consumer.resume(tp)

    def _reopened(self, held: Notary | None, partition: int) -> Notary:
        if held and held.last and self._resume.last(partition) == held.last:
            return held
        return self._resume(partition, self._folder(partition), now())

    async def _take(self, consumer: AIOKafkaConsumer, partition: int, messages: list[Any]) -> None:
        notary = self._notaries.get(partition)
        at = now()
        try:
            for message in messages:
                if notary is None or message.offset < notary.size:
                    continue  # fetched before the partition was opened
                entry = Entry(message.offset, message.value or b"", signature_of(message.headers))
                if not notary.see(entry, at):
                    error = f"the record at {self._topic}/{partition}@{entry.offset} was not written by the platform"
                    await self._tell(Trouble(f"partition {partition}", "stranger", error, entry.offset))
        except AuditDamaged as error:
            await self._refuse(consumer, partition, error)

    async def _sign(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, partition: int) -> None:
        """One head: signed, cosigned, published, kept. What does not work now is tried again at the next turn."""
        notary, what = self._notaries[partition], f"head of partition {partition}"
        try:
            if await asyncio.to_thread(self._resume.log.topic_id) != notary.topic:
                error = f"{self._topic}: the topic was deleted and made again while it was signed"
                await self._refuse(consumer, partition, AuditDamaged(error))
                return
            signed = await asyncio.to_thread(notary.sign, self._resume.keys.all(), now())
        except HeadraceError as error:
            await self._told(Trouble(what, error.code, error.message))
            await asyncio.sleep(AGAIN_S)
            return
        kept = Kept(self._folder(partition), notary.size)
        signed = replace(signed, note=signed.note + await self._cosigned(signed, kept))
        async with producer.transaction():
            await producer.send_and_wait(
                self._names("checkpoints"),
                signed.note,
                key=key_of(self._topic, partition),
                headers=[(FRONTIER, b"".join(signed.frontier))],
            )
        await asyncio.to_thread(notary.published, signed)
        await self._told(Trouble(what, "", None))
        self._keeping.put(self._place(partition), signed, kept)

    async def _cosigned(self, signed: Signed, kept: Kept) -> bytes:
        """The signatures of the witnesses that answer."""
        asked = [cosigner.cosign(signed, kept) for cosigner in self._cosigners]
        lines = b""
        for cosigner, answer in zip(self._cosigners, await asyncio.gather(*asked, return_exceptions=True), strict=True):
            what = f"witness {cosigner.name}"
            if isinstance(answer, bytes):
                lines += answer
                await self._told(Trouble(what, "", None))
            elif isinstance(answer, HeadraceError):
                await self._told(Trouble(what, answer.code, answer.message))
            else:
                raise answer
        return lines

    async def _refuse(self, consumer: AIOKafkaConsumer, partition: int, error: AuditDamaged) -> None:
        """No more heads of a partition; people have to look at it, and start the process again."""
        self._notaries.pop(partition, None)
        consumer.pause(TopicPartition(self._topic, partition))
        await self._told(Trouble(f"partition {partition}", error.code, error.message))

    async def _told(self, trouble: Trouble) -> None:
        """Tell of what began or ended, not of what goes on."""
        before = self._troubles.pop(trouble.what, "")
        if trouble.error is not None:
            self._troubles[trouble.what] = trouble.code
        if trouble.code == before:
            return
        if trouble.error is not None:
            log.error("audit: %s", trouble.error, extra={"what": trouble.what})
        await self._tell(trouble)

    def _folder(self, partition: int) -> Folder:
        return below(self._hashes, self._place(partition))

    def _place(self, partition: int) -> str:
        return self._resume.origin(partition).removeprefix("headrace/")

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.crash_reason = None if task.cancelled() else task.exception()

"""Saying events on the log: each kind on its topic, under its key, as CloudEvents."""

import asyncio
import logging

from infra.broker import Publisher, Record
from infra.topics import Names
from infra.vault.vault import Vault
from schemas.audit import Audit
from schemas.base import Event
from schemas.cloudevents import Header, encode
from schemas.erasure import Erasure, Hold, Purged, Refused
from schemas.errors import KeyErased
from schemas.feedback import Example
from schemas.registry import Key, ModelVersion, Policy, Prompt
from schemas.responses import Chunk, Response
from schemas.results import Delta, Ended, Final, Handover
from schemas.screened import Backscan, Review, Screened
from schemas.training import TrainingJob, TrainingProgress, TrainingResult
from schemas.work import Cancel, Work
from streams.audit.signing import Writer
from streams.audit.spool import Spool

log = logging.getLogger(__name__)


def base_id(request_id: str) -> str:
    """The id that a client chose: a ``#`` marks what the platform made of it (a conflict, a redriven record).
    All that concerns one such id is in one partition."""
    return request_id.partition("#")[0]


def subject_of(event: Event) -> str | None:
    """The data key of whom an event is about, as far as it says."""
    pins = getattr(event, "pins", None)
    found: str | None = getattr(pins or event, "subject", None)
    return found


class Outbox:
    """Every method returns when the record is acknowledged; ``component`` becomes ``ce_source``. What the vault's
    topics carry is sealed, and what the ``writer`` writes is signed."""

    def __init__(
        self,
        publisher: Publisher,
        names: Names,
        component: str,
        vault: Vault | None = None,
        writer: Writer | None = None,
        spool: Spool | None = None,
    ) -> None:
        self._publisher, self._names, self._component = publisher, names, component
        self._vault = vault if vault and vault.active else None
        self._writer, self._spool = writer, spool

    async def _say(
        self, topic: str, key: str, event: Event, partition: int | None = None, subject: str | None = None
    ) -> None:
        value, headers = encode(event, source=f"headrace/{self._component}")
        if self._vault is None:
            await self._publisher.publish(topic, value, key=key, headers=headers, partition=partition)
        else:
            await self._seal(topic, key, subject or subject_of(event), value, headers, partition)

    async def _seal(
        self,
        topic: str,
        key: str,
        subject: str | None,
        value: bytes,
        headers: list[Header],
        partition: int | None = None,
    ) -> None:
        """Publish what the vault's topics carry sealed. What is about somebody who was erased is not said any more."""
        if self._vault is not None:
            try:
                value, headers = await self._vault.seal_record(topic, subject, value, headers)
            except KeyErased:
                log.info("not published, its subject was erased", extra={"topic": topic})
                return
        await self._publisher.publish(topic, value, key=key, headers=headers, partition=partition)

    async def work(self, work: Work) -> None:
        """Work that is answered alike has one key, so it comes to one worker (see ``streams.inference.flights``)."""
        topic = self._names.work(work.pool, work.pins.priority)
        await self._say(topic, work.pins.cache_key or work.id, work)

    async def result(self, result: Delta | Final | Ended | Handover) -> None:
        await self._say(self._names("results"), base_id(result.id), result)

    async def cancel(self, cancel: Cancel) -> None:
        await self._say(self._names("cancels"), cancel.id, cancel)

    async def response(self, response: Response, *, partition: int, private: bool) -> bytes:
        """The tenant's own topic first: what stands in ``responses`` has been said everywhere. Returns the value."""
        key = base_id(response.id)
        value, headers = encode(response, source=f"headrace/{self._component}")
        if private and response.tenant:
            await self._seal(self._names(f"responses.{response.tenant}"), key, response.subject, value, headers)
        await self._seal(self._names("responses"), key, response.subject, value, headers, partition)
        return value

    async def chunk(self, chunk: Chunk) -> None:
        await self._say(self._names("chunks"), chunk.id, chunk)

    async def audit(self, *records: Audit) -> None:
        """Signed as the platform's, where there is a writer; with a spool, on Kafka or on the disk."""
        saying = [self._audit(record) for record in records]
        await (saying[0] if len(saying) == 1 else asyncio.gather(*saying))

    async def _audit(self, record: Audit) -> None:
        value, headers = encode(record, source=f"headrace/{self._component}")
        if self._writer:
            headers.append(self._writer.header(value))
        await (self._spool or self._publisher).publish(
            self._names("audit"), value, key=record.request_id, headers=headers
        )

    async def example(self, example: Example) -> None:
        await self._say(self._names("examples"), example.request_id, example)

    async def training(self, event: TrainingJob | TrainingProgress | TrainingResult) -> None:
        await self._say(self._names("training"), event.id, event)

    async def model(self, version: ModelVersion) -> None:
        await self._say(self._names("models"), f"{version.name}@{version.version}", version)

    async def prompt(self, prompt: Prompt) -> None:
        await self._say(self._names("prompts"), f"{prompt.name}@{prompt.version}", prompt)

    async def policy(self, policy: Policy) -> None:
        await self._say(self._names("policies"), f"{policy.name}@{policy.version}@{policy.id}", policy)

    async def key(self, key: Key) -> None:
        await self._say(self._names("keys"), key.id, key)

    async def failure(self, failure: Event, record: Record, subject: str | None = None) -> None:
        await self._say(self._names("deadletter"), str(record.source), failure, subject=subject)

    async def screened(self, verdict: Screened) -> None:
        await self._say(self._names("screening.verdicts"), verdict.id, verdict)

    async def backscan(self, found: Backscan) -> None:
        await self._say(self._names("backscans"), base_id(found.request_id), found)

    async def review(self, review: Review) -> None:
        await self._say(self._names("reviews"), base_id(review.id), review)

    async def forget_example(self, request_id: str) -> None:
        """A tombstone: compaction takes all there is under this key."""
        await self._publisher.publish(self._names("examples"), None, key=request_id)

    async def erasure(self, event: Erasure | Purged | Refused | Hold) -> None:
        await self._say(self._names("erasures"), event.subject, event)

"""Saying events on the log: each kind on its topic, under its key, as CloudEvents."""

import asyncio

from infra.broker import Publisher, Record
from infra.topics import Names
from schemas.audit import Audit
from schemas.base import Event, Source
from schemas.cloudevents import encode
from schemas.feedback import Example
from schemas.registry import Key, ModelVersion, Policy, Prompt
from schemas.responses import Chunk, Response
from schemas.results import Delta, Ended, Final, Handover
from schemas.training import TrainingJob, TrainingProgress, TrainingResult
from schemas.work import Cancel, Work


def base_id(request_id: str) -> str:
    """The id that a client chose: a ``#`` marks what the platform made of it (a conflict, a redriven record).
    All that concerns one such id is in one partition."""
    return request_id.partition("#")[0]


class Outbox:
    """Every method returns when the record is acknowledged; ``component`` becomes ``ce_source``."""

    def __init__(self, publisher: Publisher, names: Names, component: str) -> None:
        self._publisher, self._names, self._component = publisher, names, component

    async def _say(self, topic: str, key: str, event: Event, partition: int | None = None) -> Source:
        value, headers = encode(event, source=f"headrace/{self._component}")
        return await self._publisher.publish(topic, value, key=key, headers=headers, partition=partition)

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
            await self._publisher.publish(self._names(f"responses.{response.tenant}"), value, key=key, headers=headers)
        await self._publisher.publish(self._names("responses"), value, key=key, headers=headers, partition=partition)
        return value

    async def chunk(self, chunk: Chunk) -> None:
        await self._say(self._names("chunks"), chunk.id, chunk)

    async def audit(self, *records: Audit) -> None:
        saying = [self._say(self._names("audit"), record.request_id, record) for record in records]
        await (saying[0] if len(saying) == 1 else asyncio.gather(*saying))

    async def example(self, example: Example) -> None:
        await self._say(self._names("examples"), example.request_id, example)

    async def training(self, event: TrainingJob | TrainingProgress | TrainingResult) -> None:
        await self._say(self._names("training"), event.id, event)

    async def model(self, version: ModelVersion) -> None:
        await self._say(self._names("models"), f"{version.name}@{version.version}", version)

    async def prompt(self, prompt: Prompt) -> None:
        await self._say(self._names("prompts"), f"{prompt.name}@{prompt.version}", prompt)

    async def policy(self, policy: Policy) -> None:
        await self._say(self._names("policies"), f"{policy.name}@{policy.version}", policy)

    async def key(self, key: Key) -> None:
        await self._say(self._names("keys"), key.id, key)

    async def failure(self, failure: Event, record: Record) -> None:
        await self._say(self._names("deadletter"), str(record.source), failure)

"""The whole platform in one process, on a real Kafka and a real Valkey, and what a test reads of it."""

import asyncio
import io
from base64 import b64encode
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, TypeVar

import orjson
from PIL import Image

from infra.broker import Record
from infra.keys import IssuedKey, Scope, issue, master_key
from infra.policies import default_policy
from infra.reader import Follower
from infra.settings import Settings
from infra.signing import sign, signing_key_of
from schemas.audit import Audit
from schemas.base import Event, Source, new_id, now
from schemas.cloudevents import Header
from schemas.errors import InvalidField, NotFound
from schemas.failures import Failure
from schemas.policies import PolicyDocument, document_version, merge
from schemas.registry import Policy, Prompt
from schemas.requests import PromptRef
from schemas.responses import Chunk, Response
from schemas.work import Work
from streams.app import Parts, create_app
from streams.delivery import running
from streams.inference.agent import Runner
from streams.inference.attempts import Attempts
from streams.inference.cancels import Cancels
from streams.inference.models import LoadedModels
from streams.inference.reading import ReadingPictures
from streams.outbox import Outbox
from streams.worker import inference_apps
from tests.waiting import until
from workers.vision.doubles import InscribedReader, inscribe

MODELS = """\
models:
  echo: {engine: echo, context: 100000}
  slow: {engine: echo, options: {delay_s: 60}}
  typing: {engine: echo, options: {piece_delay_s: 0.01}}
  narrow: {engine: echo, options: {slots: 4, delay_s: 0.1}}
  broken: {engine: echo, options: {fail: upstream_failed}}
  halting: {engine: echo, options: {fail: upstream_failed, fail_after: 3}}
  defective: {engine: echo, options: {fail: defect}}
  foreign: {engine: echo, local: false}
  vectors: {engine: hash-embedding, options: {dimensions: 8}}
  reader: {engine: ocr}
"""
ROUTING = {
    "default": "echo",
    "small": "echo",
    "embedding": "vectors",
    "vision": "reader",
    "fallbacks": {"broken": ["defective", "echo"], "halting": ["echo"]},
    "circuit": {"failures": 1000},
}
POOLS = ("text", "embed", "vision")
FOLLOWED = ("responses", "chunks", "audit", "deadletter", "results", "examples", "training")
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Runners:
    """The models of the manifest; pictures are read by the double."""

    loaded: LoadedModels
    pictures: ReadingPictures

    async def get(self, work: Work) -> Runner:
        return self.pictures if work.model.name == "reader" else await self.loaded.get(work)


@dataclass
class Platform:
    """A running platform; what it says is remembered from its beginning."""

    settings: Settings
    parts: Parts
    outbox: Outbox
    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))

    def note(self, record: Record) -> None:
        self.records[record.topic.removeprefix(f"{self.parts.names.prefix}.")].append(record)

    async def publish(
        self, topic: str, value: object, *, key: str | None = None, headers: Sequence[Header] = ()
    ) -> Source:
        """A record with these bytes, or with this as JSON."""
        data = value if isinstance(value, bytes) else orjson.dumps(value)
        return await self.parts.publisher.publish(self.parts.names(topic), data, key=key, headers=headers)

    async def ask(self, content: str = "hello, 你好", **fields: Any) -> Response:
        """Publish a chat request to ``requests`` and wait for its answer."""
        body = {"messages": [{"role": "user", "content": content}], "cache": False} | fields
        source = await self.publish("requests", body, key=fields.get("id"))
        return await self.answer(id=fields["id"]) if "id" in fields else await self.answer(source)

    async def answer(
        self, source: Source | None = None, *, id: str | None = None, topic: str = "responses"
    ) -> Response:
        """The first response to the record at ``source``, or under an id."""
        return await self._first(topic, Response, lambda each: each.source == source or each.id == id)

    async def admitted(self, source: Source) -> Audit:
        """What the way in decided about a record, once it is audited."""
        return await self._first("audit", Audit, lambda each: each.id == f"in:{source}")

    async def counted(self, response: Response) -> None:
        """Wait until what an answer used is counted, and the answer is kept."""
        async with asyncio.timeout(10):
            while not await self.parts.store.get(f"answer:{response.tenant}:{response.id}"):
                await asyncio.sleep(0.01)

    def answers(self, request_id: str, topic: str = "responses") -> list[Response]:
        return [each for each in self._read(topic, Response) if each.id == request_id]

    def chunks(self, request_id: str) -> list[Chunk]:
        return [each for each in self._read("chunks", Chunk) if each.id == request_id]

    def audit(self, request_id: str) -> list[Audit]:
        return [each for each in self._read("audit", Audit) if each.request_id == request_id]

    def deadletters(self) -> list[Failure]:
        return self._read("deadletter", Failure)

    async def issue(self, tenant: str, *scopes: Scope, **limits: Any) -> IssuedKey:
        """A key that the platform knows already."""
        key = issue(tenant, scopes or ("requests", "files", "feedback"), master_key(self.settings), **limits)
        await self.outbox.key(key.record)
        await until(lambda: self.parts.registry.keys.get(key.id) is not None)
        return key

    async def prompt(self, name: str, text: str, role: Literal["system", "user"] = "system") -> str:
        """Publish a prompt, wait until it is live, and return its version."""
        version = sha256(text.encode()).hexdigest()[:12]
        await self.outbox.prompt(Prompt(name=name, version=version, text=text, role=role))
        await until(lambda: self._knows(PromptRef(name=name, version=version)))
        return version

    async def set_policy(self, **changes: Any) -> str:
        """Publish the policy of these tests with changes, wait until it is live, and return its version."""
        base = default_policy().model_dump(mode="json", exclude_defaults=True)
        content = merge(merge(base, {"routing": ROUTING}), changes)
        version = document_version(PolicyDocument.model_validate(content))
        await self.outbox.policy(Policy(name="test", version=version, document=content))
        await until(lambda: self.parts.registry.live_policy == version)
        return version

    async def _first(self, topic: str, cls: type[E], fits: Callable[[E], bool]) -> E:
        found: list[E] = []

        def look() -> bool:
            found[:] = [each for each in self._read(topic, cls) if fits(each)]
            return bool(found)

        await until(look)
        return found[0]

    def _knows(self, reference: PromptRef) -> bool:
        try:
            self.parts.registry.render(reference)
        except NotFound:
            return False
        except InvalidField:  # it is known, and has variables
            return True
        return True

    def _read(self, topic: str, cls: type[E]) -> list[E]:
        return [cls.model_validate_json(record.value or b"") for record in self.records[topic]]


def page(text: str) -> str:
    """A PNG that the double reads this text in, as base64."""
    buffer = io.BytesIO()
    inscribe(Image.new("RGB", (128, 128)), text).save(buffer, "PNG")
    return b64encode(buffer.getvalue()).decode()


def signed(key: IssuedKey, body: Mapping[str, object], *, complete: bool = True) -> tuple[bytes, list[Header]]:
    """A record's value and headers as a client signs them; ``complete`` adds the id and time that are needed."""
    value = orjson.dumps({"id": new_id(), "time": now(), **body} if complete else dict(body))
    return value, sign(value, [], key.id, signing_key_of(key.secret))


@asynccontextmanager
async def platform(
    settings: Settings, policy: Mapping[str, Any], pools: Sequence[str] = POOLS
) -> AsyncIterator[Platform]:
    """Control and workers, running under the policy of these tests with ``policy``'s changes."""
    parts = Parts.of(settings, "control")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(parts.running(settings, "control"))
        await parts.vault.mark()
        made = Platform(settings, parts, Outbox(parts.publisher, parts.names, "test", parts.vault))
        cancels = Cancels()
        topics = [*FOLLOWED, *(f"responses.{tenant}" for tenant in settings.tenant_topics)]
        names = [parts.names(topic) for topic in topics]
        for follower in (
            Follower(settings.kafka, names, made.note, since="earliest", client_id="test", vault=parts.vault),
            cancels.follower(settings, "worker"),
        ):
            stack.push_async_callback(follower.stop)
            await follower.start()
        await made.set_policy(**policy)
        workers = []
        for pool in pools:
            runners = _runners(settings, parts, pools)
            stack.push_async_callback(runners.loaded.stop)
            workers += inference_apps(settings, parts, pool, runners, cancels, Attempts(), slots=64)
        await stack.enter_async_context(running(*create_app(settings, parts), *workers))
        async with asyncio.timeout(60):
            await made.ask("are you there?")
        yield made


def _runners(settings: Settings, parts: Parts, pools: Sequence[str]) -> Runners:
    loaded = LoadedModels(settings, parts.manifest, pools, parts.objects, parts.metrics, parts.vault)
    return Runners(loaded, ReadingPictures(InscribedReader(), parts.objects, settings.limits, parts.vault))

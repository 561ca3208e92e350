"""A platform in memory: what a gateway publishes is answered at once, by a table of replies."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import ClientSession, web
from openai import AsyncOpenAI

from infra.broker import Publisher, Record
from infra.keys import KeyRing, Scope, issue
from infra.metrics import Metrics
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.signing import signing_key_of
from infra.topics import Names
from schemas.base import Source
from schemas.cloudevents import Header
from schemas.errors import Cancelled, HeadraceError, Unavailable
from schemas.feedback import Feedback
from schemas.requests import Request
from schemas.responses import Chunk, Response, Versions
from schemas.results import Usage
from schemas.screening import Action, Verdict
from schemas.uploads import Upload
from schemas.work import Attachment
from streams.admission.admit import ANY_DIGEST
from streams.admission.decoding import content_digest
from streams.audit.trail import Trail
from streams.gateway.answers import Answers
from streams.gateway.app import create_gateway
from streams.gateway.parts import GatewayKey, Parts, ShownModel
from streams.gateway.submitted import Submitted

MASTER = bytes(range(32))
VERDICT = Verdict(action=Action.ALLOW, policy="p1", rules="r1")
ALL: tuple[Scope, ...] = ("requests", "files", "feedback")


@dataclass
class Reply:
    """What the platform does with a text: chunks first, then an end; or nothing at all."""

    text: str = ""
    chunks: Sequence[tuple[int, str]] = ()
    error: HeadraceError | None = None
    pause_s: float = 0.0
    silent: bool = False
    parts: Sequence[dict[str, Any]] = ()
    """Chunks with all their fields."""
    fields: dict[str, Any] = field(default_factory=dict)
    """More of the response."""


class Redis:
    """The two calls of ``infra.redis.Store`` that the gateway makes, in memory; can be away."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}
        self.away = False

    async def get(self, key: str) -> bytes | None:
        if self.away:
            raise Unavailable("redis is away")
        return self.data.get(key)

    async def set(self, key: str, value: bytes, ttl_s: int, only_if_absent: bool = False) -> bool:
        if self.away:
            raise Unavailable("redis is away")
        if only_if_absent and key in self.data:
            return False
        self.data[key] = value
        return True


class Archive:
    """Answers of long ago."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Response] = {}

    async def get(self, tenant: str | None, request_id: str) -> Response | None:
        return self.kept.get((tenant or "", request_id))


@dataclass
class Platform:
    """A publisher whose records are answered through ``answers``."""

    names: Names
    answers: Answers
    objects: ObjectStore
    replies: dict[str, Reply] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    running: set[asyncio.Task[None]] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def publish(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: str | bytes | None = None,
        headers: Sequence[Header] = (),
        partition: int | None = None,
    ) -> Source:
        record = Record(topic, 0, len(self.records), key.encode() if isinstance(key, str) else key, value, headers, 0)
        self.records.append(record)
        self.news.set()
        task = asyncio.create_task(self._handle(record))
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return record.source

    def said(self, topic: str) -> list[dict[str, Any]]:
        return [orjson.loads(r.value or b"") for r in self.records if r.topic == self.names(topic)]

    async def published(self, count: int = 1) -> None:
        """Wait until so many records are on the log."""
        async with asyncio.timeout(5):
            while len(self.records) < count:
                self.news.clear()
                await self.news.wait()

    async def cancelled(self) -> str:
        """Wait for a cancel; the id that it withdraws."""
        async with asyncio.timeout(5):
            while not self.cancels():
                self.news.clear()
                await self.news.wait()
        return str(self.cancels()[0]["target"])

    def cancels(self) -> list[dict[str, Any]]:
        return [body for body in self.said("requests") if body.get("kind") == "cancel"]

    async def _handle(self, record: Record) -> None:
        if record.topic == self.names("uploads"):
            self._keep(Upload.model_validate_json(record.value or b""))
        elif record.topic == self.names("feedback"):
            feedback = Feedback.model_validate_json(record.value or b"")
            self.end(feedback, self.replies.get(feedback.request_id, Reply("recorded")))
        else:
            await self._answer(Request.model_validate_json(record.value or b""))

    async def _answer(self, request: Request) -> None:
        if request.kind == "cancel":
            target = request.model_copy(update={"id": request.target})
            self.end(target, Reply(error=Cancelled("withdrawn")), digest=ANY_DIGEST)
            return
        asked = request.messages[-1].text if request.messages else request.prompt or ""
        reply = self.replies.get(asked, Reply(f"echo: {asked}"))
        for part in (*({"position": position, "text": text} for position, text in reply.chunks), *reply.parts):
            chunk = Chunk.model_validate({"id": request.id, "tenant": request.tenant, **part})
            self.answers.chunk(self._record("chunks", request.id, chunk.model_dump_json()))
            await asyncio.sleep(0)
        await asyncio.sleep(reply.pause_s)
        if not reply.silent:
            vectors = tuple((0.5, float(index)) for index, _ in enumerate(request.input))
            scores = {str(number): len(text) / 100 for number, text in enumerate(request.input)}
            self.end(request, reply, embeddings=vectors, scores=scores if request.kind == "rerank" else {})

    def _keep(self, upload: Upload) -> None:
        reply = self.replies.get(upload.name, Reply("read text"))
        if reply.error is None and upload.stored and upload.tenant:
            data = self.objects.get(upload.stored.uri, upload.stored.sha256, 2**20)
            kept = Attachment(
                file_id=upload.id,
                media_type="image/png",
                bytes=len(data),
                name=upload.name,
                **upload.stored.model_dump(),
            )
            self.objects.put_record(upload.tenant, upload.id, kept)
            self.end(upload, reply, file=kept)
            return
        self.end(upload, reply)

    def end(self, event: Request | Upload | Feedback, reply: Reply, **fields: Any) -> None:
        """Say the response to an event on the log."""
        body = reply.error.body() if reply.error else None
        told: dict[str, Any] = {
            "id": event.id,
            "tenant": event.tenant,
            "kind": getattr(event, "kind", "upload"),
            "status": {None: "completed", "content_blocked": "blocked"}.get(body.code if body else None, "failed"),
            "text": reply.text,
            "error": body,
            "usage": Usage(prompt_tokens=3, completion_tokens=5),
            "verdict": VERDICT,
            "prompt_verdict": VERDICT,
            "versions": Versions(model="small@1", policy="p1", rules="r1"),
            "digest": content_digest(event),
            "source": Source(topic="requests", partition=0, offset=0),
        }
        response = Response.model_validate({**told, **fields, **reply.fields})
        self.answers.response(self._record("responses", response.of or response.id, response.model_dump_json()))

    def _record(self, topic: str, key: str, value: str) -> Record:
        return Record(self.names(topic), 0, 0, key.encode(), value.encode(), (), 0)


@dataclass
class Gateway:
    """A running gateway, its platform, and who may call it."""

    url: str
    platform: Platform
    redis: Redis
    archive: Archive
    ring: KeyRing
    issue: Callable[..., str]
    key: str
    http: ClientSession
    ready: dict[str, bool]
    routes: set[tuple[str, str]]
    stack: AsyncExitStack

    def headers(self, key: str | None = None, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key or self.key}", **{k.replace("_", "-"): v for k, v in more.items()}}

    def openai(self, key: str | None = None, **options: Any) -> AsyncOpenAI:
        client = AsyncOpenAI(api_key=key or self.key, base_url=f"{self.url}/v1", max_retries=0, timeout=20, **options)
        self.stack.push_async_callback(client.close)
        return client


async def start_gateway(settings: Settings, stack: AsyncExitStack, publisher: Publisher | None = None) -> Gateway:
    """``publisher`` is what readings of the audit log are said with."""
    ring = KeyRing(MASTER)

    def issued(tenant: str = "acme", scopes: Sequence[Scope] = ALL) -> str:
        key = issue(tenant, scopes, MASTER)
        ring.apply(key.record)
        return key.secret

    own = issued("headrace", ("gateway",))
    redis, archive, objects = Redis(), Archive(), ObjectStore(settings)
    answers = Answers(archive)
    platform = Platform(Names(settings.kafka), answers, objects)
    ready = {"kafka": True, "registry": True}

    async def checks() -> dict[str, bool]:
        return ready

    parts = Parts(
        publisher=platform,
        names=platform.names,
        key=GatewayKey(own.split("-")[1], signing_key_of(own)),
        keys=ring,
        answers=answers,
        submitted=Submitted(redis, ttl_s=60),
        trail=Trail(settings.kafka, publisher or platform, "gateway"),
        objects=objects,
        meter=Metrics(),
        models=lambda: (ShownModel("small", "1", 1_700_000_000, ("chat",), 2048),),
        ready=checks,
    )
    app = create_gateway(settings, parts)
    routes = {(r.method, r.resource.canonical) for r in app.router.routes() if r.resource and r.method != "HEAD"}
    url = await served(app, stack)
    http = await stack.enter_async_context(ClientSession(base_url=url))
    return Gateway(url, platform, redis, archive, ring, issued, issued(), http, ready, routes, stack)


async def served(app: web.Application, stack: AsyncExitStack) -> str:
    """Where it listens."""
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"

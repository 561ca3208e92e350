"""The gateway process on a real Kafka and a real Valkey: keys by their topic, answers by theirs."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession
from openai import AsyncOpenAI

from infra.broker import KafkaPublisher, Record, ensure_topics
from infra.keys import KeyRing, Scope, issue, master_key
from infra.metrics import Metrics
from infra.reader import Follower
from infra.settings import KafkaSettings, Settings
from infra.signing import verify
from infra.topics import Names
from schemas.base import Source
from schemas.cloudevents import encode
from schemas.errors import Unauthenticated, Unavailable
from schemas.requests import Request
from schemas.responses import Chunk, Response, Versions
from streams.admission.decoding import content_digest
from streams.gateway.server import gateway_key, reachable, running
from tests.conftest import MakeSettings
from tests.streams.gateway.doubles import VERDICT


class Platform:
    """Answers ``requests`` on the log with two chunks and a response."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._names = settings, Names(settings.kafka)
        self._publisher = KafkaPublisher(settings.kafka, client_id="platform")
        self._tasks: set[asyncio.Task[None]] = set()
        self.ring = KeyRing(master_key(settings))
        self.cancelled: asyncio.Queue[str] = asyncio.Queue()
        self.heard = asyncio.Event()

    async def issue(self, tenant: str, *scopes: Scope) -> str:
        issued = issue(tenant, scopes, master_key(self._settings))
        self.ring.apply(issued.record)
        value, headers = encode(issued.record, source="test")
        await self._publisher.publish(self._names("keys"), value, key=issued.id, headers=headers)
        return issued.secret

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await ensure_topics(self._settings)
        await self._publisher.start()
        requests = [self._names("requests")]
        follower = Follower(self._settings.kafka, requests, self._take, since="earliest", client_id="platform")
        await follower.start()
        yield
        await follower.stop()
        await self._publisher.stop()

    def _take(self, record: Record) -> None:
        task = asyncio.create_task(self._answer(record))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, record: Record) -> None:
        assert verify(record.value or b"", record.headers, self.ring)
        request = Request.model_validate_json(record.value or b"")
        self.heard.set()
        if request.kind == "cancel":
            self.cancelled.put_nowait(request.target or "")
            return
        text = request.messages[-1].text
        if text == "silence":
            return
        for position in (0, 1):
            chunk = Chunk(id=request.id, tenant=request.tenant, position=position, text=text[position])
            value, headers = encode(chunk, source="test")
            await self._publisher.publish(self._names("chunks"), value, key=request.id, headers=headers)
        value, headers = encode(_response(request, record.source, text), source="test")
        await self._publisher.publish(self._names("responses"), value, key=request.id, headers=headers)


def _response(request: Request, source: Source, text: str) -> Response:
    return Response(
        id=request.id,
        tenant=request.tenant,
        kind="chat",
        status="completed",
        text=text,
        verdict=VERDICT,
        prompt_verdict=VERDICT,
        versions=Versions(policy="p", rules="r"),
        digest=content_digest(request),
        source=source,
    )


async def test_the_whole_way_over_kafka(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        platform = Platform(settings)
        await stack.enter_async_context(platform.running())
        settings.state.mkdir(parents=True, exist_ok=True)
        (settings.state / "gateway-key").write_text(await platform.issue("headrace", "gateway"))
        key = await platform.issue("acme", "requests")
        await stack.enter_async_context(running(settings, Metrics()))
        url = f"http://127.0.0.1:{settings.gateway.port}"
        client = AsyncOpenAI(api_key=key, base_url=f"{url}/v1", max_retries=0, timeout=20)
        await stack.enter_async_context(client)

        await _answers(client)
        await _streams(client)
        await _withdraws(client, platform)
        ready = await client._client.get(f"{url}/health/ready")
        assert ready.json() == {
            "status": "ready",
            "checks": dict.fromkeys(("kafka", "registry", "responses", "chunks", "gateway_key"), True),
        }
        models = [model.id async for model in client.models.list()]
        assert models


async def _answers(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="small", messages=[{"role": "user", "content": "你好"}])
    assert answer.choices[0].message.content == "你好"


async def _streams(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="small", messages=[{"role": "user", "content": "你好吗"}], stream=True
    )
    assert "".join([event.choices[0].delta.content or "" async for event in stream]) == "你好吗"


async def _withdraws(client: AsyncOpenAI, platform: Platform) -> None:
    platform.heard.clear()
    asking = asyncio.create_task(
        client.chat.completions.create(
            model="small", messages=[{"role": "user", "content": "silence"}], extra_headers={"X-Request-Id": "left"}
        )
    )
    await asyncio.wait_for(platform.heard.wait(), 10)
    asking.cancel()
    assert await asyncio.wait_for(platform.cancelled.get(), 10) == "left"


async def test_a_process_that_is_stopped_withdraws_what_is_in_flight(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        platform = Platform(settings)
        await stack.enter_async_context(platform.running())
        key = await platform.issue("acme", "requests")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "streams.cli", "gateway"),
            env=_environment(settings) | {"HEADRACE_GATEWAY__KEY": await platform.issue("headrace", "gateway")},
        )
        url = f"http://127.0.0.1:{settings.gateway.port}"
        http = await stack.enter_async_context(ClientSession(url, headers={"Authorization": f"Bearer {key}"}))
        await asyncio.wait_for(_ready(http), 30)
        body = {"messages": [{"role": "user", "content": "silence"}]}
        asking = asyncio.create_task(http.post("/v1/chat/completions", json=body, headers={"X-Request-Id": "left"}))
        await asyncio.wait_for(platform.heard.wait(), 10)
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 15) == 0
        assert await asyncio.wait_for(platform.cancelled.get(), 10) == "left"
        await asyncio.gather(asking, return_exceptions=True)


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HEADRACE_CONFIG": os.environ["HEADRACE_CONFIG"],
        "HEADRACE_STATE": str(settings.state),
        "HEADRACE_KAFKA__BOOTSTRAP": settings.kafka.servers,
        "HEADRACE_KAFKA__PREFIX": settings.kafka.prefix,
        "HEADRACE_REDIS__URL": settings.redis.address,
        "HEADRACE_GATEWAY__PORT": str(settings.gateway.port),
    }


async def _ready(http: ClientSession) -> None:
    while True:
        with suppress(ClientError):
            async with http.get("/health/ready") as answer:
                if answer.status == 200:
                    return
        await asyncio.sleep(0.1)


async def test_a_taken_port_is_said(make_settings: MakeSettings) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = make_settings(gateway={"port": port, "key": "hr-0123456789ab-00"})
    async with server:
        with pytest.raises(Unavailable, match="HEADRACE_GATEWAY__PORT"):
            await running(settings, Metrics()).__aenter__()


def test_no_gateway_key_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="gateway-key"):
        gateway_key(Settings(state=tmp_path))
    with pytest.raises(Unauthenticated):
        gateway_key(Settings(gateway={"key": "none"}))


def test_the_gateway_key_is_not_shown() -> None:
    key = gateway_key(Settings(gateway={"key": "hr-0123456789ab-5ec2e7"}))
    assert key.id == "0123456789ab"
    assert "5ec2e7" not in repr(key)
    assert repr(key.secret) not in repr(key)


async def test_reachable(settings: Settings) -> None:
    kafka: KafkaSettings = settings.kafka
    assert await reachable(["127.0.0.1:9", kafka.servers])
    assert not await reachable(["127.0.0.1:9", "nonsense"])


def test_a_gateway_loads_no_model_library() -> None:
    heavy = ("torch", "transformers", "PIL", "onnxruntime", "numpy", "faust")
    code = f"import sys, streams.gateway.server; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"

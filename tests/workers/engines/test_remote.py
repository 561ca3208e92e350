"""Servers that refuse, break, stall and recover; and that every such thing has its error."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from schemas.errors import (
    ContextTooLong,
    HeadraceError,
    InvalidField,
    InvalidRequest,
    ModelNotAvailable,
    Overloaded,
    TooLarge,
    UpstreamFailed,
)
from schemas.requests import Message, Sampling
from schemas.work import AdapterPin
from tests.contracts.server import Handler, served
from workers.engines.port import Generation, Piece
from workers.engines.remote import RemoteEngine, failure, mapped
from workers.models.manifest import Manifest, RemoteEntry

HELLO = Generation((Message(role="user", content="你好"),))
GOOD = (
    b'data: {"choices": [{"delta": {"role": "assistant"}}]}\n\n: a comment\n\n'
    b'data: {"choices": [{"delta": {"content": "Bonjour"}, "finish_reason": null}], "surprise": 1}\r\n\r\n'
    b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
    b'data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}}\n\n'
    b"data: [DONE]\n\n"
)


def entry_of(url: str, **options: Any) -> RemoteEntry:
    given = {"base_url": url, "model": "m", "timeout_s": 2, **options}
    entry = Manifest.model_validate({"models": {"far": {"engine": "remote", "options": given}}}).entry("far")
    assert isinstance(entry, RemoteEntry)
    return entry


@asynccontextmanager
async def running(url: str, **options: Any) -> AsyncIterator[RemoteEngine]:
    engine = RemoteEngine(entry_of(url, **options), pause=lambda attempt: 0.0)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


def script(*answers: web.Response, seen: list[web.Request] | None = None) -> Handler:
    """Gives one answer after another, and the last one from then on."""
    waiting = list(answers)

    async def handle(request: web.Request) -> web.Response:
        if seen is not None:
            await request.read()
            seen.append(request)
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    return handle


def status(code: int, **headers: str) -> web.Response:
    return web.json_response({"error": {"message": "because", "code": "x"}}, status=code, headers=headers)


def good(body: bytes = GOOD) -> web.Response:
    return web.Response(body=body, content_type="text/event-stream")


async def say(engine: RemoteEngine) -> list[Piece]:
    return [piece async for piece in engine.generate(HELLO)]


async def test_reads_a_stream_with_its_usage() -> None:
    seen: list[web.Request] = []
    async with served(script(good(), seen=seen)) as url, running(url) as engine:
        *pieces, last = await say(engine)

    assert [piece.text for piece in pieces] == ["Bonjour"]
    assert last.usage
    assert (last.finish_reason, last.usage.prompt_tokens, last.usage.completion_tokens) == ("stop", 5, 1)
    asked = json.loads(await seen[0].text())
    assert asked["messages"] == [{"role": "user", "content": "你好"}]
    assert asked["stream_options"] == {"include_usage": True}


async def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAR_KEY", "s3cret")
    seen: list[web.Request] = []
    async with served(script(good(), seen=seen)) as url, running(url, api_key_env="FAR_KEY") as engine:
        await say(engine)
    assert seen[0].headers["Authorization"] == "Bearer s3cret"

    monkeypatch.delenv("FAR_KEY")
    with pytest.raises(ModelNotAvailable, match="set FAR_KEY"):
        await RemoteEngine(entry_of("http://127.0.0.1:1/v1", api_key_env="FAR_KEY")).start()


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
async def test_what_may_pass_is_tried_again(code: int) -> None:
    async with served(script(status(code), status(code), good())) as url, running(url) as engine:
        assert (await say(engine))[0].text == "Bonjour"


async def test_waits_as_long_as_the_server_says() -> None:
    async with served(script(status(429, **{"Retry-After": "1"}), good())) as url, running(url) as engine:
        begin = asyncio.get_running_loop().time()
        await say(engine)

    assert asyncio.get_running_loop().time() - begin >= 1


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 422])
async def test_what_will_not_pass_is_not_tried_again(code: int) -> None:
    seen: list[web.Request] = []
    async with served(script(status(code), seen=seen)) as url, running(url) as engine:
        with pytest.raises(HeadraceError):
            await say(engine)

    assert len(seen) == 1


@pytest.mark.parametrize(
    "body",
    [
        GOOD.split(b'data: {"choices": [{"delta": {},')[0],  # cut off
        b"data: {nonsense}\n\n",
        b'data: {"error": {"message": "out of memory", "code": 500}}\n\n',
        b"data: " + b"x" * 5000,  # more than answer_bytes
        b"<html>not a stream</html>",
    ],
)
async def test_a_broken_stream_is_a_failure_of_the_server(body: bytes) -> None:
    async with served(script(good(body))) as url, running(url, answer_bytes=2048, retries=0) as engine:
        with pytest.raises(UpstreamFailed):
            await say(engine)


async def test_nothing_is_tried_again_once_something_was_said() -> None:
    seen: list[web.Request] = []
    cut = good(GOOD.split(b'data: {"choices": [{"delta": {},')[0])
    async with served(script(cut, seen=seen)) as url, running(url) as engine:
        with pytest.raises(UpstreamFailed, match="in the middle"):
            await say(engine)

    assert len(seen) == 1


async def test_silence_ends() -> None:
    async def stall(request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return good()

    async with served(stall) as url, running(url, timeout_s=0.2, retries=0) as engine:
        with pytest.raises(UpstreamFailed, match="silent"):
            await say(engine)


async def test_a_server_that_keeps_failing_rests() -> None:
    seen: list[web.Request] = []
    async with (
        served(script(status(500), seen=seen)) as url,
        running(url, retries=0, failures=2) as engine,
    ):
        for _ in range(4):
            with pytest.raises(UpstreamFailed):
                await say(engine)

    assert len(seen) == 2


async def test_nobody_there() -> None:
    async with running("http://127.0.0.1:1/v1", retries=1) as engine:
        with pytest.raises(UpstreamFailed, match="cannot be reached"):
            await say(engine)


async def test_an_adapter_cannot_be_sent_there() -> None:
    pin = AdapterPin(name="tuned", version="1", uri="objects/x", sha256="0" * 64)
    async with running("http://127.0.0.1:1/v1") as engine:
        with pytest.raises(ModelNotAvailable, match="adapter tuned"):
            await anext(aiter(engine.generate(Generation(HELLO.messages, adapter=pin))))


def test_every_status_is_mapped() -> None:
    entry = entry_of("http://far/v1")
    expected = {400: InvalidRequest, 401: ModelNotAvailable, 403: ModelNotAvailable, 404: ModelNotAvailable,
                413: TooLarge, 422: InvalidRequest, 429: Overloaded, 503: Overloaded, 529: Overloaded}  # fmt: skip

    for code in range(201, 600):
        assert type(mapped(entry, code, None, "")) is expected.get(code, UpstreamFailed), code
    assert isinstance(mapped(entry, 400, "context_length_exceeded", ""), ContextTooLong)
    assert isinstance(mapped(entry, 400, 400, "the maximum context length is 4096"), ContextTooLong)


def test_every_error_of_the_client_library_is_mapped() -> None:
    def kinds(root: type[BaseException]) -> set[type[BaseException]]:
        return {root}.union(*(kinds(child) for child in root.__subclasses__()))

    caught = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
    for kind in kinds(aiohttp.ClientError):
        assert issubclass(kind, caught)
        assert isinstance(failure(entry_of("http://far/v1"), kind.__new__(kind)), UpstreamFailed)
    foreign = [each for each in vars(aiohttp).values() if isinstance(each, type) and issubclass(each, Exception)]
    outside = {each.__name__ for each in foreign if not issubclass(each, caught)}
    elsewhere = {"EofStream", "WSMessageTypeError", "WebSocketError"}  # of uploads and WebSockets
    warnings = {"BadContentDispositionHeader", "BadContentDispositionParam"}
    assert outside <= elsewhere | warnings


async def test_a_server_that_tells_no_logprobs_is_told_of() -> None:
    asking = Generation(HELLO.messages, sampling=Sampling(logprobs=True))
    async with served(script(good())) as url, running(url) as engine:
        with pytest.raises(InvalidField, match="tells no logprobs"):
            [piece async for piece in engine.generate(asking)]

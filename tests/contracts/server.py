"""A server of the OpenAI API with an engine behind it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from schemas.errors import HeadraceError
from schemas.requests import Request, Sampling
from streams.gateway.logprobs import of_chat, of_completion
from workers.engines.port import Engine, Generation, Piece

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    """The base URL under which ``handler`` answers chats and completions."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", handler)
    app.router.add_post("/v1/completions", handler)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def speaking(engine: Engine) -> Handler:
    """Streams what ``engine`` says."""

    async def handle(request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        assert asked.pop("stream_options") == {"include_usage": True}
        if "prompt" in asked and (alternatives := asked.pop("logprobs", None)) is not None:
            asked |= {"logprobs": True, "top_logprobs": alternatives}
        request_of = Request.model_validate(asked | {"kind": "completion" if "prompt" in asked else "chat"})
        sampling = Sampling.model_validate({name: getattr(request_of, name) for name in Sampling.model_fields})
        pieces = aiter(engine.generate(Generation(request_of.messages, request_of.prompt, sampling)))
        try:
            return await stream(request, await anext(pieces), pieces, "text" if "prompt" in asked else "delta")
        except HeadraceError as error:
            return web.json_response({"error": error.body().model_dump()}, status=error.http_status)
        except ConnectionResetError:
            return web.Response()
        finally:
            await pieces.aclose()  # type: ignore[attr-defined]  # every engine's iterator is a generator

    return handle


async def stream(request: web.Request, first: Piece, rest: AsyncIterator[Piece], field: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(event(first, field))
    async for piece in rest:
        await response.write(event(piece, field))
    await response.write(b"data: [DONE]\n\n")
    return response


def event(piece: Piece, field: str) -> bytes:
    text: Any = piece.text if field == "text" else {"content": piece.text}
    usage = piece.usage.model_dump() if piece.usage else None
    told = (
        (of_completion(piece.logprobs, 0) if field == "text" else of_chat(piece.logprobs)) if piece.logprobs else None
    )
    choice = {"index": 0, field: text, "logprobs": told, "finish_reason": piece.finish_reason}
    chunk = {"choices": [choice], "usage": usage}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"

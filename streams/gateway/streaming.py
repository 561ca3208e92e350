"""A streamed answer: screened chunks as they come, and what they left out once the whole answer is there."""

import time
from collections.abc import Sequence
from typing import Any, Protocol

from aiohttp import web

from schemas.errors import HeadraceError, InternalError
from schemas.responses import Chunk, Response
from schemas.results import Usage
from streams.gateway.answers import Waiter
from streams.gateway.errors import completed, envelope
from streams.gateway.exchange import Exchange
from streams.gateway.parts import Meter
from streams.gateway.sse import EventStream

KEEP_ALIVE_S = 10.0


class Shape(Protocol):
    """How pieces of an answer look on this endpoint."""

    def opening(self) -> Sequence[dict[str, Any]]: ...

    def piece(self, text: str) -> dict[str, Any]: ...

    def finish(self, reason: str) -> dict[str, Any]: ...

    def usage(self, usage: Usage) -> Sequence[dict[str, Any]]: ...


class Sent:
    """The text that the client has. Chunks may repeat, overlap or be missing: only what follows on is new."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, chunk: Chunk) -> str:
        """What of a chunk is new; nothing when there is a gap before it, which the whole answer will close."""
        known = len(self.text) - chunk.position
        new = chunk.text[known:] if known >= 0 else ""
        self.text += new
        return new

    def rest(self, response: Response) -> str:
        """What of the whole answer is still to be sent.

        Raises:
            Ended: there is no answer.
            InternalError: the answer does not begin with what was sent.
        """
        if not completed(response).text.startswith(self.text):
            raise InternalError("the final answer differs from what was streamed: read it at /v1/requests/{id}")
        return response.text[len(self.text) :]


async def stream(
    request: web.Request, exchange: Exchange, waiter: Waiter, shape: Shape, meter: Meter
) -> web.StreamResponse:
    """Stream the answer that is waited for. What fails before the first event fails with a status; after it, with an
    ``error`` event and the finish reason ``content_filter``."""
    began = time.perf_counter()
    events = exchange.events(waiter, KEEP_ALIVE_S)
    first = await anext(events)
    if isinstance(first, Response):
        completed(first)
    meter.first_token(time.perf_counter() - began)
    out, sent = EventStream(request), Sent()
    await out.open()
    for data in shape.opening():
        await out.send(data)
    event: Chunk | Response | None = first
    try:
        while not isinstance(event, Response):
            await _pass_on(event, out, sent, shape)
            event = await anext(events)
        await _finish(event, out, sent, shape)
    except HeadraceError as error:
        await out.send(shape.finish("content_filter"))
        await out.send(envelope(error.body()))
    await out.close()
    return out.response


async def _pass_on(chunk: Chunk | None, out: EventStream, sent: Sent, shape: Shape) -> None:
    if chunk is None:
        await out.keep_alive()
    elif text := sent.add(chunk):
        await out.send(shape.piece(text))


async def _finish(response: Response, out: EventStream, sent: Sent, shape: Shape) -> None:
    if rest := sent.rest(response):
        await out.send(shape.piece(rest))
    await out.send(shape.finish(response.finish_reason))
    for data in shape.usage(response.usage):
        await out.send(data)

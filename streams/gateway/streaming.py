"""A streamed answer: screened chunks as they come, and what they left out once the whole answer is there."""

import time
from collections.abc import Sequence
from contextlib import aclosing
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

    def finish(self, reason: str, response: Response | None) -> dict[str, Any]: ...

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


class Delivery:
    """One stream on its way to one client."""

    def __init__(self, out: EventStream, shape: Shape, meter: Meter) -> None:
        self._out, self._shape, self._meter = out, shape, meter
        self._began = time.perf_counter()
        self._sent = Sent()

    async def begin(self) -> None:
        await self._out.open()
        for data in self._shape.opening():
            await self._out.send(data)

    async def pass_on(self, chunk: Chunk | None) -> None:
        """Send what is new in a chunk; a sign of life when there is none."""
        if chunk is None:
            await self._out.keep_alive()
        elif text := self._sent.add(chunk):
            await self._text(text, first=self._sent.text == text)

    async def finish(self, response: Response) -> None:
        """Send what is still missing of the answer, and how it ended."""
        if rest := self._sent.rest(response):
            await self._text(rest, first=not self._sent.text)
        await self._out.send(self._shape.finish(response.finish_reason, response))
        for data in self._shape.usage(response.usage):
            await self._out.send(data)
        await self._out.close()

    async def fail(self, error: HeadraceError) -> None:
        await self._out.send(self._shape.finish("content_filter", None))
        await self._out.send(envelope(error.body()))
        await self._out.close()

    async def _text(self, text: str, *, first: bool) -> None:
        if first:
            self._meter.first_token(time.perf_counter() - self._began)
        await self._out.send(self._shape.piece(text))


async def stream(
    request: web.Request, exchange: Exchange, waiter: Waiter, shape: Shape, meter: Meter
) -> web.StreamResponse:
    """Stream the answer that is waited for. What fails before the first event fails with a status; after it, with an
    ``error`` event and the finish reason ``content_filter``."""
    out = EventStream(request)
    delivery = Delivery(out, shape, meter)
    async with aclosing(exchange.events(waiter, KEEP_ALIVE_S)) as events:
        event = await anext(events)
        if isinstance(event, Response):
            completed(event)
        await delivery.begin()
        try:
            while not isinstance(event, Response):
                await delivery.pass_on(event)
                event = await anext(events)
            await delivery.finish(event)
        except HeadraceError as error:
            await delivery.fail(error)
    return out.response

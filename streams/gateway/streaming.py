"""A streamed answer: screened chunks as they come, and what they left out once the whole answer is there."""

import time
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, Protocol

from aiohttp import web

from schemas.errors import HeadraceError
from schemas.requests import Request
from schemas.responses import Chunk, Response
from schemas.results import Usage
from streams.gateway.answers import Waiter
from streams.gateway.errors import completed, envelope
from streams.gateway.exchange import Exchange
from streams.gateway.parts import Meter
from streams.gateway.sent import Fresh, Sent
from streams.gateway.sse import EventStream

KEEP_ALIVE_S = 10.0


class Shape(Protocol):
    """How pieces of an answer look on this endpoint."""

    @property
    def request(self) -> Request: ...

    def opening(self) -> Sequence[dict[str, Any]]: ...

    def piece(self, fresh: Fresh) -> dict[str, Any]: ...

    def finish(self, index: int, reason: str, response: Response | None) -> dict[str, Any]: ...

    def usage(self, usage: Usage) -> Sequence[dict[str, Any]]: ...


class Delivery:
    """One stream of ``count`` choices on its way to one client."""

    def __init__(self, out: EventStream, shape: Shape, meter: Meter, count: int) -> None:
        self._out, self._shape, self._meter = out, shape, meter
        self._began = time.perf_counter()
        self._sent = [Sent(index) for index in range(count)]
        self._silent = True

    async def begin(self) -> None:
        await self._out.open()
        for data in self._shape.opening():
            await self._out.send(data)

    async def pass_on(self, chunk: Chunk | None) -> None:
        """Send what is new in a chunk; a sign of life when there is none."""
        if chunk is None:
            await self._out.keep_alive()
        elif chunk.index < len(self._sent):
            await self._send(self._sent[chunk.index].add(chunk))

    async def finish(self, response: Response) -> None:
        """Send what is still missing of the answer, and how each choice ended.

        Raises:
            Ended: there is no answer.
            InternalError: the answer does not begin with what was sent.
        """
        choices = completed(response).choices
        for sent, choice in zip(self._sent, choices, strict=False):
            await self._send(sent.rest(choice))
        for index, choice in enumerate(choices):
            await self._out.send(self._shape.finish(index, choice.finish_reason, response))
        for data in self._shape.usage(response.usage):
            await self._out.send(data)
        await self._out.close()

    async def fail(self, error: HeadraceError) -> None:
        for index, _ in enumerate(self._sent):
            await self._out.send(self._shape.finish(index, "content_filter", None))
        await self._out.send(envelope(error.body()))
        await self._out.close()

    async def _send(self, fresh: Fresh) -> None:
        if not fresh:
            return
        if self._silent:
            self._meter.first_token(time.perf_counter() - self._began)
            self._silent = False
        await self._out.send(self._shape.piece(fresh))


async def stream(
    request: web.Request, exchange: Exchange, waiter: Waiter, shape: Shape, meter: Meter
) -> web.StreamResponse:
    """Stream the answer that is waited for. What fails before the first event fails with a status; after it, with an
    ``error`` event and the finish reason ``content_filter``."""
    out = EventStream(request)
    delivery = Delivery(out, shape, meter, shape.request.n)
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

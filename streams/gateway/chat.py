"""``POST /v1/chat/completions``."""

from collections.abc import Iterable

from aiohttp import web

from schemas.requests import Request
from streams.gateway.access import Access, Caller
from streams.gateway.asked import Chat, to_request
from streams.gateway.bodies import read
from streams.gateway.errors import completed
from streams.gateway.exchange import Exchange
from streams.gateway.parts import Meter
from streams.gateway.replies import reply
from streams.gateway.shapes import ChatShape, Shape
from streams.gateway.streaming import stream


class ChatCompletions:
    def __init__(self, exchange: Exchange, meter: Meter) -> None:
        self._exchange, self._meter = exchange, meter

    def routes(self, access: Access) -> Iterable[web.RouteDef]:
        return [web.post("/v1/chat/completions", access.scoped("requests", self.create))]

    async def create(self, http: web.Request, caller: Caller) -> web.StreamResponse:
        asked = await read(http, Chat)
        request = to_request(asked, "chat", caller)
        shape = ChatShape(request, asked.stream_options.include_usage, "chat.completion", "chat.completion.chunk")
        return await generate(http, self._exchange, self._meter, request, shape, caller)


async def generate(
    http: web.Request, exchange: Exchange, meter: Meter, request: Request, shape: Shape, caller: Caller
) -> web.StreamResponse:
    """Ask for text, and answer with it whole or as a stream."""
    async with exchange.opened(request, caller) as waiter:
        if request.stream:
            return await stream(http, exchange, waiter, shape, meter)
        return reply(shape.answer(completed(await exchange.end(waiter))))

"""``POST /v1/completions``."""

from collections.abc import Iterable

from aiohttp import web

from streams.gateway.access import Access, Caller
from streams.gateway.asked import Completion, counted, to_request
from streams.gateway.bodies import parse, read_object
from streams.gateway.chat import generate
from streams.gateway.exchange import Exchange
from streams.gateway.parts import Meter
from streams.gateway.shapes import Shape


class Completions:
    def __init__(self, exchange: Exchange, meter: Meter) -> None:
        self._exchange, self._meter = exchange, meter

    def routes(self, access: Access) -> Iterable[web.RouteDef]:
        return [web.post("/v1/completions", access.scoped("requests", self.create))]

    async def create(self, http: web.Request, caller: Caller) -> web.StreamResponse:
        asked = parse(Completion, counted(await read_object(http)))
        request = to_request(asked, "completion", caller)
        shape = Shape(request, asked.stream_options.include_usage, "text_completion", "text_completion")
        return await generate(http, self._exchange, self._meter, request, shape, caller)

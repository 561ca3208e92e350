"""``/health/live``, ``/health/ready`` and ``/metrics``: for those who run this, without a key and without content."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web

from streams.gateway.parts import Meter
from streams.gateway.replies import reply


class Health:
    def __init__(self, ready: Callable[[], Awaitable[Mapping[str, bool]]], meter: Meter) -> None:
        self._ready, self._meter = ready, meter

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.get("/health/live", self.live),
            web.get("/health/ready", self.ready),
            web.get("/metrics", self.metrics),
        ]

    async def live(self, http: web.Request) -> web.Response:
        return reply({"status": "live"})

    async def ready(self, http: web.Request) -> web.Response:
        """200 when all that is needed is there, else 503; either way it says what is and what is not."""
        checks = dict(await self._ready())
        ready = all(checks.values())
        body = {"status": "ready" if ready else "waiting", "checks": checks}
        return reply(body, status=200 if ready else 503)

    async def metrics(self, http: web.Request) -> web.Response:
        body, content_type = self._meter.exposition()
        return web.Response(body=body, headers={"Content-Type": content_type})

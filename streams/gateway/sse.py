"""Server-sent events (WHATWG HTML, section 9.2) to one client."""

import asyncio
from typing import Any

import orjson
from aiohttp import web

from streams.gateway.access import REQUEST_ID

STALLED_S = 60.0
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}


class EventStream:
    """Writes wait for the client to read, so a slow one slows only itself; one that stops reading has left."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.response = web.StreamResponse(headers=HEADERS)
        self.response.headers["X-Request-Id"] = request.get(REQUEST_ID, "")

    async def open(self) -> None:
        await self.response.prepare(self._request)

    async def send(self, data: dict[str, Any], *, event_id: str = "") -> None:
        await self._write(_named(event_id) + b"data: " + orjson.dumps(data) + b"\n\n")

    async def keep_alive(self, *, event_id: str = "") -> None:
        """A comment: nothing to the client, traffic to every proxy between."""
        await self._write(_named(event_id) + b": waiting\n\n")

    async def close(self) -> None:
        await self._write(b"data: [DONE]\n\n")
        await self.response.write_eof()

    async def _write(self, data: bytes) -> None:
        try:
            async with asyncio.timeout(STALLED_S):
                await self.response.write(data)
        except TimeoutError as error:
            raise ConnectionResetError("the client stopped reading") from error


def _named(event_id: str) -> bytes:
    """What the client sends back as ``Last-Event-ID``."""
    return f"id: {event_id}\n".encode() if event_id else b""

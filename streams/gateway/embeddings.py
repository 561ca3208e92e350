"""``POST /v1/embeddings``."""

import struct
from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Any

from aiohttp import web

from schemas.responses import Response
from streams.gateway.access import Access, Caller
from streams.gateway.asked import Embedding, to_request
from streams.gateway.bodies import read
from streams.gateway.errors import completed
from streams.gateway.exchange import Exchange
from streams.gateway.replies import reply
from streams.gateway.shapes import provenance


class Embeddings:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self, access: Access) -> Iterable[web.RouteDef]:
        return [web.post("/v1/embeddings", access.scoped("requests", self.create))]

    async def create(self, http: web.Request, caller: Caller) -> web.Response:
        asked = await read(http, Embedding)
        request = to_request(asked, "embedding", caller)
        response = completed(await self._exchange.ask(request, caller))
        return reply(embeddings(response, request.model, base64=asked.encoding_format == "base64"))


def embeddings(response: Response, model: str | None, *, base64: bool) -> dict[str, Any]:
    """The OpenAI list of vectors, in the order of the input."""
    used = response.usage
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": packed(vector) if base64 else list(vector)}
            for index, vector in enumerate(response.embeddings)
        ],
        "model": response.versions.model or model or "",
        "usage": {"prompt_tokens": used.prompt_tokens, "total_tokens": used.total_tokens},
        "headrace": provenance(response),
    }


def packed(vector: Sequence[float]) -> str:
    """Little-endian float32 in base64, as the OpenAI clients unpack it."""
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()

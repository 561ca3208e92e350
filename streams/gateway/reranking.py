"""``POST /v1/rerank``."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from schemas.responses import Response
from streams.gateway.access import Access, Caller
from streams.gateway.asked import Rerank, to_request
from streams.gateway.bodies import read
from streams.gateway.errors import completed
from streams.gateway.exchange import Exchange
from streams.gateway.replies import reply
from streams.gateway.shapes import provenance


class Reranking:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self, access: Access) -> Iterable[web.RouteDef]:
        return [web.post("/v1/rerank", access.scoped("requests", self.create))]

    async def create(self, http: web.Request, caller: Caller) -> web.Response:
        asked = await read(http, Rerank)
        response = completed(await self._exchange.ask(to_request(asked, "rerank", caller), caller))
        return reply(ranking(response, asked))


def ranking(response: Response, asked: Rerank) -> dict[str, Any]:
    """The documents that answer best, the best first; of two alike, that which was sent first."""
    best = sorted(response.scores.items(), key=lambda item: -item[1])[: asked.top_n]
    used = response.usage
    return {
        "id": response.id,
        "model": response.versions.model or asked.model or "",
        "results": [_result(int(number), score, asked) for number, score in best],
        "usage": {"prompt_tokens": used.prompt_tokens, "total_tokens": used.total_tokens},
        "headrace": provenance(response),
    }


def _result(number: int, score: float, asked: Rerank) -> dict[str, Any]:
    document = {"document": {"text": asked.documents[number]}} if asked.return_documents else {}
    return {"index": number, "relevance_score": score, **document}

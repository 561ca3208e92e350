"""``GET /v1/models`` and ``/v1/models/{id}``."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from aiohttp import web

from schemas.errors import ModelNotFound
from streams.gateway.access import Access, Caller
from streams.gateway.parts import ShownModel
from streams.gateway.replies import reply


class Models:
    def __init__(self, cards: Callable[[], Sequence[ShownModel]]) -> None:
        self._cards = cards

    def routes(self, access: Access) -> Iterable[web.RouteDef]:
        return [
            web.get("/v1/models", access.scoped(None, self.list)),
            web.get("/v1/models/{id}", access.scoped(None, self.get)),
        ]

    async def list(self, http: web.Request, caller: Caller) -> web.Response:
        return reply({"object": "list", "data": [shown(card) for card in self._cards()]})

    async def get(self, http: web.Request, caller: Caller) -> web.Response:
        name = http.match_info["id"]
        for card in self._cards():
            if card.name == name:
                return reply(shown(card))
        raise ModelNotFound(f"there is no model {name!r}: see /v1/models for those there are", param="model")


def shown(card: ShownModel) -> dict[str, Any]:
    """The OpenAI model object."""
    return {
        "id": card.name,
        "object": "model",
        "created": card.created,
        "owned_by": "headrace" if card.local else "remote",
        "version": card.version,
        "capabilities": list(card.capabilities),
        "context": card.context,
    }

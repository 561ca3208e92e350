"""Answers in Redis, for those who ask again: JSON under tenant and id, for as long as settings say."""

from infra.redis import Store
from infra.settings import CacheSettings
from schemas.responses import Response
from streams.cache.packing import pack, unpack

LIMIT = 64 * 2**20


class AnswerStore:
    """Every method raises ``Unavailable`` while Redis is away."""

    def __init__(self, store: Store, settings: CacheSettings) -> None:
        self._store, self._ttl_s = store, settings.answers_ttl_s

    async def put(self, response: Response, said: bytes) -> None:
        """Keep an answer; ``said`` is its JSON as it was published."""
        await self._store.set(_key(response.tenant, response.id), pack(said), self._ttl_s)

    async def get(self, tenant: str | None, request_id: str) -> Response | None:
        data = await self._store.get(_key(tenant, request_id))
        return Response.model_validate_json(unpack(data, LIMIT)) if data else None


def _key(tenant: str | None, request_id: str) -> str:
    return f"answer:{tenant or ''}:{request_id}"

"""Answers in Redis, for those who ask again: JSON under tenant and id, for as long as settings say."""

from infra.redis import Store
from infra.settings import CacheSettings
from infra.vault.kept import Kept
from infra.vault.vault import Vault
from schemas.responses import Response
from streams.cache.packing import pack, unpack

LIMIT = 64 * 2**20


class AnswerStore:
    """Every method raises ``Unavailable`` while Redis is away."""

    def __init__(self, store: Store, settings: CacheSettings, vault: Vault | None = None) -> None:
        self._store, self._ttl_s = store, settings.answers_ttl_s
        self._kept = Kept(store, vault) if vault else None

    async def put(self, response: Response, said: bytes) -> None:
        """Keep an answer; ``said`` is its JSON as it was published."""
        key = _key(response.tenant, response.id)
        if self._kept and response.subject:
            await self._kept.set(key, pack(said), self._ttl_s, response.subject)
        else:
            await self._store.set(key, pack(said), self._ttl_s)

    async def get(self, tenant: str | None, request_id: str) -> Response | None:
        data = await self._store.get(_key(tenant, request_id))
        if self._kept and data and data[:1] == b"\0":
            data = await self._kept.open(_key(tenant, request_id), data)
        return Response.model_validate_json(unpack(data, LIMIT)) if data else None


def _key(tenant: str | None, request_id: str) -> str:
    return f"answer:{tenant or ''}:{request_id}"

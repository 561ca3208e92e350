"""Answers kept for those who ask the same: JSON in Redis, gone a fixed time after they were made."""

from typing import Literal, Self

from infra.redis import Store
from infra.settings import CacheSettings
from infra.vault.kept import Kept
from infra.vault.vault import Vault
from schemas.base import Frozen
from schemas.errors import Unavailable
from schemas.responses import Response, Versions
from schemas.results import Choice, TokenLogprob, Usage
from schemas.screening import Action
from streams.cache.packing import pack, unpack

MAX_BYTES = 8 * 2**20


class Cached(Frozen):
    """A complete, screened answer; there is no other kind, so none other can be kept."""

    text: str = ""
    embeddings: tuple[tuple[float, ...], ...] = ()
    finish_reason: Literal["stop", "length"] = "stop"
    logprobs: tuple[TokenLogprob, ...] = ()
    others: tuple[Choice, ...] = ()
    usage: Usage = Usage()
    versions: Versions
    request_id: str

    @classmethod
    def of(cls, response: Response) -> Self | None:
        """``None`` when the response is no complete answer that was let out, or came from the cache itself:
        to keep that again would prolong its life."""
        if response.status != "completed" or response.error or response.cached or response.file:
            return None
        if response.verdict.action not in (Action.ALLOW, Action.REDACT):
            return None
        if any(choice.finish_reason not in ("stop", "length") for choice in response.choices):
            return None
        if not (any(choice.text for choice in response.choices) or response.embeddings):
            return None
        return cls(
            text=response.text,
            embeddings=response.embeddings,
            finish_reason=response.finish_reason,
            logprobs=response.logprobs,
            others=response.others,
            usage=response.usage,
            versions=response.versions,
            request_id=response.id,
        )


class AnswerCache:
    """Looks up and keeps; while Redis is away, nothing is found and nothing is kept."""

    def __init__(self, store: Store, settings: CacheSettings, vault: Vault | None = None) -> None:
        self._store, self._settings = store, settings
        self._kept = Kept(store, vault) if vault else None

    @property
    def enabled(self) -> bool:
        return self._settings.enabled

    async def get(self, key: str) -> Cached | None:
        """The answer under ``key``. One that cannot be read is deleted."""
        if not self.enabled:
            return None
        try:
            data = await self._store.get(_name(key))
            if self._kept and data and data[:1] == b"\0":
                data = await self._kept.open(_name(key), data) or b""
            if data is None:
                return None
            cached = _unpack(data)
            if cached is None:
                await self._store.delete(_name(key))
        except Unavailable:
            return None
        return cached

    async def put(self, key: str, response: Response) -> bool:
        """Keep an answer for ``ttl_s`` from now on; whether it was kept."""
        cached = Cached.of(response) if self.enabled else None
        data = cached.model_dump_json(exclude_none=True).encode() if cached else b""
        if not 0 < len(data) <= MAX_BYTES:
            return False
        try:
            if self._kept and response.subject:
                return await self._kept.set(_name(key), pack(data), self._settings.ttl_s, response.subject)
            return await self._store.set(_name(key), pack(data), self._settings.ttl_s)
        except Unavailable:
            return False


def _name(key: str) -> str:
    return f"cache:{key}"


def _unpack(data: bytes) -> Cached | None:
    """The answer in an entry; ``None`` when it is damaged, cut off, too large, or of another shape."""
    try:
        return Cached.model_validate_json(unpack(data, MAX_BYTES))
    except ValueError:
        return None

"""Values in Redis and files in the object store that are about somebody: sealed if settings say so, and found again
when they are to be purged."""

import asyncio
from typing import Protocol

from infra.redis import Store
from infra.vault.sealing import is_sealed
from infra.vault.vault import Vault
from schemas.errors import KeyErased, NotFound, SealBroken

NOTE = """
redis.call('SADD', KEYS[1], ARGV[1])
if redis.call('TTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return 1
"""
FILE = "file"
OVERHEAD = 256
"""More bytes than sealing adds."""


class Objects(Protocol):
    """``infra.objects.ObjectStore``, as far as it keeps bytes."""

    def put(self, data: bytes) -> tuple[str, str]: ...

    def get(self, uri: str, sha256: str, limit: int) -> bytes: ...


class Kept:
    """Redis for what is about subjects: a set for each names its keys for as long as they live. Every method raises
    ``Unavailable`` while Redis is away."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store, self._vault = store, vault

    async def set(self, key: str, value: bytes, ttl_s: int, subject: str) -> bool:
        """Whether it was kept: not for a subject that was erased meanwhile."""
        try:
            sealed = await self._vault.seal(subject, value, key)
        except KeyErased:
            return False
        await self._store.script(NOTE, [f"subject:{subject.partition('.')[0]}"], [key, ttl_s])
        return await self._store.set(key, sealed if self._vault.stores else value, ttl_s)

    async def open(self, key: str, value: bytes | None) -> bytes | None:
        """A value as it was given to ``set``; ``None`` when it was erased or changed."""
        if value is None or not is_sealed(value):
            return value
        try:
            return await self._vault.open(value, key)
        except (KeyErased, SealBroken, NotFound):
            return None

    async def purge(self, subject: str) -> int:
        """Delete all that is about a subject; how many keys that were."""
        names = await self._store.script("return redis.call('SMEMBERS', KEYS[1])", [f"subject:{subject}"])
        return await self._store.delete(*(name.decode() for name in names), f"subject:{subject}")


class SealedFiles:
    """The object store for files of subjects; its calls run in threads. An uri and digest are those of the bytes as
    they are kept, so a sealed file is one file for each subject."""

    def __init__(self, objects: Objects, vault: Vault | None) -> None:
        self._objects, self._vault = objects, vault

    async def put(self, data: bytes, subject: str | None) -> tuple[str, str]:
        if self._vault and self._vault.stores and subject:
            data = await self._vault.seal(subject, data, FILE)
        return await asyncio.to_thread(self._objects.put, data)

    async def get(self, uri: str, sha256: str, limit: int) -> bytes:
        """Raises what ``ObjectStore.get`` does, and ``KeyErased``."""
        data = await asyncio.to_thread(self._objects.get, uri, sha256, limit + OVERHEAD)
        if self._vault and is_sealed(data):
            return await self._vault.open(data, FILE)
        return data

"""Data keys in Redis or Valkey, for processes of many machines.

It must be one that keeps what it is given: with persistence, and with no eviction of keys that have no expiry.
"""

from infra.redis import Store
from infra.vault.port import DataKey, key_id, parts
from infra.vault.wrapping import Wrapping
from schemas.errors import KeyErased, NotFound

MAKE = """
local last = redis.call('HGET', KEYS[1], 'last') or '0'
local wrapped = redis.call('HGET', KEYS[1], last) or ''
if last ~= ARGV[1] or wrapped ~= '' then return 0 end
redis.call('HSET', KEYS[1], 'last', ARGV[2], ARGV[2], ARGV[3])
return 1
"""
ERASE = """
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '0')
for generation = 1, last do redis.call('HSET', KEYS[1], tostring(generation), '') end
return last
"""
READ = """
local last = redis.call('HGET', KEYS[1], 'last') or '0'
local generation = ARGV[1]
if generation == '' then generation = last end
return {generation, redis.call('HGET', KEYS[1], generation)}
"""
REPLACE = """
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) return 1 end
return 0
"""


class RedisKeys:
    """A ``KeyStore``: a hash for each subject, with the number of its last generation and a wrapped key for each, empty
    once it was erased."""

    def __init__(self, store: Store, master_key: bytes) -> None:
        self._store, self._wrapping = store, Wrapping(master_key)

    async def current(self, subject: str) -> DataKey:
        while True:
            generation, wrapped = await self._read(subject)
            if wrapped:
                return self._wrapping.unwrap(key_id(subject, generation), wrapped)
            key, wrapped = self._wrapping.new(key_id(subject, generation + 1))
            if await self._store.script(MAKE, [_name(subject)], [str(generation), str(generation + 1), wrapped]):
                return key

    async def get(self, key_id: str) -> DataKey:
        subject, generation = parts(key_id)
        _, wrapped = await self._read(subject, generation)
        if wrapped is None:
            raise NotFound(f"there is no data key {key_id} in Redis: was another key store used?")
        if not wrapped:
            raise KeyErased(f"the data key {key_id} was erased, so what it sealed cannot be read any more")
        return self._wrapping.unwrap(key_id, wrapped)

    async def erase(self, subject: str) -> None:
        await self._store.script(ERASE, [_name(subject)])

    async def rewrap(self, old_master_key: bytes) -> int:
        old, done = Wrapping(old_master_key), 0
        async for name in self._store.names("data-key:*"):
            subject = name.removeprefix("data-key:")
            last, _ = await self._read(subject)
            for generation in range(1, last + 1):
                _, wrapped = await self._read(subject, generation)
                if wrapped and not self._wrapping.wrapped(wrapped):
                    again = self._wrapping.wrap(old.unwrap(key_id(subject, generation), wrapped))
                    done += await self._store.script(REPLACE, [_name(subject)], [str(generation), wrapped, again])
        return done

    async def close(self) -> None:
        await self._store.close()

    async def _read(self, subject: str, generation: int | None = None) -> tuple[int, bytes | None]:
        """A generation, by default the last, and its wrapped key: empty when erased, ``None`` when there is none."""
        asked = "" if generation is None else str(generation)
        found, wrapped = await self._store.script(READ, [_name(subject)], [asked])
        return int(found), wrapped


def _name(subject: str) -> str:
    return f"data-key:{subject}"

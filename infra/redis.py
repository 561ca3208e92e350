"""Redis as the platform uses it: a memory that is shared, quick, and allowed to be away."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha1
from typing import Any, TypeVar, cast

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisClusterException, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from infra.settings import RedisSettings, Settings
from schemas.errors import Unavailable

log = logging.getLogger(__name__)

Word = str | bytes | int | float
Command = tuple[Word, ...]
"""A command's name, its key, and the rest: ``("SET", "answer:1", b"…", "EX", 60)``."""

CONNECTIONS = 32
AWAY_S = 1.0
_AWAY = (RedisConnectionError, RedisTimeoutError, RedisClusterException, OSError, TimeoutError)
T = TypeVar("T")


class Store:
    """Keys under the deployment's prefix, on one Redis or Valkey (``redis://``, ``rediss://``) or on a cluster.

    Every call ends within ``timeout_s`` and raises ``Unavailable`` when Redis did not do it. After a lost connection
    or a timeout, calls raise it at once for a second; then one call finds out whether Redis is back.
    """

    def __init__(self, settings: Settings) -> None:
        self._prefix = f"{settings.kafka.prefix}:"
        self._timeout_s = settings.redis.timeout_s
        self._client = _client(settings.redis)
        self._away_until = 0.0
        self._away = False

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = await self._call(lambda: self._client.get(self._prefix + key))
        return value

    async def set(self, key: str, value: bytes, ttl_s: float, only_if_absent: bool = False) -> bool:
        """Whether it was set: not when the key is there and ``only_if_absent``."""
        done = await self._call(
            lambda: self._client.set(self._prefix + key, value, px=max(1, round(ttl_s * 1000)), nx=only_if_absent)
        )
        return bool(done)

    async def delete(self, *keys: str) -> int:
        """How many of the keys there were."""
        prefixed = [self._prefix + key for key in keys]
        return int(await self._call(lambda: self._client.delete(*prefixed))) if keys else 0

    async def script(self, lua: str, keys: Sequence[str], args: Sequence[Word] = ()) -> Any:
        """Run a script atomically. On a cluster its keys share a hash tag (``{tenant}``)."""
        digest = sha1(lua.encode(), usedforsecurity=False).hexdigest()
        words = [*(self._prefix + key for key in keys), *args]

        async def run() -> Any:
            try:
                return await self._client.evalsha(digest, len(keys), *words)
            except NoScriptError:
                return await self._client.eval(lua, len(keys), *words)

        return await self._call(run)

    async def pipeline(self, commands: Sequence[Command]) -> list[Any]:
        """The answers to all commands, sent at once; not a transaction.

        Raises:
            Unavailable: also when only one of them failed.
        """

        async def run() -> list[Any]:
            async with self._client.pipeline(transaction=False) as pipe:
                for name, key, *rest in commands:
                    pipe.execute_command(name, f"{self._prefix}{key!s}", *rest)
                return cast(list[Any], await pipe.execute())

        return await self._call(run)

    async def ready(self) -> bool:
        """Whether Redis answers now."""
        try:
            await self.get("ready")
        except Unavailable:
            return False
        return True

    async def close(self) -> None:
        await self._client.aclose()

    async def _call(self, command: Callable[[], Awaitable[T]]) -> T:
        moment = time.monotonic()
        if moment < self._away_until:
            raise Unavailable("Redis is away: trying it again within a second")
        if self._away:
            self._away_until = moment + AWAY_S
        try:
            async with asyncio.timeout(self._timeout_s):
                result = await command()
        except _AWAY as error:
            raise self._lost(error) from error
        except RedisError as error:
            raise Unavailable(f"Redis refused a command: {error}") from error
        if self._away:
            self._away, self._away_until = False, 0.0
            log.info("redis is back")
        return result

    def _lost(self, error: Exception) -> Unavailable:
        if not self._away:
            log.warning("redis is away, going on without it", extra={"error": type(error).__name__})
        self._away, self._away_until = True, time.monotonic() + AWAY_S
        return Unavailable(f"Redis does not answer within {self._timeout_s} s: check HEADRACE_REDIS__URL")


def _client(redis: RedisSettings) -> Any:
    """A client that has not connected yet and leaves retrying to its callers."""
    options: dict[str, Any] = {
        "socket_timeout": redis.timeout_s,
        "socket_connect_timeout": redis.timeout_s,
        "retry": Retry(NoBackoff(), 0),
    }
    if redis.cluster:
        return RedisCluster.from_url(redis.address, **options)
    pool = BlockingConnectionPool.from_url(
        redis.address, max_connections=CONNECTIONS, timeout=redis.timeout_s, **options
    )
    return Redis.from_pool(pool)

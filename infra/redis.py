"""Redis as the platform uses it: a memory that is shared, quick, and allowed to be away."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from hashlib import sha1
from typing import Any, cast

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
MOST = 1000
"""Commands in one pipeline."""

AWAY_S = 1.0
_AWAY = (RedisConnectionError, RedisTimeoutError, RedisClusterException, OSError, TimeoutError)


class Store:
    """Keys under the deployment's prefix, on one Redis or Valkey (``redis://``, ``rediss://``) or on a cluster.

    Commands that callers give while others are under way go out together, in one pipeline. Every call ends within
    ``timeout_s`` (twice that when it has to wait its turn) and raises ``Unavailable`` when Redis did not do it. After
    a lost connection or a timeout, calls raise it at once for a second; then one finds out whether Redis is back.
    """

    def __init__(self, settings: Settings) -> None:
        self._prefix = f"{settings.kafka.prefix}:"
        self._timeout_s = settings.redis.timeout_s
        self._client = _client(settings.redis)
        self._away_until = 0.0
        self._away = False
        self._waiting: list[tuple[Command, asyncio.Future[Any]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = await self._call("GET", self._prefix + key)
        return value

    async def set(self, key: str, value: bytes, ttl_s: float, only_if_absent: bool = False) -> bool:
        """Whether it was set: not when the key is there and ``only_if_absent``."""
        condition = ("NX",) if only_if_absent else ()
        return bool(await self._call("SET", self._prefix + key, value, "PX", max(1, round(ttl_s * 1000)), *condition))

    async def delete(self, *keys: str) -> int:
        """How many of the keys there were."""
        return sum(await asyncio.gather(*(self._call("DEL", self._prefix + key) for key in keys)))

    async def script(self, lua: str, keys: Sequence[str], args: Sequence[Word] = ()) -> Any:
        """Run a script atomically. On a cluster its keys share a hash tag (``{tenant}``)."""
        digest = sha1(lua.encode(), usedforsecurity=False).hexdigest()
        words = (len(keys), *(self._prefix + key for key in keys), *args)
        try:
            return await self._call("EVALSHA", digest, *words)
        except NoScriptError:
            return await self._call("EVAL", lua, *words)

    async def pipeline(self, commands: Sequence[Command]) -> list[Any]:
        """The answers to all commands, sent at once; not a transaction.

        Raises:
            Unavailable: also when only one of them failed.
        """
        return await asyncio.gather(
            *(self._call(name, f"{self._prefix}{key!s}", *rest) for name, key, *rest in commands)
        )

    async def names(self, pattern: str) -> AsyncIterator[str]:
        """The keys that are like a glob pattern, as they stand while this goes through them.

        Raises:
            Unavailable: Redis does not answer.
        """
        try:
            async for name in self._client.scan_iter(match=self._prefix + pattern, count=MOST):
                yield name.decode().removeprefix(self._prefix)
        except RedisError as error:
            raise Unavailable(f"Redis did not list its keys: {error}") from error

    async def rewrite(self) -> None:
        """Have Redis write its append-only file anew, without what was deleted; one that keeps none, or does not let
        clients ask for it, has its own ways."""
        try:
            await self._client.bgrewriteaof()
        except RedisError as error:
            log.warning("redis did not rewrite its append-only file", extra={"error": str(error)})

    async def ready(self) -> bool:
        """Whether Redis answers now."""
        try:
            await self.get("ready")
        except Unavailable:
            return False
        return True

    async def close(self) -> None:
        if self._sending:
            await asyncio.wait([self._sending])
        await self._client.aclose()

    async def _call(self, *command: Word) -> Any:
        moment = time.monotonic()
        if moment < self._away_until:
            raise Unavailable("Redis is away: trying it again within a second")
        if self._away:
            self._away_until = moment + AWAY_S
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answered))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        answer = await answered
        if isinstance(answer, _AWAY):
            raise self._lost(answer) from answer
        self._back()
        if isinstance(answer, RedisError) and not isinstance(answer, NoScriptError):
            raise Unavailable(f"Redis refused a command: {answer}") from answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _send(self) -> None:
        """Send what waits, and what has come meanwhile, until nothing waits."""
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                answers = await self._exchange([command for command, _ in waiting])
                for (_, answered), answer in zip(waiting, answers, strict=True):
                    if not answered.done():
                        answered.set_result(answer)
        finally:
            self._sending = None

    async def _exchange(self, commands: list[Command]) -> list[Any]:
        """An answer for each command; an error is an answer too."""
        try:
            async with asyncio.timeout(self._timeout_s):
                async with self._client.pipeline(transaction=False) as pipe:
                    for command in commands:
                        pipe.execute_command(*command)
                    return cast(list[Any], await pipe.execute(raise_on_error=False))
        except Exception as error:  # whatever it is, those who wait must hear of it
            return [error] * len(commands)

    def _lost(self, error: Exception) -> Unavailable:
        if not self._away:
            log.warning("redis is away, going on without it", extra={"error": type(error).__name__})
        self._away, self._away_until = True, time.monotonic() + AWAY_S
        return Unavailable(f"Redis does not answer within {self._timeout_s} s: check HEADRACE_REDIS__URL")

    def _back(self) -> None:
        if self._away:
            self._away, self._away_until = False, 0.0
            log.info("redis is back")


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

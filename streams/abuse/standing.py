"""How a tenant or a key stands: each blocked request counts, and counts half after ``half_life_s``.

From ``scrutiny`` on what they ask is judged more strictly, and at ``suspend`` they are suspended for ``suspend_s``.
Redis decides for all processes together; while it is away each decides alone, by the same rules.
"""

import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from infra.conduct import AbuseSettings
from infra.redis import Store
from schemas.errors import Suspended, Unavailable

OFFENDERS = 10_000
NOTED_S = 3600

_NOTE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
local half_life, suspend, suspend_s = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'score', 'at', 'until')
local score, free = tonumber(kept[1] or 0), tonumber(kept[3] or 0)
score = score * 2 ^ (-math.max(0, now - tonumber(kept[2] or now)) / half_life)
if suspend > 0 and redis.call('SET', KEYS[2], 1, 'NX', 'EX', ARGV[4]) then
  score = score + 1
  if score >= suspend and free <= now then free = now + suspend_s end
  redis.call('HSET', KEYS[1], 'score', string.format('%.6f', score), 'at', string.format('%.6f', now),
    'until', string.format('%.6f', free))
  redis.call('EXPIRE', KEYS[1], math.ceil(math.max(20 * half_life, suspend_s)) + 1)
end
return {string.format('%.6f', score), string.format('%.6f', math.max(0, free - now))}
"""

_LOOK = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
local kept = redis.call('HMGET', KEYS[1], 'score', 'at', 'until')
local age = math.max(0, now - tonumber(kept[2] or now))
local score = tonumber(kept[1] or 0) * 2 ^ (-age / tonumber(ARGV[1]))
return {string.format('%.6f', score), string.format('%.6f', math.max(0, tonumber(kept[3] or 0) - now))}
"""


@dataclass(frozen=True)
class Offender:
    """Who is judged: the key that asked, else the tenant."""

    tenant: str
    key_id: str | None = None

    @property
    def name(self) -> str:
        return f"standing:{{{self.tenant}}}:{self.key_id or ''}"

    def noted(self, request_id: str) -> str:
        return f"noted:{{{self.tenant}}}:{request_id}"

    def __str__(self) -> str:
        return f"key {self.key_id}" if self.key_id else f"tenant {self.tenant}"


@dataclass(frozen=True)
class Standing:
    """``score`` is of blocked requests, the older the less; ``left_s`` is how long a suspension lasts still."""

    score: float = 0.0
    left_s: float = 0.0

    @property
    def until(self) -> datetime:
        """To the second, never too early."""
        return (datetime.now(UTC) + timedelta(seconds=math.ceil(self.left_s))).replace(microsecond=0)


class Standings:
    """Keeps and tells how everybody stands."""

    def __init__(self, store: Store, settings: AbuseSettings) -> None:
        self._store, self._settings = store, settings
        self._alone = Alone(settings)

    async def look(self, offender: Offender) -> Standing:
        if not self._settings.suspend:
            return Standing()
        try:
            return _standing(await self._store.script(_LOOK, [offender.name], [self._settings.half_life_s]))
        except Unavailable:
            return self._alone.look(offender)

    async def note(self, offender: Offender, request_id: str) -> Standing:
        """Count a blocked request, once however often it is delivered."""
        settings = self._settings
        if not settings.suspend:
            return Standing()
        words = [settings.half_life_s, settings.suspend, settings.suspend_s, NOTED_S]
        try:
            return _standing(await self._store.script(_NOTE, [offender.name, offender.noted(request_id)], words))
        except Unavailable:
            return self._alone.note(offender, request_id)

    async def check(self, offender: Offender) -> bool:
        """Whether the offender is under scrutiny.

        Raises:
            Suspended: they may not ask now; the message says until when.
        """
        standing = await self.look(offender)
        if standing.left_s > 0:
            raise Suspended(
                f"{offender} is suspended until {standing.until:%Y-%m-%dT%H:%M:%SZ}: too many of its requests were "
                f"blocked by policy. 由于多次请求被策略拦截，已暂停使用至该时刻（UTC）。"
            )
        return bool(self._settings.scrutiny) and standing.score >= self._settings.scrutiny

    async def known(self, tenant: str = "*") -> AsyncIterator[tuple[Offender, Standing]]:
        """Everybody who had something blocked lately."""
        async for name in self._store.names(f"standing:{{{tenant}}}:*"):
            who, _, key_id = name.removeprefix("standing:{").partition("}:")
            offender = Offender(who, key_id or None)
            yield offender, await self.look(offender)

    async def lift(self, offender: Offender) -> bool:
        """Forget what was blocked, and end a suspension; whether there was anything."""
        return bool(await self._store.delete(offender.name))


class Alone:
    """The same rules in this process's memory, for the last ``OFFENDERS``."""

    def __init__(self, settings: AbuseSettings) -> None:
        self._settings = settings
        self._scores: OrderedDict[Offender, tuple[float, float, float]] = OrderedDict()
        self._noted: OrderedDict[str, None] = OrderedDict()

    def look(self, offender: Offender) -> Standing:
        moment = time.monotonic()
        score, at, free = self._scores.get(offender, (0.0, moment, 0.0))
        return Standing(score * 2 ** (-(moment - at) / self._settings.half_life_s), max(0.0, free - moment))

    def note(self, offender: Offender, request_id: str) -> Standing:
        standing, once = self.look(offender), offender.noted(request_id)
        if once in self._noted:
            return standing
        self._noted[once] = None
        moment, score, left_s = time.monotonic(), standing.score + 1, standing.left_s
        if score >= self._settings.suspend and not left_s:
            left_s = self._settings.suspend_s
        self._scores[offender] = (score, moment, moment + left_s if left_s else 0.0)
        self._scores.move_to_end(offender)
        for memory in (self._scores, self._noted):
            if len(memory) > OFFENDERS:
                memory.popitem(last=False)
        return Standing(score, left_s)


def _standing(answer: list[bytes]) -> Standing:
    score, left_s = map(float, answer)
    return Standing(score, left_s)

"""How much a tenant, a key and a client's address may ask: requests a minute, tokens a day.

Requests are counted in slots of five seconds over the last minute (a sliding window): in no minute more than its
number gets through, and the wait until there is room again is known to a slot. Tokens are counted for each day in UTC,
after the answer. A limit of 0 lets nothing pass.
"""

import logging
import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from infra.redis import Store
from infra.settings import LimitSettings
from schemas.errors import QuotaExceeded, RateLimited, Unavailable

log = logging.getLogger(__name__)

MINUTE_S = 60.0
SLOTS = 12
DAY_S = 86_400
SCOPES = 10_000
BOUNDLESS = 10**15
V = TypeVar("V")

_ADMIT = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
local slots, slot_s = tonumber(ARGV[1]), ARGV[2] / ARGV[1]
local slot = math.floor(now / slot_s)
for i = 1, #KEYS, 2 do
  local most, per_day = tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
  if tonumber(redis.call('GET', KEYS[i + 1]) or 0) >= per_day then return {i, 'tokens'} end
  if most <= 0 then return {i, 'inf'} end
  local counts, left, kept = {}, 0, redis.call('HGETALL', KEYS[i])
  for j = 1, #kept, 2 do
    local at = tonumber(kept[j])
    if at < slot - slots then
      redis.call('HDEL', KEYS[i], kept[j])
    else
      counts[at] = tonumber(kept[j + 1])
      left = left + counts[at]
    end
  end
  for at = slot - slots, slot do
    if left < most then break end
    left = left - (counts[at] or 0)
    if left < most then return {i, tostring((at + slots + 1) * slot_s - now)} end
  end
end
for i = 1, #KEYS, 2 do
  redis.call('HINCRBY', KEYS[i], string.format('%.0f', slot), 1)
  redis.call('EXPIRE', KEYS[i], math.ceil(slot_s * (slots + 1)) + 1)
end
return {0, ''}
"""

_CHARGE = """
if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', ARGV[2]) then return 0 end
for i = 2, #KEYS do
  redis.call('INCRBY', KEYS[i], ARGV[1])
  redis.call('EXPIRE', KEYS[i], 172800)
end
return 1
"""


@dataclass(frozen=True)
class Scope:
    """Whom a limit is for. Its keys share the tenant's slot on a cluster."""

    tenant: str
    key_id: str | None
    per_minute: int = 0
    per_day: int = 0
    address: str = ""

    @property
    def window(self) -> str:
        return f"limit:{{{self.tenant}}}:{self._who}:minute"

    def spent(self, day: str) -> str:
        return f"limit:{{{self.tenant}}}:{self._who}:tokens:{day}"

    def rate_limited(self, wait_s: float) -> RateLimited:
        again = "" if math.isinf(wait_s) else f": try again in {max(1, math.ceil(wait_s))} s"
        return RateLimited(f"{self} may ask {self.per_minute} times a minute{again}")

    def quota_exceeded(self, wait_s: float) -> QuotaExceeded:
        return QuotaExceeded(
            f"{self} has spent the {self.per_day} tokens of this day (UTC): try again in {math.ceil(wait_s)} s"
        )

    @property
    def _who(self) -> str:
        return f"@{self.address}" if self.address else self.key_id or ""

    def __str__(self) -> str:
        if self.address:
            return "this client's address"
        return f"key {self.key_id}" if self.key_id else f"tenant {self.tenant}"


class Limiter:
    """Decides in Redis, for all processes together. While Redis is away each process decides alone, with the same
    limits: the whole then gets at most as many times its limit as there are processes."""

    def __init__(self, store: Store, limits: LimitSettings, minute_s: float = MINUTE_S) -> None:
        self._store, self._limits, self._minute_s = store, limits, minute_s
        self._alone = Window(minute_s)
        self._away = False

    async def admit(
        self,
        tenant: str,
        key_id: str | None = None,
        requests_per_minute: int | None = None,
        tokens_per_day: int | None = None,
        address: str | None = None,
    ) -> None:
        """Count one request of the tenant, of the key with its own limits (the settings' where it has none), and of the
        address it came from over HTTP (without a limit of its own as many as of a tenant).

        Raises:
            RateLimited, QuotaExceeded: nothing was counted; the message says when to try again.
        """
        scopes = self._scopes(tenant, key_id, requests_per_minute, tokens_per_day)
        if address:
            limits, most = self._limits, self._limits.requests_per_minute_of_address
            scopes.append(Scope(tenant, None, limits.requests_per_minute if most is None else most, BOUNDLESS, address))
        today, left_s = _day()
        keys = [key for scope in scopes for key in (scope.window, scope.spent(today))]
        bounds = [limit for scope in scopes for limit in (scope.per_minute, scope.per_day)]
        try:
            index, wait = await self._store.script(_ADMIT, keys, [SLOTS, self._minute_s, *bounds])
            self._back()
        except Unavailable:
            self._lost()
            self._alone.admit(scopes)
            return
        if index:
            scope = scopes[index // 2]
            raise scope.quota_exceeded(left_s) if wait == b"tokens" else scope.rate_limited(float(wait))

    async def charge(self, tenant: str, key_id: str | None, request_id: str, tokens: int) -> None:
        """Count the tokens of one answered request, once however often it is called within ``limits.remember_s``."""
        today, _ = _day()
        scopes = self._scopes(tenant, key_id)
        keys = [f"limit:{{{tenant}}}:charged:{request_id}", *(scope.spent(today) for scope in scopes)]
        try:
            await self._store.script(_CHARGE, keys, [tokens, max(1, int(self._limits.remember_s))])
            self._back()
        except Unavailable:
            self._lost()
            self._alone.charge(scopes, request_id, tokens)

    def _scopes(
        self, tenant: str, key_id: str | None, per_minute: int | None = None, per_day: int | None = None
    ) -> list[Scope]:
        limits = self._limits
        whole = Scope(tenant, None, limits.requests_per_minute, limits.tokens_per_day)
        if key_id is None:
            return [whole]
        return [
            whole,
            Scope(
                tenant,
                key_id,
                limits.requests_per_minute if per_minute is None else per_minute,
                limits.tokens_per_day if per_day is None else per_day,
            ),
        ]

    def _lost(self) -> None:
        if not self._away:
            self._away = True
            log.warning("redis is away: limits are counted by this process alone")

    def _back(self) -> None:
        if self._away:
            self._away, self._alone = False, Window(self._minute_s)
            log.info("redis is back: limits are counted together again")


class Window:
    """The same rules in this process's memory, for the ``SCOPES`` last seen."""

    def __init__(self, minute_s: float = MINUTE_S) -> None:
        self._slot_s = minute_s / SLOTS
        self._counts: OrderedDict[str, dict[int, int]] = OrderedDict()
        self._spent: OrderedDict[str, int] = OrderedDict()
        self._charged: OrderedDict[str, None] = OrderedDict()

    def admit(self, scopes: list[Scope]) -> None:
        moment = time.monotonic()
        today, left_s = _day()
        slot = math.floor(moment / self._slot_s)
        for scope in scopes:
            if self._spent.get(scope.spent(today), 0) >= scope.per_day:
                raise scope.quota_exceeded(left_s)
            if not scope.per_minute:
                raise scope.rate_limited(math.inf)
            if (free := self._free(scope, slot)) is not None:
                raise scope.rate_limited(free * self._slot_s - moment)
        for scope in scopes:
            counts = self._recent(scope, slot)
            counts[slot] = counts.get(slot, 0) + 1
            _remember(self._counts, scope.window, counts)

    def _free(self, scope: Scope, slot: int) -> int | None:
        """The slot in which there is room again; ``None`` when there is some now."""
        counts = self._recent(scope, slot)
        left = sum(counts.values())
        if left < scope.per_minute:
            return None
        for at in sorted(counts):
            left -= counts[at]
            if left < scope.per_minute:
                return at + SLOTS + 1
        return slot + SLOTS + 1

    def _recent(self, scope: Scope, slot: int) -> dict[int, int]:
        return {at: count for at, count in self._counts.get(scope.window, {}).items() if at >= slot - SLOTS}

    def charge(self, scopes: list[Scope], request_id: str, tokens: int) -> None:
        once = f"{scopes[0].tenant}:{request_id}"
        if once in self._charged:
            return
        _remember(self._charged, once, None)
        today, _ = _day()
        for scope in scopes:
            key = scope.spent(today)
            _remember(self._spent, key, self._spent.get(key, 0) + tokens)


def _remember(memory: OrderedDict[str, V], key: str, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > SCOPES:
        memory.popitem(last=False)


def _day() -> tuple[str, float]:
    """Today in UTC, and the seconds that are left of it."""
    moment = datetime.now(UTC)
    return f"{moment:%Y%m%d}", DAY_S - moment.timestamp() % DAY_S

"""Which number a value has in its conversation: the same in every turn and every process.

Redis keeps the numbers under marks: digests of the values sealed under the key of whom they are about, so that nobody
who reads Redis learns a value, and an erasure takes the marks with it. What counts is pinned into the work; while Redis
is away, and outside of conversations, values are numbered as they come.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256

from infra.redis import Store
from infra.vault.vault import Vault
from schemas.errors import Unavailable

KEPT_S = 7 * 86_400
Value = tuple[str, str]
"""An entity, and what was found of it."""
Numbering = Callable[[Sequence[Value]], Awaitable[Sequence[int]]]
Seal = Callable[[bytes], Awaitable[bytes]]

_ASSIGN = """
local numbers = {}
for i = 2, #ARGV, 2 do
  local number = redis.call('HGET', KEYS[1], ARGV[i + 1])
  if not number then
    number = redis.call('HINCRBY', KEYS[1], ARGV[i], 1)
    redis.call('HSET', KEYS[1], ARGV[i + 1], number)
  end
  numbers[#numbers + 1] = tonumber(number)
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return numbers
"""


class Numbers:
    """The numbers of conversations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def within(self, vault: Vault, key: str, tenant: str | None, conversation: str | None) -> Numbering:
        """Those of a conversation, with marks under the data key of whom it is about."""
        place = f"{tenant or ''}:{key}:{conversation}" if conversation else None

        async def assign(values: Sequence[Value]) -> list[int]:
            return await self.assign(place, lambda value: vault.seal(key, value, f"number\0{place}"), values)

        return assign

    async def assign(self, conversation: str | None, seal: Seal, values: Sequence[Value]) -> list[int]:
        """A number for each value, among those of its entity. ``seal`` gives the same bytes for the same value."""
        if conversation is None:
            return counted(values)
        words: list[str | int] = [KEPT_S]
        for entity, value in values:
            sealed = await seal(f"{entity}\0{value}".encode("utf-8", "surrogatepass"))
            words += [entity, sha256(sealed).hexdigest()]
        try:
            return [int(each) for each in await self._store.script(_ASSIGN, [f"placeholders:{conversation}"], words)]
        except Unavailable:
            return counted(values)


def counted(values: Sequence[Value]) -> list[int]:
    """Each entity counted from 1."""
    counts = Counter[str]()
    numbers = []
    for entity, _ in values:
        counts[entity] += 1
        numbers.append(counts[entity])
    return numbers

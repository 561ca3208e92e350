"""Numbers over a conversation, on a real Valkey and without one."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from infra.redis import Store
from infra.server import free_port
from infra.settings import KafkaSettings, RedisSettings, Settings
from infra.valkey import EmbeddedValkey
from streams.redaction.numbers import Numbers, counted

A, B, C = ("PHONE", "13800138000"), ("PHONE", "13900139000"), ("EMAIL", "ann@example.com")


async def seal(value: bytes) -> bytes:
    return b"sealed " + value[::-1]


@pytest.fixture
async def store(valkey: EmbeddedValkey) -> AsyncIterator[Store]:
    made = Store(
        Settings(kafka=KafkaSettings(prefix=f"t{uuid4().hex[:8]}"), redis=RedisSettings(port=valkey.port, timeout_s=5))
    )
    yield made
    await made.close()


async def test_a_value_keeps_its_number_in_every_turn(store: Store) -> None:
    numbers, replica = Numbers(store), Numbers(store)
    assert await numbers.assign("c1", seal, [A, C]) == [1, 1]
    assert await replica.assign("c1", seal, [B, A]) == [2, 1]  # another process, a shortened history
    assert await numbers.assign("c2", seal, [B]) == [1]  # another conversation


async def test_replicas_never_give_one_number_twice(store: Store) -> None:
    values = [("PHONE", str(number)) for number in range(40)]
    given = await asyncio.gather(*(Numbers(store).assign("c1", seal, [value]) for value in values * 2))
    assert {each[0] for each in given} == set(range(1, 41))
    assert given[:40] == given[40:]


async def test_redis_learns_no_value(store: Store, valkey: EmbeddedValkey) -> None:
    await Numbers(store).assign("c1", seal, [A])
    kept = await store.script("return redis.call('HGETALL', KEYS[1])", ["placeholders:c1"])
    assert kept
    assert all(b"13800138000" not in each for each in kept)


async def test_without_redis_or_a_conversation_values_are_counted(store: Store) -> None:
    away = Store(Settings(redis=RedisSettings(port=free_port(), timeout_s=0.2)))
    assert await Numbers(away).assign("c1", seal, [A, B, C]) == [1, 2, 1]
    assert await Numbers(store).assign(None, seal, [B, A]) == [1, 2]
    assert counted([]) == []
    await away.close()

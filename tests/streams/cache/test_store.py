import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from infra.redis import Store
from infra.server import free_port
from infra.settings import CacheSettings, KafkaSettings, RedisSettings, Settings
from infra.valkey import EmbeddedValkey
from schemas.base import Source
from schemas.errors import InternalError
from schemas.responses import Response, Versions
from schemas.results import Usage
from schemas.screening import Verdict
from schemas.work import Attachment
from streams.cache.store import MAX_BYTES, AnswerCache, Cached

KEY = "c" * 64
FILE = Attachment(file_id="f1", uri="objects/00/0", sha256="0" * 64, media_type="image/png", bytes=1)


def verdict(action: str) -> Verdict:
    return Verdict.model_validate({"action": action, "policy": "p1", "rules": "r1"})


def response(**changes: Any) -> Response:
    given = {
        "id": "r1",
        "tenant": "acme",
        "kind": "chat",
        "status": "completed",
        "text": "您好！Hello!",
        "usage": Usage(prompt_tokens=3, completion_tokens=4),
        "verdict": verdict("allow"),
        "prompt_verdict": verdict("allow"),
        "versions": Versions(model="small@abc", policy="p1", rules="r1"),
        "digest": "d" * 64,
        "source": Source(topic="t", partition=0, offset=1),
    }
    return Response.model_validate({**given, **changes})


def redis(port: int) -> Store:
    kafka = KafkaSettings(prefix=f"t{uuid4().hex[:8]}")
    return Store(Settings(kafka=kafka, redis=RedisSettings(port=port, timeout_s=5)))


@pytest.fixture
async def store(valkey: EmbeddedValkey) -> AsyncIterator[Store]:
    store = redis(valkey.port)
    yield store
    await store.close()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"finish_reason": "length"},  # as long as was asked for
        {"verdict": verdict("redact")},
        {"text": "", "embeddings": ((0.25, -1.0), (0.5, 1e-9))},
    ],
)
async def test_a_complete_answer_comes_back(store: Store, changes: dict[str, Any]) -> None:
    cache, answer = AnswerCache(store, CacheSettings()), response(**changes)
    assert await cache.put(KEY, answer)
    found = await cache.get(KEY)
    assert found == Cached.of(answer)
    assert found
    assert (found.text, found.embeddings, found.usage) == (answer.text, answer.embeddings, answer.usage)
    assert found.request_id == "r1"


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "failed", "error": InternalError("x").body()},
        {"error": InternalError("x").body()},
        *({"status": status} for status in ("refused", "blocked", "failed", "expired", "cancelled")),
        {"verdict": verdict("block")},
        {"verdict": verdict("local_only")},
        {"finish_reason": "content_filter"},
        {"finish_reason": "abort"},  # cut off
        {"text": ""},  # nothing to say
        {"cached": True},  # keeping it again would prolong its life
        {"file": FILE},  # an upload
    ],
)
async def test_nothing_else_is_kept(store: Store, changes: dict[str, Any]) -> None:
    cache = AnswerCache(store, CacheSettings())
    assert Cached.of(response(**changes)) is None
    assert not await cache.put(KEY, response(**changes))
    assert await cache.get(KEY) is None


async def test_an_entry_ends_at_a_fixed_time_however_often_it_is_read(store: Store) -> None:
    cache = AnswerCache(store, CacheSettings(ttl_s=1))
    await cache.put(KEY, response())
    for _ in range(4):
        await asyncio.sleep(0.2)
        assert await cache.get(KEY)
    await asyncio.sleep(0.4)
    assert await cache.get(KEY) is None


async def test_it_is_kept_for_a_day(store: Store) -> None:
    await AnswerCache(store, CacheSettings()).put(KEY, response())
    ((left_s,),) = [await store.pipeline([("TTL", f"cache:{KEY}")])]
    assert 86_390 <= left_s <= 86_400


BOMB = zlib.compress(b'{"text": "' + b"0" * (MAX_BYTES + 1) + b'"}')


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"not zlib",
        zlib.compress(b"not JSON"),
        zlib.compress(b'{"text": "hello"}'),  # fields are missing
        zlib.compress(Cached.of(response()).model_dump_json().encode())[:-5],  # type: ignore[union-attr]  # cut off
        BOMB,  # small outside, large inside
        b"\x80\x04\x95.",  # a pickle
    ],
    ids=["empty", "raw", "text", "incomplete", "cut", "bomb", "pickle"],
)
async def test_a_damaged_entry_is_a_miss_and_gone(store: Store, entry: bytes) -> None:
    await store.set(f"cache:{KEY}", entry, 60)
    assert await AnswerCache(store, CacheSettings()).get(KEY) is None
    assert await store.get(f"cache:{KEY}") is None


async def test_an_answer_over_the_limit_is_not_kept(store: Store) -> None:
    assert not await AnswerCache(store, CacheSettings()).put(KEY, response(text="0" * (MAX_BYTES + 1)))


async def test_without_redis_nothing_is_found_and_nothing_kept() -> None:
    store = redis(free_port())
    cache = AnswerCache(store, CacheSettings())
    assert not await cache.put(KEY, response())
    assert await cache.get(KEY) is None
    await store.close()


async def test_it_can_be_switched_off(store: Store) -> None:
    off, on = AnswerCache(store, CacheSettings(enabled=False)), AnswerCache(store, CacheSettings())
    assert not await off.put(KEY, response())
    assert await on.put(KEY, response())
    assert await off.get(KEY) is None

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from infra.limits import MINUTE_S, SCOPES, Limiter, Scope, Window
from infra.redis import Store
from infra.server import free_port
from infra.settings import KafkaSettings, LimitSettings, RedisSettings, Settings
from infra.valkey import EmbeddedValkey
from schemas.errors import HeadraceError, QuotaExceeded, RateLimited


def limited(port: int, minute_s: float = MINUTE_S, **limits: float) -> tuple[Limiter, Store]:
    kafka = KafkaSettings(prefix=f"t{uuid4().hex[:8]}")
    store = Store(Settings(kafka=kafka, redis=RedisSettings(port=port, timeout_s=5)))
    return Limiter(store, LimitSettings.model_validate(limits), minute_s), store


@pytest.fixture(params=["together", "alone"])
def port(request: pytest.FixtureRequest, valkey: EmbeddedValkey) -> int:
    """Redis, and a port where there is none: the rules are the same."""
    return valkey.port if request.param == "together" else free_port()


@pytest.fixture
async def limiter(port: int) -> AsyncIterator[Limiter]:
    limiter, store = limited(port)
    yield limiter
    await store.close()


@contextmanager
def refused(error: type[HeadraceError], *words: str) -> Iterator[None]:
    with pytest.raises(error) as caught:
        yield
    assert type(caught.value) is error
    for word in words:
        assert word in caught.value.message


async def test_a_minute_takes_its_number_and_says_when_there_is_room(limiter: Limiter) -> None:
    for _ in range(3):
        await limiter.admit("acme", "k1", 3, 100)
    with refused(RateLimited, "key k1", "3 times a minute", "try again in 6"):  # 60 to 65 seconds
        await limiter.admit("acme", "k1", 3, 100)


async def test_in_no_minute_more_than_its_number_gets_through(port: int) -> None:
    """A minute is 0.6 seconds here."""
    limiter, store = limited(port, 0.6)
    passed: list[tuple[float, float]] = []
    until = time.monotonic() + 2.0
    while (asked := time.monotonic()) < until:
        with suppress(RateLimited):
            await limiter.admit("acme", "k1", 5, 100)
            passed.append((asked, time.monotonic()))
        await asyncio.sleep(0.01)
    await store.close()
    assert 10 <= len(passed) <= 20
    assert all(later - earlier > 0.55 for (earlier, _), (_, later) in zip(passed, passed[5:], strict=False))


async def test_there_is_room_when_it_said(port: int) -> None:
    limiter, store = limited(port, 1.2)
    await limiter.admit("acme", "k1", 1, 100)
    with pytest.raises(RateLimited):
        await limiter.admit("acme", "k1", 1, 100)
    await asyncio.sleep(1.4)
    await limiter.admit("acme", "k1", 1, 100)
    await store.close()


async def test_an_address_has_a_limit_of_its_own_with_each_tenant(port: int) -> None:
    limiter, store = limited(port, requests_per_minute_of_address=2)
    for key in ("k1", "k2"):
        await limiter.admit("acme", key, address="a1")
    with refused(RateLimited, "this client's address", "2 times a minute"):
        await limiter.admit("acme", "k3", address="a1")
    for tenant, address in (("acme", "a2"), ("acme", None), ("other", "a1")):
        await limiter.admit(tenant, "k1", address=address)
    await store.close()


@pytest.mark.parametrize(
    ("tenant", "key_id"),
    [
        ("acme", "k2"),  # another key of the tenant
        ("acme", None),  # the tenant without a key
        ("other", "k1"),  # a key of the same name of another tenant
    ],
)
async def test_one_key_does_not_use_up_another_ones_limit(limiter: Limiter, tenant: str, key_id: str | None) -> None:
    await limiter.admit("acme", "k1", 1, 100)
    with refused(RateLimited):
        await limiter.admit("acme", "k1", 1, 100)
    await limiter.admit(tenant, key_id, 1, 100)


async def test_all_keys_share_the_tenants_limit_and_a_refusal_counts_for_nobody(port: int) -> None:
    limiter, store = limited(port, requests_per_minute=2)
    await limiter.admit("acme", "k1")
    await limiter.admit("acme", "k2")
    with refused(RateLimited, "tenant acme", "2 times a minute"):
        await limiter.admit("acme", "k3", 1)
    await store.close()


@pytest.mark.parametrize(
    ("per_minute", "per_day", "error"),
    [
        (0, 100, RateLimited),  # a limit of 0 lets nothing pass, and there is no "again"
        (10, 0, QuotaExceeded),
        (0, 0, QuotaExceeded),
    ],
)
async def test_zero_lets_nothing_pass(
    limiter: Limiter, per_minute: int, per_day: int, error: type[HeadraceError]
) -> None:
    with refused(error, "key k1"):
        await limiter.admit("acme", "k1", per_minute, per_day)


async def test_a_spent_quota_ends_at_midnight_utc(limiter: Limiter) -> None:
    await limiter.charge("acme", "k1", "r1", 99)
    await limiter.admit("acme", "k1", 60, 100)
    await limiter.charge("acme", "k1", "r2", 1)
    with refused(QuotaExceeded, "100 tokens of this day (UTC)", "try again in"):
        await limiter.admit("acme", "k1", 60, 100)
    await limiter.admit("acme", "k2", 60, 100)


async def test_a_request_is_charged_once(limiter: Limiter) -> None:
    for _ in range(3):
        await limiter.charge("acme", "k1", "r1", 60)
    await limiter.admit("acme", "k1", 60, 100)
    await limiter.charge("other", "k1", "r1", 60)
    await limiter.charge("acme", "k1", "r2", 40)
    with refused(QuotaExceeded):
        await limiter.admit("acme", "k1", 60, 100)


async def test_processes_count_together(valkey: EmbeddedValkey) -> None:
    settings = Settings(
        kafka=KafkaSettings(prefix=f"t{uuid4().hex[:8]}"), redis=RedisSettings(port=valkey.port, timeout_s=5)
    )
    stores = [Store(settings), Store(settings)]
    one, other = (Limiter(store, settings.limits) for store in stores)
    outcomes = await asyncio.gather(
        *(limiter.admit("acme", "k1", 10, 100) for limiter in (one, other) for _ in range(20)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 10
    assert sum(isinstance(outcome, RateLimited) for outcome in outcomes) == 30
    for store in stores:
        await store.close()


async def test_alone_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    limiter, store = limited(free_port())
    with caplog.at_level(logging.WARNING, "infra.limits"):
        for _ in range(5):
            await limiter.admit("acme")
    assert len([record for record in caplog.records if record.name == "infra.limits"]) == 1
    await store.close()


def test_the_window_remembers_a_bounded_number() -> None:
    window = Window()
    for n in range(SCOPES + 10):
        scope = Scope("acme", f"k{n}", 10, 10)
        window.admit([scope])
        window.charge([scope], f"r{n}", 1)
    assert {len(memory) for memory in (window._counts, window._spent, window._charged)} == {SCOPES}


async def test_when_redis_is_back_it_counts_together_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with EmbeddedValkey(tmp_path, free_port()) as server:
        limiter, store = limited(server.port)
        await limiter.admit("acme", "k1", 1, 100)
        server.kill()
        await limiter.admit("acme", "k1", 1, 100)
        server.start()
        await asyncio.sleep(1.1)
        with caplog.at_level(logging.INFO, "infra.limits"):
            await limiter.admit("acme", "k2", 1, 100)
        assert "redis is back" in caplog.text
        await store.close()

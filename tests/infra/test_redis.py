import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis

from infra.redis import Store
from infra.server import free_port
from infra.settings import KafkaSettings, RedisSettings, Settings
from infra.valkey import EmbeddedValkey
from schemas.errors import Unavailable


def settings_for(port: int, *, cluster: bool = False, timeout_s: float = 0.25) -> Settings:
    return Settings(
        kafka=KafkaSettings(prefix=f"t{uuid4().hex[:8]}"),
        redis=RedisSettings(port=port, cluster=cluster, timeout_s=timeout_s),
    )


@pytest.fixture
async def store(valkey: EmbeddedValkey) -> AsyncIterator[Store]:
    store = Store(settings_for(valkey.port, timeout_s=5))
    yield store
    await store.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server that a test may kill or freeze."""
    with EmbeddedValkey(tmp_path / "valkey", free_port()) as server:
        yield server


class ClusterNode(EmbeddedValkey):
    def command(self) -> list[str]:
        bus = str(free_port())  # without it, ten thousand above the port, which may be too high
        return [*super().command(), "--cluster-enabled", "yes", "--cluster-port", bus, "--appendonly", "no"]

    def serve_all_slots(self) -> None:
        client: Any = redis.Redis(port=self.port)
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        for _ in range(400):
            if client.cluster("info")["cluster_state"] == "ok":
                break
            time.sleep(0.05)
        client.close()


async def test_a_value_is_kept_for_its_time(store: Store) -> None:
    assert await store.get("name") is None
    assert await store.set("name", "值\0".encode(), 60)
    assert await store.get("name") == "值\0".encode()
    assert not await store.set("name", b"other", 60, only_if_absent=True)
    assert await store.set("name", b"other", 0.05)
    await asyncio.sleep(0.1)
    assert await store.get("name") is None


async def test_delete_counts_what_was_there(store: Store) -> None:
    await store.set("a", b"1", 60)
    await store.set("b", b"2", 60)
    assert await store.delete("a", "b", "c") == 2
    assert await store.delete() == 0


async def test_a_script_runs_with_prefixed_keys_also_when_redis_does_not_know_it(store: Store) -> None:
    lua = f"redis.call('SET', KEYS[1], ARGV[1]) return {{1, KEYS[1]}} -- {uuid4()}"
    for _ in range(2):
        one, key = await store.script(lua, ["name"], ["value"])
        assert one == 1
        assert key.endswith(b":name")
    assert await store.get("name") == b"value"


async def test_a_pipeline_answers_in_order(store: Store) -> None:
    answers = await store.pipeline([("SET", "a", "1", "EX", 60), ("INCR", "a"), ("GET", "a"), ("GET", "none")])
    assert answers == [True, 2, b"2", None]


async def test_deployments_do_not_see_each_other(valkey: EmbeddedValkey) -> None:
    one, other = Store(settings_for(valkey.port)), Store(settings_for(valkey.port))
    await one.set("name", b"mine", 60)
    assert await other.get("name") is None
    await one.close()
    await other.close()


async def test_many_callers_share_few_connections(store: Store, valkey: EmbeddedValkey) -> None:
    await asyncio.gather(*(store.set(str(n), b"x", 60) for n in range(1000)))
    async with redis.asyncio.Redis(port=valkey.port) as client:
        assert (await client.info("clients"))["connected_clients"] < 100


async def test_a_refused_command_is_told_and_does_not_open_the_circuit(store: Store) -> None:
    await store.set("text", b"x", 60)
    with pytest.raises(Unavailable, match="refused"):
        await store.pipeline([("INCR", "text")])
    assert await store.get("text") == b"x"


async def test_redis_that_is_not_there_costs_nothing_after_the_first_call(caplog: pytest.LogCaptureFixture) -> None:
    store = Store(settings_for(free_port()))
    with caplog.at_level(logging.INFO):
        with pytest.raises(Unavailable, match="HEADRACE_REDIS__URL"):
            await store.get("name")
        began = time.perf_counter()
        for _ in range(1000):
            with pytest.raises(Unavailable):
                await store.get("name")
        assert time.perf_counter() - began < 0.5
    assert [record.message for record in caplog.records] == ["redis is away, going on without it"]
    assert not await store.ready()
    await store.close()


def freeze(server: EmbeddedValkey) -> Callable[[], None]:
    pid = server.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    return lambda: os.kill(pid, signal.SIGCONT)


async def test_a_frozen_redis_is_left_alone_after_the_timeout_and_found_again(own: EmbeddedValkey) -> None:
    store = Store(settings_for(own.port))
    await store.set("name", b"right", 60)
    thaw = freeze(own)
    began = time.perf_counter()
    outcomes = await asyncio.gather(*(store.get(f"other{n}") for n in range(100)), return_exceptions=True)
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
    assert time.perf_counter() - began < 1
    thaw()
    await asyncio.sleep(1.1)
    assert await asyncio.gather(*(store.get("name") for _ in range(1))) == [b"right"]
    assert await asyncio.gather(*(store.get("name") for _ in range(50))) == [b"right"] * 50
    await store.close()


async def test_while_redis_is_away_one_call_a_second_tries_it(own: EmbeddedValkey) -> None:
    store = Store(settings_for(own.port))
    thaw = freeze(own)
    with pytest.raises(Unavailable):
        await store.get("name")
    await asyncio.sleep(1.05)
    probe = asyncio.create_task(store.get("name"))
    await asyncio.sleep(0.05)
    began = time.perf_counter()
    with pytest.raises(Unavailable):
        await store.get("name")
    assert time.perf_counter() - began < 0.1
    with pytest.raises(Unavailable):
        await probe
    thaw()
    await store.close()


async def test_it_reconnects_to_a_restarted_redis(own: EmbeddedValkey, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(settings_for(own.port))
    await store.set("name", b"before", 60)
    own.kill()
    with pytest.raises(Unavailable):
        await store.get("name")
    own.start()
    await asyncio.sleep(1.1)
    with caplog.at_level(logging.INFO):
        assert await store.set("name", b"after", 60)
    assert await store.get("name") == b"after"
    assert "redis is back" in caplog.messages
    await store.close()


async def test_a_cluster_serves_all_of_it(tmp_path: Path) -> None:
    with ClusterNode(tmp_path / "node", free_port()) as node:
        await asyncio.to_thread(node.serve_all_slots)
        store = Store(settings_for(node.port, cluster=True, timeout_s=5))
        assert await store.set("a", b"1", 60)
        assert await store.set("b", b"2", 60)
        assert await store.get("a") == b"1"
        assert await store.script("return redis.call('MGET', KEYS[1], KEYS[2])", ["{t}a", "{t}b"]) == [None, None]
        assert await store.pipeline([("GET", "a"), ("GET", "b")]) == [b"1", b"2"]
        assert await store.delete("a", "b") == 2
        await store.close()


async def test_a_cluster_that_is_not_there_is_unavailable() -> None:
    store = Store(settings_for(free_port(), cluster=True))
    with pytest.raises(Unavailable):
        await store.get("name")
    await store.close()

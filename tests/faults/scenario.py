"""A run: requests flow while processes die, freeze and come back; then the topics are held to account."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.broker import KafkaPublisher, ensure_topics
from infra.topics import Names
from tests.cluster import Cluster
from tests.faults.asking import asking, issue_keys
from tests.faults.audited import audited
from tests.faults.checker import Report, check
from tests.faults.load import shots

Disturb = Callable[[Cluster], Coroutine[Any, Any, None]]
Say = Callable[[str], None]


async def kills(cluster: Cluster, times: int = 3) -> None:
    """Each worker and each control process SIGKILLed in turn, Kafka once in between."""
    for turn in range(times):
        await asyncio.sleep(2)
        await cluster.kill("text-0")
        await asyncio.sleep(3)
        await cluster.kill("control-0")
        if turn == 0:
            await asyncio.sleep(2)
            await cluster.kill_kafka()


async def each_in_turn(cluster: Cluster, times: int = 2) -> None:
    """SIGKILL for every process there is: both of each kind, the gateway, Kafka, and Valkey, which comes back."""
    for _ in range(times):
        for name in ("control-0", "text-0", "gateway-0", "control-1", "text-1"):
            await asyncio.sleep(4)
            await cluster.kill(name)
        await asyncio.sleep(4)
        await cluster.kill_kafka()
        await asyncio.sleep(4)
        cluster.revive()
        cluster.valkey.kill()
        await asyncio.to_thread(cluster.valkey.start)


async def freezes(cluster: Cluster, times: int = 1) -> None:
    """Control and worker frozen past the session timeout and woken up, and Valkey killed for good."""
    for _ in range(times):
        await asyncio.sleep(2)
        await cluster.freeze("control-0", seconds=9)
        await cluster.freeze("text-0", seconds=9)
    cluster.valkey.kill()


async def run(count: int, rate: float, disturb: Disturb, say: Say, *, quiet_s: float = 180) -> Report:
    """Publish ``count`` requests at ``rate`` a second while ``disturb`` goes on; wait until all have their end."""
    with TemporaryDirectory(prefix="headrace-faults-") as directory:
        cluster = Cluster.with_double(Path(directory))
        try:
            return await _run(cluster, count, rate, disturb, say, quiet_s)
        finally:
            await asyncio.to_thread(cluster.stop)


async def _run(cluster: Cluster, count: int, rate: float, disturb: Disturb, say: Say, quiet_s: float) -> Report:
    settings = cluster.settings
    await asyncio.to_thread(cluster.kafka.start)
    await asyncio.to_thread(cluster.valkey.start)
    await ensure_topics(settings)
    publisher = KafkaPublisher(settings.kafka, client_id="faults")
    await publisher.start()
    try:
        key = await issue_keys(settings, publisher)
        for name in ("control-0", "control-1", "text-0", "text-1", "gateway-0"):
            cluster.start(name)
        await asyncio.to_thread(cluster.await_ready, 120)
        async with asking(settings, key) as statuses:
            disturbing = asyncio.create_task(disturb(cluster))
            topic = Names(settings.kafka)("requests")
            for shot in shots(count, run="r", oversized_bytes=2 * settings.limits.record_bytes):
                await publisher.publish(topic, shot.value, key=shot.key)
                await asyncio.sleep(1 / rate)
            await disturbing
        say(f"published {count} requests, and {len(statuses)} were answered over HTTP; waiting for all ends")
        report = await _settled(settings_check=lambda: check(settings), say=say, quiet_s=quiet_s)
        return replace(report, audit=tuple(await asyncio.to_thread(audited, settings)))
    finally:
        await publisher.stop()


async def _settled(settings_check: Callable[[], Awaitable[Report]], say: Say, quiet_s: float) -> Report:
    until = time.monotonic() + quiet_s
    report = await settings_check()
    while report.without_end and time.monotonic() < until:
        await asyncio.sleep(3)
        report = await settings_check()
        say(f"{report.without_end} of {report.requests} without an end")
    await asyncio.sleep(8)
    return await settings_check()

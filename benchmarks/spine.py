"""What the whole pipeline adds: from publishing a request to reading its answer, with a model that costs nothing.

    python -m benchmarks.spine

Everything is on: screening, cache look-up, limits, audit. Load generator, Kafka, Valkey, control and worker share the
machine. Latency is what a client sees that publishes to ``requests`` and reads ``responses``.
"""

import asyncio
import json
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import orjson
import psutil

from infra.broker import KafkaPublisher, Record, ensure_topics
from infra.keys import issue, master_key
from infra.reader import Follower
from infra.settings import Settings
from infra.topics import Names
from streams.outbox import Outbox
from tests.cluster import Cluster

RESULTS = Path(__file__).with_name("results")
CHILDREN = ("control-0", "text-0", "gateway-0")


@dataclass(frozen=True)
class Aim:
    """One figure held against what it should be."""

    name: str
    aim: str
    value: float
    met: bool


class Client:
    """Publishes requests and notes when their answers are there."""

    def __init__(self, settings: Settings) -> None:
        self.names = Names(settings.kafka)
        self.publisher = KafkaPublisher(settings.kafka, client_id="bench")
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._follower = Follower(
            settings.kafka, [self.names("responses")], self._apply, since="latest", client_id="bench"
        )

    async def start(self) -> None:
        await self.publisher.start()
        await self._follower.start()

    async def stop(self) -> None:
        await self._follower.stop()
        await self.publisher.stop()

    async def ask(self, name: str) -> float:
        """Seconds from publishing to reading the answer."""
        answered = self._waiting[name] = asyncio.get_running_loop().create_future()
        body = {"id": name, "model": "echo", "messages": [{"role": "user", "content": f"How are you, {name}? 你好吗"}]}
        began = time.perf_counter()
        await self.publisher.publish(self.names("requests"), orjson.dumps(body), key=name)
        async with asyncio.timeout(60):
            ended: float = await answered
        return ended - began

    def _apply(self, record: Record) -> None:
        waiting = self._waiting.pop((record.key or b"").decode(), None)
        if waiting and not waiting.done():
            waiting.set_result(time.perf_counter())


async def at_rate(client: Client, name: str, rate: float, count: int) -> list[float]:
    """Open loop: requests come when they come, whether earlier ones are answered or not."""
    began, tasks = time.perf_counter(), []
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(client.ask(f"{name}-{number}")))
    return await asyncio.gather(*tasks)


async def sustained(client: Client, name: str, at_once: int, seconds: float) -> float:
    """Closed loop: answers a second with so many requests under way."""
    until, done = time.perf_counter() + seconds, 0

    async def caller(number: int) -> None:
        nonlocal done
        turn = 0
        while time.perf_counter() < until:
            await client.ask(f"{name}-{number}-{turn}")
            turn, done = turn + 1, done + 1

    began = time.perf_counter()
    await asyncio.gather(*(caller(number) for number in range(at_once)))
    return done / (time.perf_counter() - began)


def idle_cpu(cluster: Cluster, seconds: float = 10.0) -> dict[str, float]:
    """Percent of a core that each process takes when nothing happens."""
    processes = {name: psutil.Process(child.pid) for name, child in cluster.children.items()}
    for process in processes.values():
        process.cpu_percent()
    time.sleep(seconds)
    return {name: process.cpu_percent() for name, process in processes.items()}


def memory_mb(cluster: Cluster) -> dict[str, float]:
    return {name: psutil.Process(child.pid).memory_info().rss / 2**20 for name, child in cluster.children.items()}


async def measure(cluster: Cluster) -> dict[str, object]:
    settings = cluster.settings
    await ensure_topics(settings)
    client = Client(settings)
    await client.start()
    await _issue_gateway_key(settings, client)
    try:
        for name in CHILDREN:
            cluster.start(name)
        await client.ask("first")
        await sustained(client, "warm-up", 16, 5)
        latencies = await at_rate(client, "slow", 20, 400)
        rates = [await sustained(client, f"full-{turn}", 128, 10) for turn in range(5)]
        loaded = memory_mb(cluster)
        await asyncio.sleep(3)
        idle = await asyncio.to_thread(idle_cpu, cluster)
    finally:
        await client.stop()
    return {"latency_s": latencies, "rates": rates, "memory_mb": loaded, "idle_cpu_percent": idle}


async def _issue_gateway_key(settings: Settings, client: Client) -> None:
    issued = issue("local", ("gateway",), master_key(settings))
    (settings.state / "gateway-key").write_text(issued.secret)
    await Outbox(client.publisher, client.names, "bench").key(issued.record)


def aims(samples: dict[str, object]) -> list[Aim]:
    latencies, rates = samples["latency_s"], samples["rates"]
    memory, idle = samples["memory_mb"], samples["idle_cpu_percent"]
    assert isinstance(latencies, list)
    assert isinstance(rates, list)
    assert isinstance(memory, dict)
    assert isinstance(idle, dict)
    p50 = median(latencies) * 1000
    largest = max(memory["control-0"], memory["gateway-0"])
    busiest = sum(idle.values())
    return [
        Aim("p50 from publish to answer at 20/s, ms", "< 30", round(p50, 1), p50 < 30),
        Aim("sustained answers a second, audit on", "> 300", round(median(rates), 1), median(rates) > 300),
        Aim("memory of control and gateway, each, MB", "< 250", round(largest, 1), largest < 250),
        Aim("idle CPU of control, gateway and worker together, % of a core", "< 5", round(busiest, 1), busiest < 5),
    ]


def write(samples: dict[str, object], met: list[Aim]) -> None:
    """The samples as JSON, and the aims as a table."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    machine = {"cpus": psutil.cpu_count(), "python": sys.version.split()[0], "system": platform.platform()}
    record = {"machine": machine, "commit": commit, "samples": samples, "aims": [asdict(aim) for aim in met]}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "spine.json").write_text(json.dumps(record, indent=1) + "\n")
    latencies = samples["latency_s"]
    assert isinstance(latencies, list)
    p95 = quantiles(latencies, n=20)[-1] * 1000
    rows = [f"| {aim.name} | {aim.aim} | {aim.value} | {'yes' if aim.met else 'no'} |" for aim in met]
    table = ["| what | aim | value | met |", "|---|---|---|---|", *rows, "", f"p95 at 20/s: {p95:.1f} ms"]
    (RESULTS / "spine.md").write_text("\n".join(table) + "\n")
    print("\n".join(table))


def main() -> int:
    with TemporaryDirectory(prefix="headrace-bench-") as directory:
        cluster = Cluster.with_double(Path(directory), slots=256, delay_s=0.0)
        try:
            cluster.kafka.start()
            cluster.valkey.start()
            samples = asyncio.run(measure(cluster))
        finally:
            cluster.stop()
    met = aims(samples)
    write(samples, met)
    return 0 if all(aim.met for aim in met) else 1


if __name__ == "__main__":
    sys.exit(main())

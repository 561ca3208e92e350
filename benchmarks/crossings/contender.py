"""The crossings as contenders."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from benchmarks.clients.kafka import KafkaClient
from benchmarks.crossings.steps import PROCESSES, TOPICS
from benchmarks.ground import Ground, Running
from benchmarks.processes import Processes
from infra.settings import KafkaSettings


@dataclass(frozen=True)
class Crossings:
    """``module`` of this package makes them, on topics of their own prefix."""

    name: str
    ground: Ground
    module: str
    prefix: str
    arguments: tuple[str, ...] = ()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        kafka = self.ground.settings.kafka.model_copy(update={"prefix": self.prefix})
        await _make_topics(kafka)
        with self.ground.turn():
            for process in PROCESSES:
                place = (process, kafka.servers, self.prefix)
                self.ground.module(process, f"benchmarks.crossings.{self.module}", *place, *self.arguments)
            async with KafkaClient(kafka, good=bool) as client:
                await self.ground.await_answer(client.ask, "echo")
                yield Running(client.ask, Processes(self.ground.roots))


async def _make_topics(kafka: KafkaSettings) -> None:
    """Those that are there stay; the broker says so, and that is fine."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.servers)
    await admin.start()
    try:
        present = await admin.list_topics()
        names = [f"{kafka.prefix}.{topic}" for topic in TOPICS]
        await admin.create_topics([NewTopic(name, kafka.partitions, 1) for name in names if name not in present])
    finally:
        await admin.close()

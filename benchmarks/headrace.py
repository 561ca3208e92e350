"""The contender that this project is: control, workers and gateway as processes of their own, everything on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from benchmarks.clients.http import HttpClient
from benchmarks.clients.kafka import KafkaClient
from benchmarks.ground import START_S, Ground, Running, issue_keys
from benchmarks.processes import Processes

Door = Literal["kafka", "http"]


@dataclass(frozen=True)
class Headrace:
    """``door`` is where the client stands; ``model`` is one that is asked until it answers."""

    name: str
    ground: Ground
    door: Door
    model: str = "echo"
    workers: int = 1
    chunks: bool = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        ground = self.ground
        async with AsyncExitStack() as stack:
            stack.enter_context(ground.turn())
            key = await issue_keys(ground.settings)
            for name in self.children:
                self.start(name)
            await asyncio.to_thread(ground.await_ready, START_S)
            client: KafkaClient | HttpClient
            if self.door == "kafka":
                client = KafkaClient(ground.settings.kafka, chunks=self.chunks)
            else:
                client = HttpClient(f"{ground.settings.gateway.url}/v1", {"Authorization": f"Bearer {key}"})
            await stack.enter_async_context(client)
            await ground.await_answer(client.ask, self.model)
            yield Running(client.ask, Processes({part(name): pid for name, pid in ground.roots.items()}))

    def start(self, name: str) -> None:
        self.ground.start(name)

    @property
    def children(self) -> list[str]:
        gateway = ["gateway-0"] if self.door == "http" else []
        return ["control-0", *(f"text-{number}" for number in range(self.workers)), *gateway]


def part(name: str) -> str:
    """``control`` of ``control-0``; workers by their number where there are several."""
    kind, _, number = name.rpartition("-")
    return {"text": "worker" if number == "0" else f"worker{number}"}.get(kind, kind)

"""What contenders stand on: one Kafka, one Valkey, and children that come and go with each contender's turn."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from benchmarks.load import Ask, Question
from benchmarks.processes import Processes
from infra.broker import KafkaPublisher, ensure_topics
from infra.keys import issue, master_key
from infra.process import spawn
from infra.settings import Settings
from infra.topics import Names
from streams.outbox import Outbox
from tests.cluster import Cluster

START_S = 300.0


@dataclass(frozen=True)
class Running:
    """A contender in its turn."""

    ask: Ask
    processes: Processes


class Contender(Protocol):
    """Something that answers, for as long as its turn lasts."""

    @property
    def name(self) -> str: ...

    def running(self) -> AbstractAsyncContextManager[Running]:
        """Raises ``RuntimeError`` or ``ChildProcessError`` when it cannot run."""
        ...


async def trial(contenders: Sequence[Contender], absent: dict[str, str]) -> list[Contender]:
    """Those that answer when they are started; why the others do not is put in ``absent``."""
    able = []
    for contender in contenders:
        try:
            async with contender.running():
                able.append(contender)
        except (RuntimeError, OSError) as error:
            absent[contender.name] = str(error)
    return able


@dataclass
class Ground(Cluster):
    """A ``Cluster`` whose children can be started and ended while Kafka and Valkey stay; ``extra`` is set in their
    environment."""

    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "HEADRACE_LOG_LEVEL": "warning", **self.extra}

    @property
    def roots(self) -> dict[str, int]:
        """Every process by name."""
        return {name: child.pid for name, child in self.children.items()}

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start another child: no part of the platform."""
        log = self.directory / f"{name}.log"
        self.children[name] = spawn(command, log, {**os.environ, **(environment or {})})

    def module(self, name: str, module: str, *arguments: str) -> None:
        """Start a module of this checkout as a child."""
        self.run(name, [sys.executable, "-m", module, *arguments], {"PYTHONPATH": str(Path.cwd())})

    def log(self, name: str) -> str:
        return (self.directory / f"{name}.log").read_text(errors="replace")[-2000:]

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Children that were started in the block are ended with it."""
        try:
            yield
        finally:
            self.end_children()

    def end_children(self) -> None:
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(20)
            child.kill()
            child.wait()
        self.children.clear()

    async def await_answer(self, ask: Ask, model: str, text: str = "Are you there? 在吗?") -> None:
        """Ask until the first answer comes.

        Raises:
            RuntimeError: none comes in time; the message has what came instead.
            ChildProcessError: a child has ended.
        """
        until, last = time.monotonic() + START_S, "nothing"
        while time.monotonic() < until:
            question = Question(f"there-{os.urandom(8).hex()}", text, model, max_tokens=8)
            try:
                async with asyncio.timeout(10):
                    await ask(question)
                return
            except (OSError, RuntimeError, ValueError) as error:
                last = repr(error)
                self._check_children()
                await asyncio.sleep(0.2)
        raise RuntimeError(f"no answer; at last: {last}")

    def _check_children(self) -> None:
        for name, child in self.children.items():
            if child.poll() is not None:
                raise ChildProcessError(f"{name} ended: {self.log(name)}")


@asynccontextmanager
async def ground(models: str, **extra: str) -> AsyncIterator[Ground]:
    """Kafka and Valkey with all topics, and a manifest of these models."""
    with TemporaryDirectory(prefix="headrace-bench-") as directory:
        folder = Path(directory)
        (folder / "models.yaml").write_text(models, encoding="utf-8")
        made = Ground.at(folder, folder / "models.yaml")
        made.extra.update(extra)
        try:
            made.kafka.start()
            made.valkey.start()
            await ensure_topics(made.settings)
            yield made
        finally:
            made.stop()


async def issue_keys(settings: Settings) -> str:
    """The gateway's key where the gateway looks for it, and a client's key, which is returned."""
    publisher = KafkaPublisher(settings.kafka, client_id="bench-keys")
    await publisher.start()
    try:
        outbox = Outbox(publisher, Names(settings.kafka), "bench")
        gateway, client = (
            issue("local", (scope,), master_key(settings), requests_per_minute=10_000_000)
            for scope in ("gateway", "requests")
        )
        (settings.state / "gateway-key").write_text(gateway.secret)
        for key in (gateway, client):
            await outbox.key(key.record)
    finally:
        await publisher.stop()
    return client.secret

"""The consumers of examples/audit on a real log: nothing is lost when they are killed, and a forged log ends them."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from infra.broker import KafkaPublisher, ensure_topics
from infra.kafka.jars import classpath
from infra.kafka.server import java
from infra.keys import master_key
from infra.settings import Settings
from infra.topics import Names
from schemas.audit import Audit
from streams.audit.checkpoints import CheckpointAgent
from streams.audit.live import FRONTIER, LiveLog, key_of
from streams.audit.process import checkpointing, keys_of
from streams.audit.signing import Writer
from streams.audit.verifier.notes import split_note
from streams.cli.heads import trust_of
from streams.outbox import Outbox
from tests.conftest import MakeSettings
from tests.waiting import until

EXAMPLES = Path(__file__).parents[1] / "examples" / "audit"


@dataclass
class Ground:
    settings: Settings
    publisher: KafkaPublisher
    agent: CheckpointAgent
    said: int = 0

    async def say(self, count: int) -> None:
        outbox = Outbox(self.publisher, Names(self.settings.kafka), "test", writer=Writer(master_key(self.settings)))
        records = [
            Audit(id=f"a{self.said + number}", request_id=f"r{self.said + number}", actor="tests", action="admission")
            for number in range(count)
        ]
        self.said += count
        await outbox.audit(*records)
        await until(lambda: sum(self.agent.signed.values()) >= self.said)

    async def forge(self) -> None:
        """A head with the right signature over a tree that is not the log's."""
        log = LiveLog(self.settings.kafka)
        lines = split_note(log.heads(0)[-1].note)[0].decode().splitlines()
        lines[2] = "A" * 43 + "="
        body = "".join(f"{line}\n" for line in lines).encode()
        note = body + b"\n" + keys_of(self.settings).all()[0].line(body)
        await self.publisher.publish(log.checkpoints, note, key=key_of(log.topic, 0), headers=[(FRONTIER, b"")])


@pytest.fixture
async def deployment(make_settings: MakeSettings) -> AsyncIterator[Ground]:
    settings = make_settings(audit={"head_records": 50, "head_s": 0.2})
    await ensure_topics(settings)
    publisher = KafkaPublisher(settings.kafka, client_id="test")
    await publisher.start()
    outbox = Outbox(publisher, Names(settings.kafka), "test", writer=Writer(master_key(settings)))
    async with checkpointing(settings, outbox) as [agent]:
        yield Ground(settings, publisher, agent)
    await publisher.stop()


@dataclass
class Consumer:
    """A consumer as a process that can be killed and started again."""

    command: Sequence[str | Path]
    env: dict[str, str]
    output: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(self.command, env=self.env, stdout=out, stderr=out)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def saw_more_than(self, count: int) -> bool:
        return len(self.seen) > count

    @property
    def seen(self) -> set[str]:
        """The ids of the records that it handled; a line that was cut off by a kill is none."""
        found = set()
        for line in self.output.read_text().splitlines() if self.output.exists() else ():
            try:
                found.add(json.loads(line)["audit"]["id"])
            except (json.JSONDecodeError, KeyError, TypeError):
                continue
        return found


async def follows(deployment: Ground, command: Sequence[str | Path], tmp_path: Path) -> None:
    """Killed twice in the middle; then shown a forged head."""
    settings = deployment.settings
    await deployment.say(100)
    (tmp_path / "keys.json").write_text(trust_of(settings).dump())
    env = {**os.environ, "BOOTSTRAP": settings.kafka.servers, "PREFIX": settings.kafka.prefix}
    consumer = Consumer([*command, tmp_path / "keys.json", tmp_path / "position"], env, tmp_path / "out")
    try:
        await _killed_and_misled(deployment, consumer)
    finally:
        consumer.kill()


async def _killed_and_misled(deployment: Ground, consumer: Consumer) -> None:
    for _ in range(2):
        before = len(consumer.seen)
        consumer.start()
        await deployment.say(150)
        await until(partial(consumer.saw_more_than, before), 60)
        consumer.kill()
    consumer.start()
    await until(lambda: len(consumer.seen) == deployment.said, 60)
    await asyncio.sleep(1)
    assert consumer.running, consumer.output.read_text()[-2000:]

    await deployment.say(10)
    await deployment.forge()
    await until(lambda: not consumer.running, 30)
    assert consumer.process
    assert consumer.process.returncode == 1
    assert "DAMAGED" in consumer.output.read_text()


async def test_python(deployment: Ground, tmp_path: Path) -> None:
    await follows(deployment, [sys.executable, EXAMPLES / "python" / "follow.py"], tmp_path)


@pytest.mark.skipif(not shutil.which("javac"), reason="no Java compiler on this machine")
async def test_java(deployment: Ground, tmp_path: Path) -> None:
    jars, out = os.pathsep.join(map(str, classpath())), tmp_path / "classes"
    source = EXAMPLES / "java" / "Follow.java"
    compile_ = ["javac", "-encoding", "UTF-8", "-cp", jars, "-d", str(out), str(source)]
    done = await asyncio.to_thread(subprocess.run, compile_, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    await follows(deployment, [java(), "-cp", f"{out}{os.pathsep}{jars}", "Follow"], tmp_path)


@pytest.mark.skipif(not shutil.which("node"), reason="no node on this machine")
async def test_node(deployment: Ground, tmp_path: Path) -> None:
    """Where its client can be had: HEADRACE_NODE_MODULES names a folder with kafkajs; else it is looked at only."""
    source = EXAMPLES / "node" / "follow.mjs"
    modules = os.environ.get("HEADRACE_NODE_MODULES")
    if not modules:
        done = await asyncio.to_thread(subprocess.run, ["node", "--check", str(source)], check=False)
        assert done.returncode == 0
        return
    (tmp_path / "node_modules").symlink_to(modules)
    shutil.copy(source, tmp_path)
    await follows(deployment, ["node", tmp_path / "follow.mjs"], tmp_path)

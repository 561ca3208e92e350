"""Headrace as real processes, to be killed, frozen and started again."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from infra.kafka import EmbeddedKafka
from infra.process import spawn
from infra.server import free_port
from infra.settings import Settings
from infra.valkey import EmbeddedValkey

MODELS = """\
models:
  echo: {engine: echo, context: 100000, options: {slots: %d, delay_s: %s}}
"""


@dataclass
class Cluster:
    """One Kafka, one Valkey, and children named ``control-0``, ``text-0``, …"""

    directory: Path
    kafka: EmbeddedKafka
    valkey: EmbeddedValkey
    models_file: Path
    gateway_port: int = field(default_factory=free_port)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def with_double(cls, directory: Path, *, slots: int = 16, delay_s: float = 0.02) -> Self:
        """Nothing runs yet; the only model is the double."""
        directory.mkdir(parents=True, exist_ok=True)
        models = directory / "models.yaml"
        models.write_text(MODELS % (slots, delay_s))
        return cls.at(directory, models)

    @classmethod
    def at(cls, directory: Path, models_file: Path) -> Self:
        """Nothing runs yet. Fetched models are kept in the checkout's state folder, as ``make up`` does."""
        kept = Path(".headrace/models").absolute()
        kept.mkdir(parents=True, exist_ok=True)
        (directory / "state").mkdir(parents=True, exist_ok=True)
        (directory / "state" / "models").symlink_to(kept)
        return cls(
            directory,
            EmbeddedKafka(directory / "kafka", free_port(), fast_recovery=True),
            EmbeddedValkey(directory / "valkey", free_port()),
            models_file,
        )

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HEADRACE_STATE": str(self.directory / "state"),
            "HEADRACE_CONFIG": str(self.directory / "none.yaml"),
            "HEADRACE_MODELS_FILE": str(self.models_file),
            "HEADRACE_KAFKA__PORT": str(self.kafka.port),
            "HEADRACE_KAFKA__SESSION_TIMEOUT_S": "6",
            "HEADRACE_REDIS__PORT": str(self.valkey.port),
            "HEADRACE_GATEWAY__PORT": str(self.gateway_port),
            "HEADRACE_LIMITS__RECORD_BYTES": "65536",
            "HEADRACE_ABUSE__SUSPEND": "0",
            "HEADRACE_ABUSE__SCRUTINY": "0",
        }

    @property
    def settings(self) -> Settings:
        """What the children read from their environment."""
        kept = dict(os.environ)
        os.environ.update(self.environment)
        try:
            return Settings()
        finally:
            os.environ.clear()
            os.environ.update(kept)

    def start(self, name: str) -> None:
        """Start (again) the child of that name: its part before the dash is what it runs."""
        kind = name.rpartition("-")[0]
        command = [kind] if kind in ("control", "gateway") else ["worker", kind]
        self.children[name] = spawn(
            [sys.executable, "-m", "streams.cli", *command],
            self.directory / f"{name}.log",
            {**os.environ, **self.environment},
        )

    def await_ready(self, timeout_s: float) -> None:
        """Wait until each child has said that it is ready."""
        until = time.monotonic() + timeout_s
        for name in self.children:
            kind = name.rpartition("-")[0].replace(",", "-")
            mark = self.directory / "state" / "ready" / (kind if kind in ("control", "gateway") else f"worker-{kind}")
            while not mark.exists():
                if self.children[name].poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{name} is not ready: {(self.directory / f'{name}.log').read_text()[-2000:]}")
                time.sleep(0.1)

    async def kill(self, name: str, *, down_s: float = 0.5) -> None:
        """SIGKILL, then start again."""
        self.children[name].kill()
        self.children[name].wait()
        await asyncio.sleep(down_s)
        self.start(name)

    def revive(self) -> None:
        """Start again what ended by itself, as ``headrace up`` does: a process that finds no Kafka says so and ends."""
        for name, child in self.children.items():
            if child.poll() is not None:
                self.start(name)

    async def freeze(self, name: str, *, seconds: float) -> None:
        """SIGSTOP past the session timeout, then SIGCONT: a zombie wakes up."""
        self.children[name].send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self.children[name].send_signal(signal.SIGCONT)

    async def kill_kafka(self) -> None:
        self.kafka.kill()
        await asyncio.to_thread(self.kafka.start)

    def stop(self) -> None:
        for child in self.children.values():
            child.send_signal(signal.SIGCONT)
            child.terminate()
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(20)
            child.kill()
        self.valkey.stop()
        self.kafka.stop()

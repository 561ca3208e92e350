"""``headrace up``: everything on one machine, in one terminal."""

import asyncio
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from secrets import token_hex
from types import FrameType
from urllib.parse import urlsplit

import click

from infra.kafka import EmbeddedKafka
from infra.metrics import MULTIPROCESS, forget
from infra.policies import default_policy
from infra.ports import listener, taken
from infra.server import LOOPBACK
from infra.settings import Settings
from infra.valkey import EmbeddedValkey
from schemas.errors import Unavailable
from streams.cli.options import load_settings
from streams.cli.progress import downloading, fetching
from streams.cli.seed import seed
from streams.cli.welcome import welcome
from streams.supervisor import Process, Supervisor
from workers.models.manifest import Manifest
from workers.models.store import fetch

FREE_BYTES = 3 * 10**9
READY_S = 300.0
APART = "vision"
"""The pool that gets a process of its own; reading a page would hold up everything else."""


@click.command(epilog="Example: HEADRACE_GATEWAY__PORT=8000 headrace up")
def up() -> None:
    """Start Kafka, Valkey, the gateway, the control agents and the workers on this machine.

    What is missing is made or fetched the first time. All state is in .headrace (HEADRACE_STATE) and
    survives; Ctrl-C stops everything in order.
    """
    settings = load_settings()
    settings = settings.model_copy(update={"state": settings.state.absolute()})
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    settings.state.mkdir(parents=True, exist_ok=True)
    with alone(settings.state):
        check_space(settings.state)
        check_ports(settings)
        os.environ |= environment(settings.state)
        supervisor = Supervisor(say, forget)
        try:
            start(settings, supervisor)
            supervisor.watch()
        except KeyboardInterrupt:
            say("stopping …")
        finally:
            supervisor.stop()
    say("stopped")


def interrupt(number: int, frame: FrameType | None) -> None:
    """The first signal ends what is being done; later ones must not end the stopping."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def say(text: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')} {text}", err=True)


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Hold the state folder.

    Raises:
        Unavailable: another ``headrace up`` holds it.
    """
    with (state / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise Unavailable(
                f"another 'headrace up' (pid {file.read().strip()}) runs in {state}: "
                "stop it, or set HEADRACE_STATE to another folder"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def check_space(state: Path) -> None:
    """Before the first start there must be room for models, jars and the log."""
    free = shutil.disk_usage(state).free
    if not (state / "kafka").exists() and free < FREE_BYTES:
        raise Unavailable(
            f"{free / 1e9:.1f} GB are free at {state}, {FREE_BYTES / 1e9:.0f} GB are needed: "
            "make room, or set HEADRACE_STATE to another disk"
        )


def check_ports(settings: Settings) -> None:
    """Raises ``Unavailable`` naming the first port that is taken, by whom, and what to set."""
    needed = [("the gateway", settings.gateway.host, settings.gateway.port, "HEADRACE_GATEWAY__PORT")]
    if settings.kafka.embedded:
        needed.append(("Kafka", LOOPBACK, settings.kafka.port, EmbeddedKafka.port_setting))
    if settings.redis.embedded:
        needed.append(("Valkey", LOOPBACK, settings.redis.port, EmbeddedValkey.port_setting))
    for what, host, port, setting in needed:
        if taken(host, port):
            who = listener(port) or "another program"
            raise Unavailable(f"port {port}, which {what} needs, is taken by {who}: stop it, or set {setting}=…")


def environment(state: Path) -> dict[str, str]:
    """What children get besides ours: the state folder, and an empty folder that they count in together."""
    for name in ("metrics", "ready"):
        shutil.rmtree(state / name, ignore_errors=True)
        (state / name).mkdir()
    return {"HEADRACE_STATE": str(state), MULTIPROCESS: str(state / "metrics")}


def start(settings: Settings, supervisor: Supervisor) -> None:
    """Bring up one stage after the other, and say what can be done then."""
    manifest = Manifest.load(settings.models_file)
    pull(manifest, settings.state)
    serve(settings, supervisor)
    key = asyncio.run(seed(settings))
    processes = [Process(name, words, settings.state, os.environ) for name, words in commands(manifest)]
    supervisor.start(processes[0])
    supervisor.start(*processes[1:-1])
    supervisor.start(processes[-1])
    supervisor.await_all(Waiting(processes, health(settings)), READY_S)
    model = default_policy().routing.default
    command = "headrace" if shutil.which("headrace") else f"{Path(sys.executable).parent}/headrace"
    click.echo(welcome(settings, key, model, f"try-{token_hex(3)}", command))


def pull(manifest: Manifest, state: Path) -> None:
    """Fetch what is not here yet."""
    for entry in manifest.models:
        if entry.source:
            with downloading(entry.name) as progress:
                fetch(entry, state, progress)
    say("models are here")


def serve(settings: Settings, supervisor: Supervisor) -> None:
    """Start the servers that are embedded."""
    if settings.kafka.embedded:
        with fetching("Kafka") as progress:
            supervisor.start(EmbeddedKafka(settings.state / "kafka", settings.kafka.port, progress=progress))
        say(f"Kafka listens on {settings.kafka.servers}")
    if settings.redis.embedded:
        redis = settings.redis
        supervisor.start(EmbeddedValkey(settings.state / "valkey", redis.port, redis.memory_mb))
        say(f"Valkey listens on {LOOPBACK}:{redis.port}")


def commands(manifest: Manifest) -> list[tuple[str, list[str]]]:
    """Each process with its words: control first, then the workers of the pools that have a model, the gateway last."""
    pools = sorted({entry.pool for entry in manifest.models}, reverse=True)
    together = [pool for pool in pools if pool != APART]
    workers = [group for group in (together, [pool for pool in pools if pool == APART], ["training"]) if group]
    return [
        ("control", ["control"]),
        *((f"worker-{'-'.join(group)}", ["worker", ",".join(group)]) for group in workers),
        ("gateway", ["gateway"]),
    ]


def health(settings: Settings) -> Callable[[], bool]:
    """Asks the gateway whether it is ready."""
    address = urlsplit(settings.gateway.url).netloc

    def ready() -> bool:
        connection = HTTPConnection(address, timeout=2)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    return ready


class Waiting:
    """Names what is not ready yet, and says so when something has become ready."""

    def __init__(self, processes: Sequence[Process], gateway: Callable[[], bool]) -> None:
        self._left, self._gateway, self._began = list(processes), gateway, time.monotonic()

    def __call__(self) -> list[str]:
        for process in list(self._left):
            if process.ready and (process.name != "gateway" or self._gateway()):
                self._left.remove(process)
                say(f"{process.name} is ready after {time.monotonic() - self._began:.1f} s")
        return [process.name for process in self._left]

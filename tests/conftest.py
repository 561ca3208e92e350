"""What tests stand on: one real Kafka and one real Valkey for the whole run, and settings apart for each test.

Under pytest-xdist the controlling process runs the servers and tells the workers their ports.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from redis import Redis

from infra.broker import KafkaPublisher, ensure_topics
from infra.kafka import EmbeddedKafka
from infra.server import free_port
from infra.settings import Settings
from infra.valkey import EmbeddedValkey

MakeSettings = Callable[..., Settings]


@dataclass
class Ground:
    """The servers of this run. A worker's are run by the controlling process: it only knows their ports."""

    directory: Path
    kafka_port: int = field(default_factory=free_port)
    valkey_port: int = field(default_factory=free_port)
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def kafka(self) -> EmbeddedKafka:
        return EmbeddedKafka(self.directory / "kafka", self.kafka_port)

    @property
    def valkey(self) -> EmbeddedValkey:
        return EmbeddedValkey(self.directory / "valkey", self.valkey_port)

    def run_kafka(self) -> EmbeddedKafka:
        server = self.kafka
        self.stack.callback(server.kill)  # nothing of it is kept
        server.start()
        asyncio.run(warm_up(server.servers))
        return server

    def run_valkey(self) -> EmbeddedValkey:
        return self.stack.enter_context(self.valkey)


async def warm_up(servers: str) -> None:
    """Commit once for a group: the first commit makes the offsets topic, which takes seconds."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic("warm-up", 1, 1)])
    await admin.close()
    async with asyncio.timeout(30):
        async with AIOKafkaConsumer("warm-up", bootstrap_servers=servers, group_id="warm-up") as consumer:
            await consumer.commit({TopicPartition("warm-up", 0): 0})


async def delete_topics(servers: str, prefixes: Sequence[str]) -> None:
    """A broker on two cores is slow with ten thousand partitions: a test takes its own away."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    topics = [topic for topic in await admin.list_topics() if topic.partition(".")[0] in prefixes]
    if topics:
        await admin.delete_topics(topics)
    await admin.close()


GROUND = pytest.StashKey[Ground]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Run the servers before the first xdist worker starts."""
    if GROUND not in node.config.stash:
        directory = TemporaryDirectory(prefix="headrace-tests-")
        ground = node.config.stash[GROUND] = Ground(Path(directory.name))
        ground.stack.enter_context(directory)
        ground.run_kafka()
        ground.run_valkey()
    ground = node.config.stash[GROUND]
    node.workerinput["ground"] = (str(ground.directory), ground.kafka_port, ground.valkey_port)


def pytest_unconfigure(config: pytest.Config) -> None:
    if GROUND in config.stash:
        config.stash[GROUND].stack.close()


@pytest.fixture(scope="session")
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    shared = getattr(request.config, "workerinput", {}).get("ground")
    if shared:
        yield Ground(Path(shared[0]), *shared[1:])
        return
    ground = Ground(tmp_path_factory.mktemp("ground"))
    with ground.stack:
        yield ground


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest, ground: Ground) -> EmbeddedKafka:
    """The broker that all tests share; one that kills a broker starts its own."""
    return ground.kafka if hasattr(request.config, "workerinput") else ground.run_kafka()


@pytest.fixture(scope="session")
def valkey(request: pytest.FixtureRequest, ground: Ground) -> EmbeddedValkey:
    return ground.valkey if hasattr(request.config, "workerinput") else ground.run_valkey()


@pytest.fixture(scope="session")
def database(worker_id: str) -> int:
    """The number of the Redis database that is this process's own."""
    return int(worker_id.removeprefix("gw")) if worker_id != "master" else 0


@contextmanager
def settings_on(kafka: EmbeddedKafka, valkey: EmbeddedValkey, database: int, state: Path) -> Iterator[MakeSettings]:
    """A factory of settings on these servers, each with a topic prefix of its own, on an emptied Redis database."""
    prefixes: list[str] = []
    with Redis(port=valkey.port, db=database) as redis:
        redis.flushdb()

    def make(**sections: Any) -> Settings:
        prefixes.append(f"t{uuid.uuid4().hex[:8]}")
        defaults: dict[str, Any] = {
            "state": state,
            "kafka": {
                "embedded": False,
                "port": kafka.port,
                "bootstrap": kafka.servers,
                "prefix": prefixes[-1],
                "partitions": 2,
                "session_timeout_s": 6,
            },
            "redis": {"embedded": False, "port": valkey.port, "url": f"redis://127.0.0.1:{valkey.port}/{database}"},
            "gateway": {"port": free_port()},
        }
        return Settings(**{**defaults, **{key: merged(defaults.get(key), sections[key]) for key in sections}})

    yield make
    asyncio.run(delete_topics(kafka.servers, prefixes))


@pytest.fixture
def make_settings(
    kafka: EmbeddedKafka, valkey: EmbeddedValkey, database: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeSettings]:
    """Settings on the shared servers and a state folder. Sections are given as keyword arguments:
    ``make_settings(kafka={"partitions": 4}, limits={"in_flight": 2})``.
    """
    monkeypatch.setenv("HEADRACE_CONFIG", str(tmp_path / "none.yaml"))
    with settings_on(kafka, valkey, database, tmp_path / "state") as make:
        yield make


def merged(default: Any, given: Any) -> Any:
    return {**default, **given} if isinstance(default, dict) and isinstance(given, dict) else given


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    return make_settings()


@pytest.fixture
async def publisher(settings: Settings) -> AsyncIterator[KafkaPublisher]:
    """What puts records on the topics of ``settings``, which are there."""
    await ensure_topics(settings)
    publisher = KafkaPublisher(settings.kafka, client_id="test")
    await publisher.start()
    yield publisher
    await publisher.stop()

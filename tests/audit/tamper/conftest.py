"""A broker of one's own, whose disk is at hand, and real logs on it that the checkpoint agent has signed."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from infra.broker import KafkaPublisher, ensure_topics
from infra.kafka import EmbeddedKafka
from infra.keys import master_key
from infra.server import free_port
from infra.settings import Settings
from infra.topics import Names
from schemas.audit import Audit
from schemas.base import now
from streams.audit.checkpoints import CheckpointAgent
from streams.audit.folders import below
from streams.audit.live import LiveLog, Published
from streams.audit.process import checkpointing, hashes_of
from streams.audit.signing import Writer
from streams.audit.tiles import Kept
from streams.audit.verification import Verdict, Verification
from streams.audit.verifier.trust import Trust
from streams.cli.heads import trust_of
from streams.outbox import Outbox
from tests.waiting import until

COUNT = 300
SIGNED_EVERY = 50


@dataclass(frozen=True)
class Signed:
    """A deployment's log of one partition with its heads, and the disk that it is on."""

    settings: Settings
    disk: Path

    @property
    def folder(self) -> Path:
        return self.disk / "data" / f"{self.settings.kafka.prefix}.audit-0"

    @property
    def log(self) -> LiveLog:
        return LiveLog(self.settings.kafka)

    def kept(self, origin: str, size: int) -> Kept | None:
        return Kept(below(hashes_of(self.settings), origin.removeprefix("headrace/")), size)

    def verdict(
        self,
        *,
        trust: Trust | None = None,
        elsewhere: tuple[Published, ...] = (),
        hashes: bool = True,
        signatures: bool = False,
        after: timedelta = timedelta(),
    ) -> Verdict:
        """Of whoever has the keys, and with ``hashes`` those of all records, too."""
        log = self.log
        check = Verification(
            log,
            log.topic,
            trust or trust_of(self.settings),
            now() + after,
            elsewhere=lambda _: elsewhere,
            kept=self.kept if hashes else lambda *_: None,
            signatures=signatures,
        )
        return check(0)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """Several of these tests run on one broker; who stops it starts it again."""
    broker = EmbeddedKafka(tmp_path_factory.mktemp("tampered"), free_port())
    broker.start()
    yield broker
    broker.kill()


MakeLog = Callable[..., Signed]


@pytest.fixture
def make_log(broker: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeLog:
    """Makes a log of ``count`` records of a name, signed by the agent, which is stopped then."""
    monkeypatch.setenv("HEADRACE_CONFIG", str(tmp_path / "none.yaml"))

    def make(name: str, count: int = COUNT) -> Signed:
        settings = settings_of(broker, name, tmp_path / name)
        asyncio.run(grow(settings, count))
        return Signed(settings, broker.directory)

    return make


def settings_of(broker: EmbeddedKafka, prefix: str, state: Path) -> Settings:
    return Settings(
        state=state,
        kafka={"embedded": False, "bootstrap": broker.servers, "prefix": prefix, "partitions": 1},
        audit={"head_records": SIGNED_EVERY, "head_s": 0.2},
    )


async def grow(settings: Settings, count: int) -> None:
    """Write so many records as the platform does, while the agent signs."""
    await ensure_topics(settings)
    publisher = KafkaPublisher(settings.kafka, client_id="test")
    await publisher.start()
    writer = Writer(master_key(settings))
    outbox = Outbox(publisher, Names(settings.kafka), "test", writer=writer)
    try:
        async with checkpointing(settings, outbox) as [agent]:
            size = LiveLog(settings.kafka).bounds(0)[1]
            for number in range(size, size + count, SIGNED_EVERY):
                stop = min(number + SIGNED_EVERY, size + count)
                await outbox.audit(*(record(each) for each in range(number, stop)))
                await until(partial(signed_up_to, agent, stop))
    finally:
        await publisher.stop()


def signed_up_to(agent: CheckpointAgent, stop: int) -> bool:
    return agent.signed.get(0, 0) >= stop


def record(number: int) -> Audit:
    return Audit(id=f"test:{number}", request_id=f"r{number}", actor="tests", action="admission", status="admitted")

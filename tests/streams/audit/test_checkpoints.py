"""The agent on a real Kafka: heads come, one process signs, and what it cannot do is told once and mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced

from infra.broker import KafkaPublisher, ensure_topics
from infra.keys import master_key
from infra.settings import Settings
from infra.topics import Names
from schemas.audit import Audit
from schemas.base import now
from streams.audit.checkpoints import CheckpointAgent
from streams.audit.exported import decoded
from streams.audit.folders import below
from streams.audit.live import LiveLog
from streams.audit.process import checkpointing, hashes_of, keys_of, resume_of
from streams.audit.signing import SigningKeys, Writer
from streams.audit.verifier.log import check_heads
from streams.audit.verifier.notes import Head, open_note
from streams.audit.verifier.proofs import Frontier
from streams.audit.witnesses.store import NEWEST
from streams.outbox import Outbox
from tests.conftest import MakeSettings
from tests.waiting import until

QUICK = {"head_records": 20, "head_s": 0.2}


@dataclass
class Deployment:
    settings: Settings
    outbox: Outbox
    said: int = 0

    async def say(self, count: int) -> None:
        records = [audit(self.said + number) for number in range(count)]
        self.said += count
        await self.outbox.audit(*records)

    def heads(self, partition: int) -> list[Head]:
        keys = [key.public for key in keys_of(self.settings).all()]
        return [open_note(each.note, keys) for each in LiveLog(self.settings.kafka).heads(partition)]

    def size(self) -> int:
        log = LiveLog(self.settings.kafka)
        return sum(log.bounds(partition)[1] for partition in log.partitions())

    @asynccontextmanager
    async def signing(self, settings: Settings | None = None) -> AsyncIterator[CheckpointAgent]:
        async with checkpointing(settings or self.settings, self.outbox) as [agent]:
            yield agent

    async def signed(self, agent: CheckpointAgent) -> None:
        """Until heads speak of all that is there."""
        size = self.size()
        await until(lambda: sum(agent.signed.values()) >= size)

    def troubles(self) -> list[str]:
        log = LiveLog(self.settings.kafka)
        values = [
            decoded(entry.value)
            for partition in log.partitions()
            for batch in log.entries(partition, *log.bounds(partition), signatures=False)
            for entry in batch
        ]
        return [f"{value['request_id']}: {value['status']}" for value in values if value["action"] == "checkpoint"]


def audit(number: int) -> Audit:
    return Audit(id=f"a{number}", request_id=f"r{number}", actor="tests", action="admission", status="admitted")


@pytest.fixture
async def deployment(make_settings: MakeSettings) -> AsyncIterator[Deployment]:
    settings = make_settings(audit=QUICK)
    await ensure_topics(settings)
    publisher = KafkaPublisher(settings.kafka, client_id="test")
    await publisher.start()
    yield Deployment(settings, Outbox(publisher, Names(settings.kafka), "test", writer=Writer(master_key(settings))))
    await publisher.stop()


async def test_heads_come_and_go_on_from_one_another(deployment: Deployment) -> None:
    await deployment.say(30)  # before anybody signs
    async with deployment.signing() as agent:
        await deployment.signed(agent)
        for _ in range(3):
            await deployment.say(50)
            await deployment.signed(agent)
    async with deployment.signing() as agent:
        await deployment.say(10)
        await deployment.signed(agent)

    for partition in (0, 1):
        heads = deployment.heads(partition)
        assert len(heads) > 3
        assert list(check_heads(heads)) == []
        published = LiveLog(deployment.settings.kafka).heads(partition)
        for each, head in zip(published, heads, strict=True):
            assert Frontier(head.size, each.frontier).root() == head.root
            assert head.strangers == 0
    assert deployment.troubles() == []


async def test_one_process_signs_and_another_takes_over(deployment: Deployment) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(deployment.signing())
        await deployment.say(20)
        await deployment.signed(first)
        async with deployment.signing() as second:
            await deployment.say(20)
            size = deployment.size()
            await until(lambda: max(sum(first.signed.values()), sum(second.signed.values())) >= size)
        await deployment.say(20)
        await deployment.signed(first)

    for partition in (0, 1):
        assert list(check_heads(deployment.heads(partition))) == []


async def test_a_signer_that_ends_before_its_first_head_is_published_is_followed_by_another(
    deployment: Deployment,
) -> None:
    await deployment.say(300)
    settings = deployment.settings
    resume = resume_of(settings)
    resume.begin()
    for partition in (0, 1):
        place = below(hashes_of(settings), resume.origin(partition).removeprefix("headrace/"))
        resume(partition, place, now()).sign(resume.keys.all(), now())

    async with deployment.signing() as agent:
        await deployment.say(20)
        await deployment.signed(agent)
    for partition in (0, 1):
        assert list(check_heads(deployment.heads(partition))) == []
    assert deployment.troubles() == []


async def test_who_was_taken_for_dead_cannot_publish_any_more(deployment: Deployment) -> None:
    """Fenced by Kafka: the second producer of the transactional id puts the first one out."""
    kafka = deployment.settings.kafka
    made = [
        AIOKafkaProducer(bootstrap_servers=kafka.servers, transactional_id=f"{kafka.prefix}-checkpoints")
        for _ in range(2)
    ]
    for producer in made:
        await producer.start()
    try:
        async with made[1].transaction():
            await made[1].send_and_wait(Names(kafka)("checkpoints"), b"x")
        with pytest.raises(ProducerFenced):
            async with made[0].transaction():
                await made[0].send_and_wait(Names(kafka)("checkpoints"), b"x")
    finally:
        for producer in made:
            await producer.stop()


async def test_a_new_key_is_taken_up_at_once(deployment: Deployment) -> None:
    async with deployment.signing() as agent:
        await deployment.say(20)
        await deployment.signed(agent)
        new = keys_of(deployment.settings).rotate(timedelta(days=1)).public
        await deployment.say(20)
        await deployment.signed(agent)

    newest = LiveLog(deployment.settings.kafka).heads(0)[-1]
    assert open_note(newest.note, [new])
    assert list(check_heads(deployment.heads(0))) == []


async def test_a_new_log_begins_where_the_old_one_cannot_go_on(deployment: Deployment) -> None:
    async with deployment.signing() as agent:
        await deployment.say(20)
        await deployment.signed(agent)
    keys_of(deployment.settings).begin()
    async with deployment.signing() as agent:
        await deployment.say(20)
        await deployment.signed(agent)

    origins = [head.origin for head in deployment.heads(0)]
    assert len(set(origins)) == 2
    assert deployment.heads(0)[-1].previous is None or origins[-1] == origins[-2]


async def test_no_key_is_made_where_there_were_some(deployment: Deployment) -> None:
    async with deployment.signing() as agent:
        await deployment.say(20)
        await deployment.signed(agent)
    kept = [(path, path.read_bytes()) for path in keys_of(deployment.settings).folder.iterdir()]
    for path, _ in kept:
        path.unlink()
    async with deployment.signing() as agent:
        await until(lambda: deployment.troubles() == ["heads: troubled"])
        assert not keys_of(deployment.settings).all()
        for path, data in kept:
            path.write_bytes(data)
        await until(lambda: "heads: well again" in deployment.troubles())
        await deployment.signed(agent)


async def test_a_place_for_hashes_that_is_full_is_told_once_and_mended(deployment: Deployment, tmp_path: Path) -> None:
    blocked = tmp_path / "hashes"
    blocked.write_text("in the way")
    settings = deployment.settings.model_copy(
        update={"audit": deployment.settings.audit.model_copy(update={"hashes": str(blocked)})}
    )
    async with deployment.signing(settings) as agent:
        await deployment.say(5)
        await until(lambda: any("troubled" in each for each in deployment.troubles()))
        await asyncio.sleep(2.5)
        assert len(set(deployment.troubles())) == len(deployment.troubles())
        blocked.unlink()
        await deployment.signed(agent)
    assert any("well again" in each for each in deployment.troubles())


async def test_witnesses_get_heads_and_hashes(make_settings: MakeSettings, tmp_path: Path) -> None:
    folder = tmp_path / "witness"
    settings = make_settings(audit={**QUICK, "witnesses": [{"name": "w", "kind": "store", "url": str(folder)}]})
    await ensure_topics(settings)
    publisher = KafkaPublisher(settings.kafka, client_id="test")
    await publisher.start()
    deployment = Deployment(
        settings, Outbox(publisher, Names(settings.kafka), "test", writer=Writer(master_key(settings)))
    )
    async with deployment.signing() as agent:
        await deployment.say(600)
        await deployment.signed(agent)
        newest = LiveLog(settings.kafka).heads(0)[-1].note
        place = folder / keys_of(settings).log / f"{settings.kafka.prefix}.audit" / "0"
        await until(lambda: (place / NEWEST).exists() and (place / NEWEST).read_bytes() == newest)
    await publisher.stop()

    ours = settings.state / "audit" / place.relative_to(folder)
    for tile in ours.rglob("tile/**/*"):
        if tile.is_file():
            assert (place / tile.relative_to(ours)).read_bytes() == tile.read_bytes()


def test_keys_are_where_the_settings_say(make_settings: MakeSettings, tmp_path: Path) -> None:
    assert keys_of(make_settings(audit={"keys": tmp_path})).folder == tmp_path
    assert isinstance(keys_of(make_settings()), SigningKeys)

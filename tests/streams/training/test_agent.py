"""How jobs begin and end; what a job learns is tested with the training itself."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.broker import KafkaPublisher, Record, ensure_topics
from infra.keys import KeyRing
from infra.objects import ObjectStore
from infra.policies import default_policy
from infra.settings import Settings
from infra.topics import Names
from schemas.errors import Unavailable
from schemas.training import TrainingJob, TrainingResult
from streams.outbox import Outbox
from streams.registry import Registry
from streams.training.agent import Telling, Training, ended, job_in
from tests.streams.making import Log, record
from tests.waiting import until
from workers.models.manifest import Manifest

MANIFEST = Manifest.model_validate({"models": {"echo": {"engine": "echo"}}})


@pytest.fixture
async def publisher(settings: Settings) -> AsyncIterator[KafkaPublisher]:
    await ensure_topics(settings)
    publisher = KafkaPublisher(settings.kafka, client_id="test")
    await publisher.start()
    yield publisher
    await publisher.stop()


def training(settings: Settings, log: Log) -> Training:
    outbox = Outbox(log, Names(settings.kafka), "worker-training")
    registry = Registry(KeyRing(bytes(32)), default_policy())
    return Training(settings, registry, MANIFEST, ObjectStore(settings), outbox)


def asked(job: TrainingJob) -> Record:
    return record(job.model_dump_json().encode(), topic="t.training")


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("none", "model_not_found"),
        ("echo", "training_failed"),  # there is nothing in it to train
    ],
)
async def test_a_job_that_cannot_run_has_failed(
    settings: Settings, publisher: KafkaPublisher, model: str, code: str
) -> None:
    log = Log()
    await training(settings, log)(asked(TrainingJob(id="j1", model=model, tenant="acme")))
    [end] = log.values(Names(settings.kafka)("training"))
    assert (end["id"], end["tenant"], end["outcome"], end["error"]["code"]) == ("j1", "acme", "failed", code)


async def test_a_job_that_has_its_result_is_not_run_again(settings: Settings, publisher: KafkaPublisher) -> None:
    job, log, topic = TrainingJob(id="j1", model="none"), Log(), Names(settings.kafka)("training")
    for value in (b"no json", b"[]", b"{}", job.model_dump_json().encode()):  # none of these is a result
        await publisher.publish(topic, value)
    await training(settings, log)(asked(job))
    assert len(log.said) == 1
    await publisher.publish(topic, ended(job, "refused", "no gain").model_dump_json().encode())
    await training(settings, log)(asked(job))
    assert len(log.said) == 1


@pytest.mark.parametrize("value", [b"no json", b"[]", b'{"kind": "job"}', b'{"kind": "progress"}', b""])
async def test_what_is_no_job_is_left_alone(tmp_path: Path, value: bytes) -> None:
    log, news = Log(), record(value, topic="t.training")
    made = training(Settings(state=tmp_path), log)
    assert job_in(news) is None
    await made(news)
    await made.give_up(news, Unavailable("away"), 5)
    assert not log.said


async def test_giving_up_says_why(tmp_path: Path) -> None:
    log = Log()
    await training(Settings(state=tmp_path), log).give_up(asked(TrainingJob(model="echo")), Unavailable("away"), 5)
    [end] = log.values("headrace.training")
    assert (end["outcome"], end["reason"]) == ("failed", "away (tried 5 times)")


def test_ends() -> None:
    end = ended(TrainingJob(id="j1", model="echo"), "registered", "better", version="a1", metrics={"loss": 0.5})
    assert isinstance(end, TrainingResult)
    assert (end.version, end.metrics, end.reason) == ("a1", {"loss": 0.5}, "better")


async def test_progress_is_told_from_a_thread_but_not_too_often(tmp_path: Path) -> None:
    log, loop = Log(), asyncio.get_running_loop()
    tell = Telling(TrainingJob(id="j1", model="echo"), training(Settings(state=tmp_path), log).outbox, loop)

    def run() -> None:
        for step in range(101):
            tell("training", step, 100, 1 / (step + 1))
        tell("evaluation", 0, 1)

    await asyncio.to_thread(run)
    await until(lambda: len(log.said) == 3)
    told = [(each["phase"], each["step"]) for each in log.values("headrace.training")]
    assert told == [("training", 0), ("training", 100), ("evaluation", 0)]

from infra.redis import Store
from infra.server import free_port
from infra.settings import KafkaSettings, Settings, TrainingTrigger
from infra.topics import Names
from streams.feedback.trigger import Trigger
from streams.outbox import Outbox
from tests.conftest import MakeSettings
from tests.streams.making import Log


def trigger(store: Store, corrections: int, log: Log) -> Trigger:
    outbox = Outbox(log, Names(KafkaSettings(prefix="t")), "test")
    return Trigger(store, TrainingTrigger(corrections=corrections), outbox)


async def test_every_so_many_corrections_make_a_job(settings: Settings) -> None:
    store, log = Store(settings), Log()
    made = trigger(store, 3, log)
    for feedback in ("f1", "f2", "f2", "f1", "f3", "f3", "f4", "f5", "f6"):  # each counts once
        await made.count("acme", "echo", feedback)
    await made.count("umbrella", "echo", "f1")  # tenants and models are counted apart
    await made.count("acme", "other", "f1")
    await store.close()
    jobs = log.values("t.training")
    assert [job["id"] for job in jobs] == ["auto-acme-echo-3", "auto-acme-echo-6"]
    assert {(job["tenant"], job["model"], job["requested_by"]) for job in jobs} == {("acme", "echo", "trigger")}


async def test_none_by_default(settings: Settings) -> None:
    store, log = Store(settings), Log()
    await trigger(store, 0, log).count("acme", "echo", "f1")
    await store.close()
    assert not log.said


async def test_without_redis_nothing_is_counted(make_settings: MakeSettings) -> None:
    store, log = Store(make_settings(redis={"port": free_port(), "url": None})), Log()
    await trigger(store, 1, log).count("acme", "echo", "f1")
    await store.close()
    assert not log.said

import pytest

from infra.broker import Record
from infra.keys import issue
from infra.metrics import Metrics
from infra.settings import KafkaSettings
from infra.topics import Names
from schemas.access import Access
from schemas.base import Event
from schemas.errors import InvalidField, TooLarge
from schemas.registry import ModelVersion, Policy, Prompt
from schemas.screened import Backscan, Review, Screened
from schemas.training import TrainingJob, TrainingProgress, TrainingResult
from streams.audit.agent import TOPICS, Watch
from streams.audit.records import Auditor
from streams.deadletter.box import DeadLetters
from streams.outbox import Outbox
from tests.streams.making import SOURCE, Log, record

KEY = issue("acme", ["requests"], bytes(32)).record.model_copy(update={"id": "b60fed2382f3"})


def watch(log: Log) -> Watch:
    names = Names(KafkaSettings(prefix="t"))
    outbox = Outbox(log, names, "control")
    return Watch(names, outbox, Auditor(bytes(32)), DeadLetters(outbox, Metrics()), lambda _: "live")


@pytest.mark.parametrize(
    ("topic", "event", "outcome", "code"),
    [
        ("training", TrainingJob(model="echo"), "requested", "echo"),
        ("training", TrainingResult(model="echo", outcome="refused"), "refused", "echo"),
        ("models", ModelVersion(name="echo", version="a1", status="live"), "live", "model echo@a1"),
        ("prompts", Prompt(name="greet", version="1", text="hi"), "live", "prompt greet@1"),
        ("policies", Policy(name="default", version="1", document={}), "live", "policy default@1"),
        ("keys", KEY, "issued", KEY.id),
        ("accesses", Access(actor="k1", what="request", target="r1"), "granted", "request"),
        ("accesses", Access(actor="k1", what="events", outcome="denied"), "denied", "events"),
        ("keys", KEY.model_copy(update={"revoked": True}), "revoked", KEY.id),
        ("reviews", Review(id="r1", source=SOURCE), "waiting", ""),
        ("reviews", Review(id="r1", source=SOURCE, status="refused", by="ann", note="no"), "refused", "no"),
    ],
)
async def test_changes_are_audited(topic: str, event: Event, outcome: str, code: str) -> None:
    log = Log()
    await watch(log)(record(event.model_dump_json().encode(), topic=f"t.{topic}"))
    [audit] = log.values("t.audit")
    [decision] = audit["decisions"]
    assert (audit["request_id"], decision["outcome"], decision["code"]) == (event.id, outcome, code)
    assert KEY.sealed not in str(audit)


async def test_a_backscan_is_audited_under_the_request_and_with_its_level() -> None:
    log = Log()
    found = Backscan(
        request_id="r1", source=SOURCE, direction="prompt", policy="p2", rules="r", action="block", level="high"
    )
    await watch(log)(record(found.model_dump_json().encode(), topic="t.backscans"))
    [audit] = log.values("t.audit")
    assert (audit["request_id"], audit["action"], audit["severity"]) == ("r1", "backscan", "high")
    assert (audit["versions"]["policy"], audit["decisions"][0]["outcome"]) == ("p2", "block")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"action": "block", "level": "high"}, ("block", "high", "")),
        ({"action": "allow", "reason": "nothing found"}, ("allow", "info", "nothing found")),
        ({"error": TooLarge("…").body().model_dump()}, ("refused", "low", "too_large")),
    ],
)
async def test_a_verdict_for_another_system_is_audited(said: dict[str, object], told: tuple[str, str, str]) -> None:
    log = Log()
    found = Screened.model_validate({"id": "s1", "tenant": "acme", "asker": "key-1", "policy": "p2", **said})
    await watch(log)(record(found.model_dump_json().encode(), topic="t.screening.verdicts"))
    [audit] = log.values("t.audit")
    assert (audit["request_id"], audit["actor"], audit["tenant"]) == ("s1", "key-1", "acme")
    assert (audit["action"], audit["versions"]["policy"]) == ("screening", "p2")
    [decision] = audit["decisions"]
    assert (decision["outcome"], audit["severity"], decision["code"]) == told


async def test_progress_and_tombstones_are_not_worth_a_record() -> None:
    log = Log()
    progress = TrainingProgress(model="echo", phase="training").model_dump_json().encode()
    await watch(log)(record(progress, topic="t.training"))
    await watch(log)(Record("t.models", 0, 0, b"echo@a1", None, (), 0))
    assert not log.said


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("value", [b"no json", b"[]", b"{}", b'{"kind": "song"}'])
async def test_what_is_no_event_is_kept(topic: str, value: bytes) -> None:
    log = Log()
    broken = record(value, topic=f"t.{topic}")
    with pytest.raises(InvalidField) as caught:
        await watch(log)(broken)
    await watch(log).give_up(broken, caught.value, 1)
    [failure] = log.values("t.deadletter")
    assert failure["source"]["topic"] == f"t.{topic}"

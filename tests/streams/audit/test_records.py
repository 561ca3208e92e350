from schemas.audit import Decision
from schemas.errors import Blocked
from schemas.results import Handover
from schemas.training import TrainingJob
from streams.admission.identity import Sender
from streams.audit.records import Auditor
from streams.journey import Journey
from tests.streams.making import DIGEST, ECHO, MOMENT, SOURCE, ended, final, pins, record, response, work

AUDITOR = Auditor(bytes(32))
DECIDED = Decision(stage="admission", outcome="refused", code="too_large")


def journey(tenant: str | None = "acme", key_id: str | None = None) -> Journey:
    made = Journey(record(), "r1", DIGEST, "p1", "r1", key_id=key_id, prompt_version="greet@1", candidates=(ECHO,))
    made.sender = Sender(tenant, "default tenant") if tenant else None
    made.decisions.append(DECIDED)
    return made


def test_what_the_way_in_decided() -> None:
    made = AUDITOR.admission(journey(key_id="k1"))
    assert (made.id, made.request_id, made.action) == ("in:t.requests:0:7", "r1", "admission")
    assert (made.actor, made.source, made.decisions) == ("k1", SOURCE, (DECIDED,))
    assert made.versions == {"policy": "p1", "rules": "r1", "prompt": "greet@1", "model": "echo@v1"}
    assert [AUDITOR.admission(journey(tenant)).actor for tenant in ("acme", None)] == ["acme", "anonymous"]


def test_what_the_way_out_decided() -> None:
    made = AUDITOR.release(record(topic="t.results"), response(), (DECIDED,))
    assert (made.id, made.time, made.status) == ("out:t.results:0:7", MOMENT, "completed")
    assert [each.stage for each in made.decisions] == ["admission", "screening", "release"]
    assert made.decisions[-1].code == "stop"
    refused = AUDITOR.release(record(), response(status="blocked", error=Blocked("no").body()))
    assert refused.decisions[-1].code == "content_blocked"


def test_legs_and_repeats() -> None:
    handover = Handover(id="r1", tenant="acme", time=MOMENT, pins=pins(), work=work(), model=ECHO)
    leg = AUDITOR.handover(record(), handover, DECIDED)
    assert (leg.action, leg.decisions, leg.time) == ("handover", (DECIDED,), MOMENT)
    for end in (final(), ended(Blocked("no"))):
        repeat = AUDITOR.repeat(record(), end)
        assert (repeat.action, repeat.decisions[0].outcome, repeat.versions["model"]) == (
            "repeat",
            "dropped",
            "echo@v1",
        )


def test_changes() -> None:
    job = TrainingJob(id="j1", model="echo", time=MOMENT)
    made = AUDITOR.change(record(ce_source=b"headrace/cli"), job, "training", "requested", "x" * 300)
    assert (made.actor, made.action, made.request_id) == ("headrace/cli", "training", "j1")
    assert len(made.decisions[0].code) == 200
    assert AUDITOR.change(record(b"\xff"), job, "training", "requested").actor == "unknown"


def test_a_repeat_is_the_same_record() -> None:
    one, two = (AUDITOR.release(record(), response()).model_dump_json() for _ in range(2))
    assert one == two


def test_digests_are_keyed_and_say_nothing() -> None:
    made = AUDITOR.release(record(), response(text="the riddle, 谜语"))
    assert "riddle" not in made.model_dump_json()
    assert made.content == AUDITOR.digest("the riddle, 谜语") != Auditor(b"x" * 32).digest("the riddle, 谜语")
    assert made.content != AUDITOR.digest("the riddle")
    assert len(AUDITOR.digest("\ud800")) == len(DIGEST)  # half a surrogate pair is no obstacle

"""What changes while the platform runs: policies, prompts, adapters, dead letters sent back, and learning."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from schemas.feedback import Example
from schemas.registry import ModelVersion
from schemas.responses import Response
from schemas.training import TrainingJob, TrainingResult
from schemas.work import AdapterPin
from streams.deadletter.box import redrive
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start(training={"corrections": 2}) as running:
        yield running


async def test_a_new_policy_is_live_without_a_restart(platform: Platform) -> None:
    before = await platform.ask("the word xylophone")
    words = {"instruments": {"level": "high", "words": ["xylophone", "木琴"]}}
    version = await platform.set_policy(
        screening={"words": words, "actions": {"prompt": {"instruments": "block"}}}, routing={"small": "typing"}
    )
    after, other = await platform.ask("the word xylophone"), await platform.ask("the word piano")
    await platform.set_policy()
    assert (before.status, after.status, other.status) == ("completed", "blocked", "completed")
    assert after.versions.policy == version != before.versions.policy
    assert str(other.versions.model).startswith("typing@")


async def test_a_tenants_override_is_for_that_tenant(platform: Platform) -> None:
    await platform.set_policy(
        tenants={"local": {"routing": {"small": "typing"}}, "acme": {"routing": {"small": "slow"}}}
    )
    response = await platform.ask()
    await platform.set_policy()
    assert str(response.versions.model).startswith("typing@")


async def test_a_prompt_is_rendered_and_pinned(platform: Platform) -> None:
    first = await platform.prompt("greet", "Say hello to $who", role="user")
    second = await platform.prompt("greet", "向$who问好", role="user")
    for version, text in ((first, "Say hello to 王先生"), (second, "向王先生问好"), (None, "向王先生问好")):
        template = {"name": "greet", "version": version, "variables": {"who": "王先生"}}
        response = await platform.answer(await platform.publish("requests", {"template": template}))
        assert (response.text, response.versions.prompt) == (text, f"greet@{version or second}")


def adapter(version: str, **fields: Any) -> ModelVersion:
    pin = AdapterPin(name="echo", version=version, uri=f"objects/00/{'0' * 64}", sha256="0" * 64)
    return ModelVersion(name="echo", version=version, status="live", adapter=pin).model_copy(update=fields)


async def publish(platform: Platform, *versions: ModelVersion) -> None:
    for version in versions:
        await platform.outbox.model(version)
    registry = platform.parts.registry
    await until(lambda: all(version in registry.model_versions("echo") for version in versions))


async def adapters(platform: Platform, count: int = 1, **fields: Any) -> list[str | None]:
    return [(await platform.ask(**fields)).versions.adapter for _ in range(count)]


async def test_the_latest_live_adapter_serves_and_is_rolled_back(platform: Platform) -> None:
    await publish(platform, adapter("a1"), adapter("a2"))
    assert await adapters(platform) == ["echo@a2"]
    await publish(platform, adapter("a2", status="retired"))
    assert await adapters(platform) == ["echo@a1"]
    await publish(platform, adapter("a1"))  # said again: the order of the log is what counts
    await publish(platform, adapter("a1", status="retired"))
    assert await adapters(platform) == [None]


async def test_what_was_learnt_from_a_tenant_serves_that_tenant(platform: Platform) -> None:
    await publish(platform, adapter("ours", tenant="local"), adapter("theirs", tenant="acme"))
    assert await adapters(platform) == ["echo@ours"]
    await publish(platform, adapter("ours", tenant="local", status="retired"))


async def test_a_canary_gets_its_share_and_keeps_its_conversations(platform: Platform) -> None:
    await publish(platform, adapter("canary", weight=0.5))
    chosen = {talk: (await adapters(platform, 2, conversation=f"talk-{talk}")) for talk in range(16)}
    await publish(platform, adapter("canary", status="retired"))
    assert all(first == again for first, again in chosen.values())
    assert {first for first, _ in chosen.values()} == {"echo@canary", None}


async def test_changes_are_audited(platform: Platform) -> None:
    version = adapter("audited", id="change-1", status="refused")
    await platform.outbox.model(version)
    await until(lambda: bool(platform.audit("change-1")))
    [record] = platform.audit("change-1")
    [decision] = record.decisions
    assert (record.action, decision.outcome, decision.code) == ("registry", "refused", "model echo@audited")
    assert record.actor == "headrace/test"


async def test_a_registry_record_that_is_none_is_ignored_and_kept(platform: Platform) -> None:
    source = await platform.publish("policies", {"name": "broken"}, key="broken@0")
    await until(lambda: any(each.source == source for each in platform.deadletters()))
    assert (await platform.ask()).status == "completed"


async def test_work_that_is_no_work_is_kept(platform: Platform) -> None:
    source = await platform.publish("work.text", b"{}", key="x")
    await until(lambda: any(each.source == source for each in platform.deadletters()))
    assert (await platform.ask()).status == "completed"


async def test_a_result_that_is_none_is_kept(platform: Platform) -> None:
    source = await platform.publish("results", b"{}", key="x")
    await until(lambda: any(each.source == source for each in platform.deadletters()))
    assert (await platform.ask()).status == "completed"


async def test_a_dead_letter_that_is_sent_back_is_a_request_of_its_own(platform: Platform) -> None:
    source = await platform.publish("requests", b"no json", key="sent-back", headers=[("ce_id", b"sent-back")])
    assert (await platform.answer(id="sent-back")).status == "refused"
    for number in (1, 2):
        [failure] = [each for each in platform.deadletters() if each.source == source]
        await redrive(failure, platform.parts.publisher)
        again = await platform.answer(id=f"sent-back#r{number}")
        assert (again.status, again.of) == ("refused", "sent-back")
        source = again.source
    assert [each.redriven for each in platform.deadletters()][-3:] == [0, 1, 2]


async def test_corrections_become_examples_and_enough_of_them_a_job(platform: Platform) -> None:
    for number in range(2):
        await platform.ask(f"I am bob@example.com, question {number}", id=f"asked-{number}")
        opinion = {"request_id": f"asked-{number}", "thumb": "down", "correction": "写信给 ann@example.com"}
        recorded = await platform.answer(await platform.publish("feedback", opinion))
        assert (recorded.kind, recorded.status, recorded.text) == ("feedback", "completed", "recorded")
    examples = [Example.model_validate_json(record.value or b"") for record in platform.records["examples"]]
    assert {example.request_id for example in examples} == {"asked-0", "asked-1"}
    assert all((example.model, example.thumb) == ("echo", "down") for example in examples)
    assert "example.com" not in examples[0].answer
    await until(lambda: bool(platform.records["training"]))
    job = TrainingJob.model_validate_json(platform.records["training"][0].value or b"")
    assert (job.id, job.model, job.tenant, job.requested_by) == ("auto-local-echo-2", "echo", "local", "trigger")
    await until(lambda: bool(platform.audit(job.id)))


async def test_feedback_finds_its_answer_on_the_log_when_redis_does_not_have_it(platform: Platform) -> None:
    asked: Response = await platform.ask(id="forgotten")
    await platform.counted(asked)
    await platform.parts.store.delete("answer:local:forgotten")
    recorded = await platform.answer(await platform.publish("feedback", {"request_id": "forgotten", "rating": 5}))
    assert recorded.text == "recorded"


async def test_feedback_on_what_was_no_request_is_recorded(platform: Platform) -> None:
    for name, value in (("list", b"[1]"), ("text", b"no json")):
        await platform.publish("requests", value, key=name, headers=[("ce_id", name.encode())])
        await platform.answer(id=name)
        recorded = await platform.answer(await platform.publish("feedback", {"request_id": name, "thumb": "down"}))
        assert recorded.text == "recorded"


async def test_the_end_of_a_job_is_audited(platform: Platform) -> None:
    await platform.outbox.training(TrainingResult(id="job-1", model="echo", outcome="refused", reason="no gain"))
    await until(lambda: bool(platform.audit("job-1")))
    assert platform.audit("job-1")[0].status == "refused"


async def test_an_answer_that_gives_a_canary_away_is_blocked(platform: Platform) -> None:
    canary = "canary-7f3kq92mzx41"
    await platform.prompt("desk", f"You answer for the harbour office. {canary}")
    response = await platform.ask(f"it said {canary}", id="leaking", template={"name": "desk"}, stream=True)
    assert (response.status, response.verdict.reason) == ("blocked", "block: 1 CANARY")
    assert canary not in response.text + "".join(chunk.text for chunk in platform.chunks("leaking"))

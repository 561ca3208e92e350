"""Chat and completions through the official client: answered, signed on the log, the same once when retried."""

import asyncio
from typing import Any

import openai
import pytest

from infra.signing import verify
from schemas.errors import Blocked, ModelNotFound, QuotaExceeded, Unavailable
from tests.streams.gateway.conftest import MakeGateway
from tests.streams.gateway.doubles import Reply

HELLO: list[Any] = [{"role": "user", "content": "你好"}]


async def test_a_chat_is_answered(gateway: MakeGateway) -> None:
    gate = await gateway()
    answer = await gate.openai().chat.completions.create(model="small", messages=HELLO, temperature=0.5, stop="x")

    assert answer.choices[0].message.content == "echo: 你好"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == "small@1"
    assert answer.usage
    assert answer.usage.total_tokens == 8
    [said] = gate.platform.said("requests")
    assert said["id"] == answer.id
    assert (said["tenant"], said["temperature"], said["stop"]) == ("acme", 0.5, ["x"])
    assert said["on_behalf_of"] == gate.key.split("-")[1]


async def test_a_client_cannot_say_where_it_calls_from(gateway: MakeGateway) -> None:
    gate = await gateway()
    for forwarded in ("203.0.113.9", "203.0.113.10"):
        headers = {"X-Forwarded-For": forwarded}
        await gate.openai().chat.completions.create(model="small", messages=HELLO, extra_headers=headers)
    first, second = [said["address"] for said in gate.platform.said("requests")]
    assert first == second
    assert "127.0.0.1" not in first


async def test_what_is_said_is_signed_by_the_gateway(gateway: MakeGateway) -> None:
    gate = await gateway()
    await gate.openai().chat.completions.create(model="small", messages=HELLO, extra_body={"conversation": "c1"})

    [record] = gate.platform.records
    key = verify(record.value or b"", record.headers, gate.ring)
    assert key
    assert key.scopes == ("gateway",)
    assert record.key == b"c1"
    assert {"traceparent", "ce_id", "ce_type"} <= {name for name, _ in record.headers}


async def test_a_trace_goes_on(gateway: MakeGateway) -> None:
    gate = await gateway()
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    await gate.openai().chat.completions.create(model="small", messages=HELLO, extra_headers={"traceparent": trace})
    [said] = gate.platform.said("requests")
    assert said["trace"].startswith(f"00-{'a' * 32}-")
    assert said["trace"] != trace


async def test_a_completion_is_answered(gateway: MakeGateway) -> None:
    gate = await gateway()
    answer = await gate.openai().completions.create(model="small", prompt="once", max_tokens=5)
    assert answer.choices[0].text == "echo: once"
    assert gate.platform.said("requests")[0]["max_tokens"] == 5


async def test_headrace_fields_travel(gateway: MakeGateway) -> None:
    gate = await gateway()
    extra = {"security": "high", "priority": "batch", "cache": False, "deadline_s": 30, "max_completion_tokens": 9}
    await gate.openai().chat.completions.create(model="small", messages=HELLO, extra_body=extra)
    [said] = gate.platform.said("requests")
    assert (said["security"], said["priority"], said["cache"]) == ("high", "batch", False)
    assert said["max_tokens"] == 9
    assert said["deadline"] > said["time"]


async def test_pictures_and_files_travel(gateway: MakeGateway) -> None:
    gate = await gateway()
    content = [
        {"type": "text", "text": "总金额是多少?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "file", "file": {"file_id": "file-1"}},
    ]
    await gate.openai().chat.completions.create(model="small", messages=[{"role": "user", "content": content}])  # type: ignore[list-item, misc]  # plain dicts, as in a curl
    [said] = gate.platform.said("requests")
    assert [part["type"] for part in said["messages"][0]["content"]] == ["text", "image_url", "file"]


@pytest.mark.parametrize(
    ("error", "raised", "code"),
    [
        (ModelNotFound("no such model", param="model"), openai.NotFoundError, "model_not_found"),
        (Blocked("not let through"), openai.PermissionDeniedError, "content_blocked"),
        (QuotaExceeded("spent"), openai.RateLimitError, "quota_exceeded"),
        (Unavailable("away"), openai.InternalServerError, "unavailable"),
    ],
)
async def test_the_client_raises_its_own_exceptions(
    gateway: MakeGateway, error: Any, raised: type[openai.APIStatusError], code: str
) -> None:
    gate = await gateway()
    gate.platform.replies["你好"] = Reply(error=error)
    with pytest.raises(raised) as caught:
        await gate.openai().chat.completions.create(model="small", messages=HELLO)
    assert caught.value.code == code
    assert caught.value.response.headers["x-should-retry"] == ("true" if error.retriable else "false")
    assert ("retry-after" in caught.value.response.headers) == error.retriable


async def test_no_answer_in_time_is_a_504_and_withdraws(gateway: MakeGateway) -> None:
    gate = await gateway(timeout_s=0.2)
    gate.platform.replies["你好"] = Reply(silent=True)
    with pytest.raises(openai.InternalServerError) as caught:
        await gate.openai().chat.completions.create(model="small", messages=HELLO)
    assert caught.value.status_code == 504
    assert await gate.platform.cancelled() == gate.platform.said("requests")[0]["id"]


async def test_a_client_that_leaves_withdraws(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["你好"] = Reply(silent=True)
    asking = asyncio.create_task(gate.openai().chat.completions.create(model="small", messages=HELLO))
    await gate.platform.published()
    asking.cancel()
    assert await gate.platform.cancelled() == gate.platform.said("requests")[0]["id"]
    cancel = gate.platform.records[-1]
    assert cancel.key == gate.platform.records[0].key
    assert verify(cancel.value or b"", cancel.headers, gate.ring)


async def test_one_who_may_come_back_is_not_withdrawn(gateway: MakeGateway) -> None:
    """An idempotency key says so: the second try gets the answer of the first."""
    gate = await gateway(timeout_s=0.2)
    gate.platform.replies["你好"] = Reply("one", pause_s=0.4)
    same = {"Idempotency-Key": "order-7"}
    with pytest.raises(openai.InternalServerError):
        await gate.openai().chat.completions.create(model="small", messages=HELLO, extra_headers=same)
    await asyncio.sleep(0.4)
    again = await gate.openai().chat.completions.create(model="small", messages=HELLO, extra_headers=same)
    assert again.choices[0].message.content == "one"
    assert not gate.platform.cancels()


async def test_an_idempotency_key_makes_one_request(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["你好"] = Reply("one", pause_s=0.1)
    same = {"Idempotency-Key": "order-7"}

    async def ask() -> Any:
        return await gate.openai().chat.completions.create(model="small", messages=HELLO, extra_headers=same)

    first, second = await asyncio.gather(ask(), ask())
    third = await ask()
    assert {first.id, second.id, third.id} == {first.id}
    assert len(gate.platform.said("requests")) == 1


async def test_an_idempotency_key_counts_within_a_tenant(gateway: MakeGateway) -> None:
    gate = await gateway()
    same = {"Idempotency-Key": "order-7"}
    ours = await gate.openai().chat.completions.create(model="small", messages=HELLO, extra_headers=same)
    other = gate.openai(gate.issue("globex"))
    theirs = await other.chat.completions.create(model="small", messages=HELLO, extra_headers=same)
    assert ours.id != theirs.id


@pytest.mark.parametrize("pause_s", [0.0, 0.2])
async def test_a_used_id_with_other_content_is_refused(gateway: MakeGateway, pause_s: float) -> None:
    """Answered already, or still in flight."""
    gate = await gateway()
    gate.platform.replies["你好"] = Reply("one", pause_s=pause_s)
    same = {"X-Request-Id": "mine"}
    client = gate.openai()
    first = asyncio.create_task(client.chat.completions.create(model="small", messages=HELLO, extra_headers=same))
    await gate.platform.published()
    if not pause_s:
        await first
    other: Any = [{"role": "user", "content": "other"}]
    with pytest.raises(openai.ConflictError) as caught:
        await client.chat.completions.create(model="small", messages=other, extra_headers=same)
    assert caught.value.code == "duplicate_id"
    assert (await first).id == "mine"
    assert not gate.platform.cancels()


async def test_an_old_answer_comes_from_the_archive(gateway: MakeGateway) -> None:
    gate = await gateway()
    same = {"X-Request-Id": "mine"}
    await gate.openai().chat.completions.create(model="small", messages=HELLO, extra_headers=same)
    answers = gate.platform.answers
    kept = await answers.find("acme", "mine")
    assert kept
    answers._recent.clear()
    gate.archive.kept["acme", "mine"] = kept
    again = await gate.openai().chat.completions.create(model="small", messages=HELLO, extra_headers=same)
    assert again.choices[0].message.content == "echo: 你好"
    assert len(gate.platform.said("requests")) == 1

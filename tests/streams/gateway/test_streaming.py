"""Streams: what is sent is what the whole answer says, whatever happens to chunks on the way."""

import asyncio
from typing import Any

import openai
import pytest

from schemas.errors import Blocked, ModelNotFound
from tests.streams.gateway.conftest import MakeGateway
from tests.streams.gateway.doubles import Gateway, Reply

ASK: Any = {"model": "small", "messages": [{"role": "user", "content": "q"}], "stream": True}


async def _read(gate: Gateway, **more: Any) -> tuple[str, list[Any]]:
    stream = await gate.openai().chat.completions.create(**ASK, **more)
    events = [event async for event in stream]
    text = "".join(event.choices[0].delta.content or "" for event in events if event.choices)
    return text, events


@pytest.mark.parametrize(
    ("chunks", "text"),
    [
        # chunks and the answer agree
        ([(0, "床前"), (2, "明月光")], "床前明月光"),
        # no chunk came: all is sent at the end
        ([], "床前明月光"),
        # a chunk came twice
        ([(0, "床前"), (0, "床前"), (2, "明月光")], "床前明月光"),
        # overlapping ones, after a takeover
        ([(0, "床前"), (1, "前明月"), (2, "明月光")], "床前明月光"),
        # one is missing: the answer has it
        ([(0, "床"), (2, "明月光")], "床前明月光"),
        # only the beginning came
        ([(0, "床前")], "床前明月光"),
    ],
)
async def test_the_text_is_whole(gateway: MakeGateway, chunks: list[tuple[int, str]], text: str) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply(text, chunks)
    received, events = await _read(gate)
    assert received == text
    assert events[0].choices[0].delta.role == "assistant"
    assert events[-1].choices[0].finish_reason == "stop"
    assert not gate.platform.cancels()


async def test_chunks_are_asked_for_and_come_one_by_one(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply("ab", [(0, "a"), (1, "b")])
    _, events = await _read(gate)
    assert gate.platform.said("requests")[0]["stream"] is True
    assert [e.choices[0].delta.content for e in events] == ["", "a", "b", None]


async def test_usage_comes_last_when_asked_for(gateway: MakeGateway) -> None:
    gate = await gateway()
    _, events = await _read(gate, stream_options={"include_usage": True})
    assert events[-1].choices == []
    assert events[-1].usage.total_tokens == 8


async def test_completions_stream(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply("abc", [(0, "ab")])
    stream = await gate.openai().completions.create(model="small", prompt="q", stream=True)
    assert "".join([event.choices[0].text async for event in stream]) == "abc"


async def test_an_error_before_the_first_text_has_a_status(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply(error=ModelNotFound("no such model"))
    with pytest.raises(openai.NotFoundError):
        await _read(gate)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        # blocked half way
        (Reply(chunks=[(0, "a")], error=Blocked("not let through")), "content_blocked"),
        # the final answer is another text
        (Reply("xyz", chunks=[(0, "a")]), "internal_error"),
    ],
)
async def test_an_error_after_text_is_an_event(gateway: MakeGateway, reply: Reply, code: str) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = reply
    stream = await gate.openai().chat.completions.create(**ASK)
    reasons = []
    try:
        async for event in stream:
            reasons.append(event.choices[0].finish_reason)
    except openai.APIError as error:
        reasons.append(error.code)
    assert reasons[-2:] == ["content_filter", code]


async def test_an_error_event_is_followed_by_done(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply(chunks=[(0, "a")], error=Blocked("not let through"))
    async with gate.http.post("/v1/chat/completions", json=ASK, headers=gate.headers()) as answer:
        body = await answer.text()
    assert body.endswith("data: [DONE]\n\n")


async def test_silence_is_kept_alive_and_ends_in_time(gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.gateway.streaming.KEEP_ALIVE_S", 0.05)
    gate = await gateway(timeout_s=0.4)
    gate.platform.replies["q"] = Reply(silent=True)
    async with gate.http.post("/v1/chat/completions", json=ASK, headers=gate.headers()) as answer:
        body = await answer.text()
    assert body.count(": waiting") > 2
    assert "deadline_exceeded" in body
    assert gate.platform.cancels()


async def test_a_client_that_leaves_in_the_middle_withdraws(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply(chunks=[(0, "a")], silent=True)
    stream = await gate.openai().chat.completions.create(**ASK)
    async for _ in stream:
        break
    await stream.close()
    assert await gate.platform.cancelled() == gate.platform.said("requests")[0]["id"]


async def test_another_tenants_chunks_do_not_mix(gateway: MakeGateway) -> None:
    """The same id, used by two tenants at once."""
    gate = await gateway()
    gate.platform.replies["q"] = Reply("ours", [(0, "ou")], pause_s=0.1)
    gate.platform.replies["p"] = Reply("theirs", [(0, "th")], pause_s=0.1)
    theirs: Any = {**ASK, "messages": [{"role": "user", "content": "p"}]}
    same = {"X-Request-Id": "same"}

    async def read(key: str, ask: Any) -> str:
        stream = await gate.openai(key).chat.completions.create(**ask, extra_headers=same)
        return "".join([event.choices[0].delta.content or "" async for event in stream])

    texts = await asyncio.gather(read(gate.key, ASK), read(gate.issue("globex"), theirs))
    assert list(texts) == ["ours", "theirs"]

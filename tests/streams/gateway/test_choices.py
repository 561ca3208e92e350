"""Several choices and their logprobs, through the official client."""

from typing import Any

import pytest

from schemas.results import Choice, TokenLogprob
from tests.streams.gateway.conftest import MakeGateway
from tests.streams.gateway.doubles import Reply

ASK: Any = {"model": "small", "messages": [{"role": "user", "content": "q"}]}
YOU, GOOD, END = (
    TokenLogprob("你", -0.5, (("你", -0.5), ("您", -1.5))),
    TokenLogprob("好", -0.25, (("好", -0.25),)),
    TokenLogprob("\N{REPLACEMENT CHARACTER}", -1.0),
)
FIELDS = {
    "logprobs": (YOU, GOOD, END),
    "others": (Choice(text="hello", finish_reason="length", logprobs=(TokenLogprob("hello", -2.0),)),),
}


async def test_a_chat_has_its_choices_with_logprobs(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply("你好", fields=FIELDS)
    answer = await gate.openai().chat.completions.create(**ASK, n=2, logprobs=True, top_logprobs=2)

    first, second = answer.choices
    assert [(c.index, c.message.content, c.finish_reason) for c in answer.choices] == [
        (0, "你好", "stop"), (1, "hello", "length")
    ]  # fmt: skip
    assert first.logprobs
    assert first.logprobs.content
    assert second.logprobs
    told = first.logprobs.content[0]
    assert (told.token, told.logprob, told.bytes) == ("你", -0.5, list("你".encode()))
    assert [(each.token, each.logprob) for each in told.top_logprobs] == [("你", -0.5), ("您", -1.5)]
    assert first.logprobs.content[2].bytes is None
    [said] = gate.platform.said("requests")
    assert (said["n"], said["logprobs"], said["top_logprobs"]) == (2, True, 2)


async def test_a_completion_tells_lists(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply("你好", fields=FIELDS)
    answer = await gate.openai().completions.create(model="small", prompt="q", n=2, logprobs=2)
    told = answer.choices[0].logprobs
    assert told
    assert told.tokens
    assert told.top_logprobs
    assert (told.tokens[:2], told.token_logprobs, told.text_offset) == (["你", "好"], [-0.5, -0.25, -1.0], [0, 1, 2])
    assert told.top_logprobs[0] == {"你": -0.5, "您": -1.5}
    [said] = gate.platform.said("requests")
    assert (said["logprobs"], said["top_logprobs"]) == (True, 2)


def part(index: int, position: int, text: str, told: int = 0, *logprobs: TokenLogprob) -> dict[str, Any]:
    return {"index": index, "position": position, "text": text, "told": told, "logprobs": logprobs}


@pytest.mark.parametrize(
    "parts",
    [
        [],  # no chunk came: all is sent at the end
        [part(0, 0, "你", 0, YOU), part(1, 0, "he"), part(0, 1, "好", 1, GOOD), part(1, 2, "llo")],  # mixed
        [part(1, 0, "hello"), part(0, 0, "你", 0, YOU), part(0, 0, "你好", 0, YOU, GOOD)],  # a repeat
        [part(0, 1, "好", 1, GOOD), part(7, 0, "x")],  # a gap, and a choice that was not asked for
    ],
)
async def test_each_choice_of_a_stream_is_whole(gateway: MakeGateway, parts: list[dict[str, Any]]) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply("你好", parts=parts, fields=FIELDS)
    stream = await gate.openai().chat.completions.create(**ASK, n=2, logprobs=True, stream=True)
    text, tokens, ends = {0: "", 1: ""}, {0: [], 1: []}, {}  # type: ignore[var-annotated]  # read from any client
    async for event in stream:
        (choice,) = event.choices
        text[choice.index] += choice.delta.content or ""
        if choice.logprobs:
            tokens[choice.index] += [each.token for each in choice.logprobs.content or ()]
        if choice.finish_reason:
            ends[choice.index] = choice.finish_reason
    assert (text, ends) == ({0: "你好", 1: "hello"}, {0: "stop", 1: "length"})
    assert tokens == {0: ["你", "好", END.token], 1: ["hello"]}


async def test_offsets_go_on_in_a_streamed_completion(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply("你好", parts=[part(0, 0, "你", 0, YOU)], fields=FIELDS)
    stream = await gate.openai().completions.create(model="small", prompt="q", logprobs=0, stream=True)
    told = [event.choices[0].logprobs async for event in stream if event.choices[0].logprobs]
    assert [each.text_offset for each in told] == [[0], [1, 2]]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (
            {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": {"type": "object"}}},
            {"type": "json_schema", "json_schema": {"type": "object"}},
        ),
        ({"type": "regex", "pattern": "是|否"}, {"type": "regex", "pattern": "是|否"}),
    ],
)
async def test_settings_travel(gateway: MakeGateway, form: Any, said: dict[str, Any]) -> None:
    gate = await gateway()
    more = {"top_k": 5, "min_p": 0.1, "repetition_penalty": 1.1}
    await gate.openai().chat.completions.create(
        **ASK, logit_bias={"7": -100}, response_format=form, seed=3, extra_body=more
    )
    [request] = gate.platform.said("requests")
    assert {name: value for name, value in request["response_format"].items() if value is not None} == said
    assert request["logit_bias"] == {"7": -100.0}
    assert {name: request[name] for name in more} == more

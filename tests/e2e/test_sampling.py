"""Choices, logprobs and forms, asked for by the official ``openai`` client."""

import json
import math
from typing import Any

import openai
import pytest
from openai import OpenAI

MODEL = "smollm2-135m"
FRANCE: Any = [{"role": "user", "content": "What is the capital of France?"}]
pytestmark = pytest.mark.timeout(400)
CITY = {
    "type": "object",
    "properties": {"city": {"enum": ["Paris", "London", "北京"]}, "people": {"type": "integer", "minimum": 0}},
    "required": ["city", "people"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("model", ["echo", MODEL])
def test_logprobs_of_each_token(client: OpenAI, model: str) -> None:
    answer = client.chat.completions.create(
        model=model, messages=FRANCE, max_tokens=16, logprobs=True, top_logprobs=2, temperature=0
    )
    [choice] = answer.choices
    assert choice.logprobs
    told = choice.logprobs.content
    assert told
    assert answer.usage
    assert answer.usage.completion_tokens - 1 <= len(told) <= answer.usage.completion_tokens
    for each in told:
        assert math.exp(each.logprob) <= 1
        assert each.top_logprobs[0].token == each.token  # greedy: the likeliest
        assert [top.logprob for top in each.top_logprobs] == sorted(
            (t.logprob for t in each.top_logprobs), reverse=True
        )


@pytest.mark.parametrize("model", ["echo", MODEL])
def test_two_choices_stream_beside_each_other(client: OpenAI, model: str) -> None:
    stream = client.chat.completions.create(
        model=model,
        messages=FRANCE,
        n=2,
        seed=5,
        temperature=0.9,
        max_tokens=12,
        stream=True,
        stream_options={"include_usage": True},
    )
    text, ends, used = ["", ""], set(), None
    for event in stream:
        used = event.usage or used
        for choice in event.choices:
            text[choice.index] += choice.delta.content or ""
            if choice.finish_reason:
                ends.add(choice.index)
    assert all(text)
    assert ends == {0, 1}
    assert used
    assert used.completion_tokens > 2


def test_an_answer_keeps_to_its_schema(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model=MODEL,
        messages=FRANCE,
        max_tokens=48,
        response_format={"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": CITY}},
    )
    said = json.loads(answer.choices[0].message.content or "")
    assert set(said) == {"city", "people"}
    assert said["city"] in ("Paris", "London", "北京")
    assert isinstance(said["people"], int)


def test_an_answer_matches_its_pattern(client: OpenAI) -> None:
    form: Any = {"type": "regex", "pattern": "(Paris|London|北京)"}
    answer = client.chat.completions.create(model=MODEL, messages=FRANCE, response_format=form)
    assert answer.choices[0].message.content in ("Paris", "London", "北京")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"n": 10_000}, "n: .*8"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "x"}}}}, "schema"),
        ({"response_format": {"type": "regex", "pattern": "("}}, "no regular expression"),
    ],
)
def test_what_cannot_be_asked_is_said_clearly(client: OpenAI, more: dict[str, Any], said: str) -> None:
    with pytest.raises(openai.BadRequestError, match=said):
        client.chat.completions.create(model=MODEL, messages=FRANCE, **more)

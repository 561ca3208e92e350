from typing import Any

import pytest

from schemas.requests import Message, Sampling
from workers.engines.asking import body
from workers.engines.port import Generation

HELLO = (Message(role="user", content="你好"),)
DEFAULT = {"max_tokens": 256, "temperature": 0.0, "stream": True, "stream_options": {"include_usage": True}}
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("sampling", "said"),
    [
        ({}, {}),  # what is at its default is left to the server
        ({"top_k": 5, "min_p": 0.1, "repetition_penalty": 1.2}, {"top_k": 5, "min_p": 0.1, "repetition_penalty": 1.2}),
        ({"logit_bias": {7: -100}}, {"logit_bias": {"7": -100.0}}),
        ({"logprobs": True}, {"logprobs": True}),
        ({"logprobs": True, "top_logprobs": 3}, {"logprobs": True, "top_logprobs": 3}),
        ({"n": 4, "seed": 7}, {"seed": 7}),  # one choice is asked for at a time
        ({"response_format": {"type": "json_object"}}, {"response_format": {"type": "json_object"}}),
        (
            {"response_format": {"type": "json_schema", "json_schema": SCHEMA}},
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
                }
            },
        ),
        ({"response_format": {"type": "regex", "pattern": "是|否"}}, {"structured_outputs": {"regex": "是|否"}}),
    ],
)
def test_settings_are_said_as_servers_know_them(sampling: dict[str, Any], said: dict[str, Any]) -> None:
    asked = body("m", Generation(HELLO, sampling=Sampling.model_validate(sampling)))
    assert asked == {"model": "m", "messages": [{"role": "user", "content": "你好"}], **DEFAULT, **said}


@pytest.mark.parametrize("alternatives", [0, 3])
def test_a_completion_says_logprobs_as_a_number(alternatives: int) -> None:
    sampling = Sampling(logprobs=True, top_logprobs=alternatives)
    assert body("m", Generation(prompt="hi", sampling=sampling))["logprobs"] == alternatives

import json
from typing import Any

import pytest

from schemas.results import TokenLogprob
from workers.engines.sse import Chunk

YOU = TokenLogprob("你", -0.5, (("你", -0.5), ("您", -1.5)))
GOOD = TokenLogprob("好", -0.25)


@pytest.mark.parametrize(
    ("logprobs", "told"),
    [
        (None, ()),
        ({"content": None}, ()),
        (
            {
                "content": [
                    {
                        "token": "你",
                        "logprob": -0.5,
                        "bytes": [228],
                        "top_logprobs": [{"token": "你", "logprob": -0.5}, {"token": "您", "logprob": -1.5}],
                    },
                    {"token": "好", "logprob": -0.25, "top_logprobs": []},
                ]
            },
            (YOU, GOOD),
        ),
        (
            {
                "tokens": ["你", "好"],
                "token_logprobs": [-0.5, -0.25],
                "top_logprobs": [{"你": -0.5, "您": -1.5}, None],
                "text_offset": [0, 1],
            },
            (YOU, GOOD),
        ),
        ({"tokens": ["好"], "token_logprobs": [-0.25], "top_logprobs": None}, (GOOD,)),  # no alternatives asked for
        ({"tokens": ["first", "好"], "token_logprobs": [None, -0.25]}, (GOOD,)),  # the first token of an echo
        ({"tokens": ["好"], "token_logprobs": [-0.25, -1.0], "top_logprobs": [None, {"x": -1.0}]}, (GOOD,)),  # uneven
    ],
)
def test_logprobs_of_chats_and_completions(logprobs: Any, told: tuple[TokenLogprob, ...]) -> None:
    chunk = {"choices": [{"text": "你好", "logprobs": logprobs}]}
    assert Chunk.model_validate_json(json.dumps(chunk)).logprobs == told

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.forms import SCHEMA_CHARACTERS, SCHEMA_DEPTH, SCHEMA_NODES, bounded
from schemas.requests import ResponseFormat, Sampling

OBJECT = {"type": "object"}


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels - 1):
        schema = {"items": schema}
    return schema


@pytest.mark.parametrize(
    ("said", "schema"),
    [
        (OBJECT, OBJECT),
        ({"name": "a", "schema": OBJECT}, OBJECT),  # as the OpenAI API wraps it
        ({"name": "a", "description": "一", "strict": True, "schema": OBJECT}, OBJECT),
        ({"schema": OBJECT, "type": "object"}, {"schema": OBJECT, "type": "object"}),  # no wrapper
    ],
)
def test_a_schema_is_bare_or_wrapped(said: dict[str, Any], schema: dict[str, Any]) -> None:
    assert ResponseFormat.model_validate({"type": "json_schema", "json_schema": said}).json_schema == schema


@pytest.mark.parametrize(
    "schema",
    [deep(SCHEMA_DEPTH), {"enum": list(range(SCHEMA_NODES - 2))}, {"const": "一" * (SCHEMA_CHARACTERS - 5)}],
)
def test_a_schema_within_bounds_is_taken(schema: dict[str, Any]) -> None:
    assert bounded(schema) == schema


@pytest.mark.parametrize(
    ("schema", "what"),
    [
        (deep(SCHEMA_DEPTH + 1), "levels"),
        (deep(5000), "levels"),
        ({"enum": list(range(SCHEMA_NODES - 1))}, "parts"),
        ({"const": "一" * (SCHEMA_CHARACTERS - 4)}, "characters"),
        ({"properties": {"a" * SCHEMA_CHARACTERS: {}}}, "characters"),
        ({"enum": [10**4000] * 20}, "characters"),
    ],
)
def test_a_schema_over_a_bound_is_refused(schema: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        bounded(schema)


@pytest.mark.parametrize(
    "form",
    [
        {"type": "json_schema"},
        {"type": "regex"},
        {"type": "json_object", "json_schema": OBJECT},
        {"type": "text", "pattern": "a"},
        {"type": "regex", "pattern": "a" * 2001},
        {"type": "json_schema", "json_schema": [OBJECT]},
    ],
)
def test_a_form_says_what_its_type_needs_and_no_more(form: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ResponseFormat.model_validate(form)


@pytest.mark.parametrize(
    ("sampling", "fits"),
    [
        ({"n": 8, "logprobs": True, "top_logprobs": 20}, True),  # 256 tokens, as by default
        ({"max_tokens": 32_768, "logprobs": True}, True),
        ({"max_tokens": 32_768, "n": 8}, True),  # no logprobs
        ({"max_tokens": 32_768, "logprobs": True, "top_logprobs": 1}, True),
        ({"max_tokens": 32_768, "logprobs": True, "top_logprobs": 2}, False),
        ({"top_logprobs": 1}, False),  # of what?
        ({"n": 9}, False),
        ({"logit_bias": dict.fromkeys(map(str, range(300)), 1)}, True),
        ({"logit_bias": dict.fromkeys(map(str, range(301)), 1)}, False),
        ({"logit_bias": {"-1": 1}}, False),
    ],
)
def test_the_bounds_of_sampling(sampling: dict[str, Any], fits: bool) -> None:
    try:
        Sampling.model_validate(sampling)
    except ValidationError:
        assert not fits
    else:
        assert fits

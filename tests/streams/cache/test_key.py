from typing import Any

import pytest

from schemas.requests import Request
from schemas.work import AdapterPin, Attachment, ModelPin
from streams.cache.key import cache_key

ADAPTER = AdapterPin(name="lora", version="1", uri="objects/00/0", sha256="a" * 64)
MODEL = ModelPin(name="small", version="abc", pool="text")
ASKED: dict[str, Any] = {"id": "r1", "messages": [{"role": "user", "content": "你好 hello"}], "temperature": 1}


def attachment(digest: str) -> Attachment:
    return Attachment(file_id="f1", uri="objects/00/0", sha256=digest * 64, media_type="image/png", bytes=1)


def key(**changes: Any) -> str:
    given: dict[str, Any] = {
        "tenant": "acme",
        "model": MODEL,
        "prompt_version": None,
        "policy": "p1",
        "rules": "r1",
        "attachments": (),
    }
    facts: dict[str, Any] = {name: changes.pop(name, value) for name, value in given.items()}
    return cache_key(request=Request.model_validate({**ASKED, **changes}), **facts)


SAME: list[dict[str, Any]] = [
    {"id": "r2"},  # another request
    {"time": "2026-01-01T00:00:00Z", "trace": "x"},
    {"user": "bob", "conversation": "c1", "priority": "batch", "deadline": "2030-01-01T00:00:00Z"},
    {"stream": True},  # the same text, in pieces
    {"temperature": 1.0},  # another spelling of 1
    {"stop": []},  # what it is anyway
    {"messages": [{"content": "你好 hello", "role": "user"}]},  # the order of fields
]


@pytest.mark.parametrize("changes", SAME)
def test_what_does_not_change_the_answer_does_not_change_the_key(changes: dict[str, Any]) -> None:
    assert key(**changes) == key()


OTHER: list[dict[str, Any]] = [
    {"tenant": "other"},
    {"model": MODEL.model_copy(update={"version": "abd"})},
    {"model": MODEL.model_copy(update={"name": "large"})},
    {"model": MODEL.model_copy(update={"adapter": ADAPTER})},
    {"model": MODEL.model_copy(update={"adapter": ADAPTER.model_copy(update={"version": "2"})})},
    {"model": MODEL.model_copy(update={"adapter": ADAPTER.model_copy(update={"sha256": "b" * 64})})},
    {"prompt_version": "greeting@1"},
    {"policy": "p2"},
    {"rules": "r2"},
    {"attachments": (attachment("a"),)},
    {"attachments": (attachment("b"),)},  # the same file id, another file
    {"messages": [{"role": "user", "content": "你好 hello "}]},  # a space
    {"messages": [{"role": "user", "content": "不好 hello"}]},  # the opposite
    {"messages": [{"role": "system", "content": "你好 hello"}]},
    {"messages": [{"role": "user", "content": "你好 hello", "name": "bob"}]},
    {"messages": [*ASKED["messages"], *ASKED["messages"]]},
    {"kind": "completion", "prompt": "你好 hello"},
    {"kind": "embedding", "input": ["ab", "c"]},
    {"kind": "embedding", "input": ["a", "bc"]},  # the same letters, cut elsewhere
    {"temperature": 0.9},
    {"seed": 1},
    {"seed": 2},
    {"top_p": 0.5},
    {"max_tokens": 1},
    {"stop": "x"},
    {"presence_penalty": 1},
    {"frequency_penalty": 1},
    {"top_k": 5},
    {"min_p": 0.1},
    {"repetition_penalty": 1.1},
    {"logit_bias": {"7": 1}},
    {"logit_bias": {"8": 1}},
    {"n": 2},
    {"logprobs": True},
    {"logprobs": True, "top_logprobs": 1},
    {"response_format": {"type": "json_object"}},
    {"response_format": {"type": "json_schema", "json_schema": {"type": "object"}}},
    {"response_format": {"type": "json_schema", "json_schema": {"type": "array"}}},
    {"response_format": {"type": "regex", "pattern": "a+"}},
]


def test_whatever_may_change_the_answer_changes_the_key() -> None:
    keys = [key(), *(key(**changes) for changes in OTHER)]
    assert len(set(keys)) == len(keys)


def test_the_key_stays_the_same_from_release_to_release() -> None:
    """A changed key empties every cache: change this digest only when that is meant."""
    assert key() == "57341fdd9f35ce565a95c27f3e336a8aa9daccf5fb328789b3038fd3a8b47c85"

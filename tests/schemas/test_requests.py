from typing import Any

import pytest
from pydantic import ValidationError

from schemas.feedback import Feedback
from schemas.requests import Message, Request
from schemas.uploads import Upload

CHAT = {"messages": [{"role": "user", "content": "你好"}]}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


def test_a_bare_chat_is_complete() -> None:
    request = Request.model_validate(CHAT)
    assert (request.kind, request.stream, request.cache, request.priority) == ("chat", False, True, "interactive")
    assert request.sampling.max_tokens == 256
    assert request.id


@pytest.mark.parametrize(
    ("fields", "stop", "input_"),
    [
        ({**CHAT, "stop": "x"}, ("x",), ()),  # one is a list of one
        ({**CHAT, "stop": ["x", "y"]}, ("x", "y"), ()),
        ({**CHAT, "stop": None}, (), ()),  # as OpenAI's clients send it
        ({"kind": "embedding", "input": "河"}, (), ("河",)),
    ],
)
def test_shorthands(fields: dict[str, Any], stop: tuple[str, ...], input_: tuple[str, ...]) -> None:
    request = Request.model_validate(fields)
    assert (request.stop, request.input) == (stop, input_)


@pytest.mark.parametrize(
    "fields",
    [
        {},  # nothing asked
        {"kind": "completion"},
        {"kind": "embedding"},
        {"kind": "classify", "labels": ["a"]},  # of what?
        {"kind": "classify", "input": ["a", "b"]},  # one text a request
        {"kind": "rerank", "input": ["a"]},  # for which query?
        {"kind": "classify", **CHAT},  # as what?
        {"kind": "cancel"},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        {"messages": [{"role": "robot", "content": "x"}]},
        {**CHAT, "stop": ["x"] * 9},
        {**CHAT, "stop": [""]},
        {**CHAT, "temperature": float("nan")},
        {**CHAT, "top_p": 0},
        {**CHAT, "max_tokens": 0},
        {**CHAT, "seed": -1},
        {**CHAT, "deadline": "tomorrow"},
        {**CHAT, "tenant": "UPPER"},
        {**CHAT, "trace": "x" * 65},
        {**CHAT, "schema_version": 2},
        "hello",
    ],
)
def test_what_is_no_request(fields: Any) -> None:
    with pytest.raises(ValidationError):
        Request.model_validate(fields)


def test_texts_and_attachments_of_messages() -> None:
    content = [{"type": "text", "text": "one"}, IMAGE, {"type": "text", "text": "二"}]
    message = Message.model_validate({"role": "user", "content": content})
    assert message.text == "one\n二"
    assert [part.type for part in message.attachments] == ["image_url"]
    file = {"role": "user", "content": [{"type": "file", "file": {"file_id": "f1"}}]}
    request = Request.model_validate({"messages": [*CHAT["messages"], message, file]})
    assert [part.type for part in request.attachments] == ["image_url", "file"]


@pytest.mark.parametrize(
    "fields", [{}, {"data": "", "stored": {"uri": "u", "sha256": "0" * 64}}, {"stored": {"uri": "u", "sha256": "no"}}]
)
def test_an_upload_has_one_source(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Upload.model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "valid"),
    [({"thumb": "up"}, True), ({"rating": 5}, True), ({"comment": "好"}, True), ({}, False), ({"rating": 0}, False)],
)
def test_feedback_says_something(fields: dict[str, Any], valid: bool) -> None:
    if valid:
        Feedback.model_validate({"request_id": "r1", **fields})
        return
    with pytest.raises(ValidationError):
        Feedback.model_validate({"request_id": "r1", **fields})

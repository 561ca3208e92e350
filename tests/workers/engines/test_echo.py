"""The double: what it repeats, and how it fails when told to."""

from typing import Any

import pytest

from schemas.errors import InternalError, InvalidField, ModelNotAvailable, Overloaded, UpstreamFailed
from schemas.requests import Message, Sampling
from workers.engines.echo import Echo, words
from workers.engines.port import Generation
from workers.models.manifest import EchoEntry, Manifest


def echo(**options: Any) -> Echo:
    entry = Manifest.model_validate({"models": {"echo": {"engine": "echo", "options": options}}}).entry("echo")
    assert isinstance(entry, EchoEntry)
    return Echo(entry)


async def say(engine: Echo, text: str, **sampling: Any) -> list[str]:
    generation = Generation((Message(role="user", content=text),), sampling=Sampling(**sampling))
    return [piece.text async for piece in engine.generate(generation) if piece.text]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("one two  three", ["one", " two", "  three"]),
        ("请问 GPU 的价格?", ["请", "问", " GPU", " 的", "价", "格", "?"]),
        ("line\n", ["line", "\n"]),
        ("", []),
    ],
)
async def test_repeats_word_by_word(text: str, pieces: list[str]) -> None:
    assert words(text) == pieces
    assert await say(echo(), text) == pieces


@pytest.mark.parametrize(
    ("fail", "error"),
    [
        ("overloaded", Overloaded),
        ("upstream_failed", UpstreamFailed),
        ("model_not_available", ModelNotAvailable),
        ("internal_error", InternalError),
        ("defect", RuntimeError),
    ],
)
async def test_fails_as_told_and_as_often(fail: str, error: type[Exception]) -> None:
    engine = echo(fail=fail, fail_after=1, fail_times=1)
    pieces = aiter(engine.generate(Generation((Message(role="user", content="one two"),))))

    assert (await anext(pieces)).text == "one"
    with pytest.raises(error):
        await anext(pieces)
    assert await say(engine, "one two") == ["one", " two"]


@pytest.mark.parametrize(
    ("sampling", "told"),
    [
        ({}, []),
        ({"logprobs": True}, [("你", 0.0, ()), ("好", 0.0, ())]),
        ({"logprobs": True, "top_logprobs": 2}, [("你", 0.0, (("你", 0.0),)), ("好", 0.0, (("好", 0.0),))]),
        ({"logprobs": True, "stop": ("好吗",)}, [("你", 0.0, ()), ("好", 0.0, ())]),  # text that is still held back
    ],
)
async def test_is_certain_of_every_word(sampling: dict[str, Any], told: list[Any]) -> None:
    generation = Generation(prompt="你好", sampling=Sampling.model_validate(sampling))
    pieces = [piece async for piece in echo().generate(generation)]
    assert [(each.token, each.logprob, each.top) for piece in pieces for each in piece.logprobs] == told


@pytest.mark.parametrize(
    "form", [{"type": "regex", "pattern": "a"}, {"type": "json_schema", "json_schema": {"type": "object"}}]
)
async def test_does_not_pretend_to_keep_to_a_form(form: dict[str, Any]) -> None:
    with pytest.raises(InvalidField, match="cannot keep"):
        await say(echo(), "a", response_format=form)

"""Several choices with logprobs, from the record on ``requests`` to the answer, its chunks and the cache."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start() as running:
        yield running


async def test_each_choice_streams_and_is_answered(platform: Platform) -> None:
    text = "The river runs through the headrace, 一个接一个, to the turbines that wait at the end. " * 4
    response = await platform.ask(text, id="choices", model="typing", stream=True, n=3, logprobs=True, seed=5)
    assert [choice.text for choice in response.choices] == [text] * 3
    assert response.usage.completion_tokens == 3 * len(response.logprobs)
    for index, choice in enumerate(response.choices):
        chunks = [chunk for chunk in platform.chunks("choices") if chunk.index == index]
        said = "".join(chunk.text for chunk in chunks)
        told = [logprob for chunk in chunks for logprob in chunk.logprobs]
        assert said
        assert choice.text.startswith(said)
        assert told
        assert choice.logprobs[: len(told)] == tuple(told)
        assert "".join(logprob.token for logprob in choice.logprobs) == text


async def test_logprobs_do_not_tell_what_screening_took_out(platform: Platform) -> None:
    response = await platform.ask("mail to ann@example.com", id="hidden", stream=True, n=2, logprobs=True)
    assert {choice.text for choice in response.choices} == {"mail to [EMAIL]"}
    said = response.model_dump_json() + "".join(chunk.model_dump_json() for chunk in platform.chunks("hidden"))
    assert "example.com" not in said


async def test_all_choices_come_from_the_cache(platform: Platform) -> None:
    asked: dict[str, Any] = {"cache": True, "n": 2, "logprobs": True, "top_logprobs": 1}
    first = await platform.ask("cache all of it, 缓存", **asked)
    await platform.counted(first)
    second = await platform.ask("cache all of it, 缓存", **asked)
    assert (first.cached, second.cached) == (False, True)
    assert second.choices == first.choices
    assert not (await platform.ask("cache all of it, 缓存", **{**asked, "n": 1})).cached


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 10_000}, "n"),
        ({"top_k": -1}, "top_k"),
        ({"response_format": {"type": "regex"}}, "response_format"),
        ({"response_format": {"type": "regex", "pattern": "a+"}}, "response_format.type"),  # the echo cannot
    ],
)
async def test_what_cannot_be_is_refused(platform: Platform, fields: dict[str, Any], param: str) -> None:
    response = await platform.ask("x", **fields)
    assert response.error is not None
    assert (response.status, response.error.http_status, response.error.param) == ("refused", 400, param)

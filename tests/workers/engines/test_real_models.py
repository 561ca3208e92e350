"""The models that ship: fetched, verified, and asked."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.requests import Message, Sampling
from workers.engines.build import build
from workers.engines.port import Engine, Generation
from workers.models.manifest import Manifest, ModelEntry
from workers.models.store import fetch, located

pytestmark = pytest.mark.timeout(600)
CHECKOUT = Path(__file__).parents[3] / ".headrace"


@pytest.fixture(scope="module")
def path_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[ModelEntry], Path]:
    """Where a model's files are: in the checkout's state if it has them, else fetched for this module."""
    state = tmp_path_factory.mktemp("state")
    return lambda entry: fetch(entry, CHECKOUT if located(entry, CHECKOUT) else state)


@pytest.fixture
async def engine(path_of: Callable[[ModelEntry], Path]) -> AsyncIterator[Engine]:
    entry = Manifest.load().entry("smollm2-135m")
    made = build(entry, path_of(entry), lambda pin: Path(pin.uri))
    await made.start()
    yield made
    await made.stop()


async def say(engine: Engine, text: str, **sampling: Any) -> str:
    generation = Generation((Message(role="user", content=text),), sampling=Sampling(**{"max_tokens": 24, **sampling}))
    return "".join([piece.text async for piece in engine.generate(generation)])


async def test_knows_the_capital_of_france(engine: Engine) -> None:
    assert "Paris" in await say(engine, "What is the capital of France?")


async def test_chinese_comes_out_whole(engine: Engine) -> None:
    answer = await say(engine, "Repeat after me: 法国的首都是巴黎")

    assert "\ufffd" not in answer
    assert any("\u4e00" <= character <= "\u9fff" for character in answer)


async def test_json_mode_answers_with_json(engine: Engine) -> None:
    question = 'Answer with a JSON object like {"capital": "..."}: what is the capital of France?'
    answer = await say(engine, question, response_format={"type": "json_object"}, max_tokens=48)

    assert "Paris" in json.loads(answer).values()


async def test_a_seed_repeats_itself(engine: Engine) -> None:
    first, second, other = [
        await say(engine, "Tell me a story.", temperature=1.0, seed=seed, max_tokens=12) for seed in (5, 5, 6)
    ]

    assert first == second != other

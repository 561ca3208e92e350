"""The models that ship: fetched, verified, and asked."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ModelNotAvailable
from schemas.requests import Message, Sampling
from workers.engines.build import build, build_embedder
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


async def test_embeddings_know_what_is_meant(path_of: Callable[[ModelEntry], Path]) -> None:
    entry = Manifest.load().entry("minilm")
    embedder = build_embedder(entry, path_of(entry))
    await embedder.start()
    texts = ["How do I get my money back?", "Refunds take seven days.", "The pump weighs nine kilos.", "word " * 1000]

    (question, refund, pump, long), usage = await embedder.embed(texts)
    ((alone,), _) = await embedder.embed(texts[:1])
    await embedder.stop()

    assert similarity(question, refund) > similarity(question, pump) + 0.2
    assert len(long) == 384
    assert similarity(question, question) == pytest.approx(1, abs=1e-5)
    assert alone == pytest.approx(question, abs=1e-5)  # whatever stands beside it in a batch
    assert usage.prompt_tokens < 300
    with pytest.raises(ModelNotAvailable):
        build_embedder(Manifest.load().entry("echo"), None)


def similarity(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))

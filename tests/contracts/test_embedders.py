"""What every embedder does alike: the double, and all-MiniLM-L6-v2 in torch and in ONNX Runtime."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ModelNotAvailable
from workers.engines.port import Embedder
from workers.models.manifest import Manifest
from workers.models.store import fetch, located
from workers.retrieval.build import build_embedder

pytestmark = pytest.mark.timeout(600)
CHECKOUT = Path(__file__).parents[2] / ".headrace"

RUNTIMES: dict[str, dict[str, Any]] = {
    "torch": {"runtime": "torch"},
    "onnx": {"runtime": "onnx"},
    "int8": {"runtime": "onnx", "quantization": "int8"},
}
TEXTS = [
    "How do I get my money back?",
    "Refunds take seven days.",
    "The pump weighs nine kilos.",
    "河水经过引水渠流向水轮机。",
    "a",
    "The river runs through the headrace, and the turbines turn as long as there is water in it. " * 4,
]

Make = Callable[[str], Embedder]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    state = tmp_path_factory.mktemp("state")
    models = {name: {"engine": "hash-embedding"} for name in ("hash",)}

    def made(name: str) -> Embedder:
        if name == "hash":
            return build_embedder(Manifest.model_validate({"models": models}).entry("hash"), None, state)
        shipped = Manifest.load().entry("minilm")
        given = {**shipped.model_dump(exclude={"name"}, exclude_none=True), "options": RUNTIMES[name]}
        entry = Manifest.model_validate({"models": {"minilm": given}}).entry("minilm")
        return build_embedder(entry, fetch(entry, CHECKOUT if located(entry, CHECKOUT) else state), state)

    return made


@pytest.fixture(params=["hash", *RUNTIMES])
async def embedder(request: pytest.FixtureRequest, make: Make) -> AsyncIterator[Embedder]:
    made = make(request.param)
    await made.start()
    yield made
    await made.stop()


async def test_gives_each_text_a_vector_of_length_1_in_order(
    embedder: Embedder, request: pytest.FixtureRequest
) -> None:
    vectors, usage = await embedder.embed(TEXTS)
    alone = [(await embedder.embed([text]))[0][0] for text in TEXTS]

    assert all(math.hypot(*vector) == pytest.approx(1, abs=1e-5) for vector in vectors)
    assert len({len(vector) for vector in vectors}) == 1
    # whatever is beside it; in int8 a batch shares one scale
    least = 0.97 if request.node.callspec.params["embedder"] == "int8" else 0.9999
    assert min(cosine(one, other) for one, other in zip(vectors, alone, strict=True)) > least
    assert usage.prompt_tokens > 60


async def test_knows_what_is_near(embedder: Embedder) -> None:
    (money, again, pump), _ = await embedder.embed(["my money back", "money back for me", "a pump of nine kilos"])

    assert cosine(money, again) > cosine(money, pump) + 0.2


async def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    vectors, usage = await embedder.embed([])

    assert (vectors, usage.prompt_tokens) == ([], 0)


async def test_256_texts_at_once_and_other_callers_beside_them(embedder: Embedder) -> None:
    texts = [f"text number {number} 第{number}句" for number in range(256)]

    (many, _), *others = await asyncio.gather(embedder.embed(texts), *(embedder.embed([text]) for text in texts[:5]))

    assert len(many) == 256
    assert all(cosine(many[at], vectors[0]) > 0.98 for at, (vectors, _) in enumerate(others))


@pytest.mark.parametrize(("name", "least"), [("onnx", 0.9999), ("int8", 0.98)])
async def test_says_what_torch_says(make: Make, name: str, least: float) -> None:
    said = []
    for runtime in ("torch", name):
        made = make(runtime)
        await made.start()
        said.append((await made.embed(TEXTS))[0])
        await made.stop()

    assert min(cosine(one, other) for one, other in zip(*said, strict=True)) > least


async def test_cuts_what_is_too_long(make: Make) -> None:
    made = make("torch")
    await made.start()
    _, usage = await made.embed(["word " * 1000])
    await made.stop()

    assert usage.prompt_tokens == 256


def test_what_embeds_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelNotAvailable, match="makes no embeddings"):
        build_embedder(Manifest.load().entry("echo"), None, tmp_path)


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))

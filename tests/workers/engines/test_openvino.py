"""OpenVINO in its own process: how it ends, and what it is told."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import HeadraceError, InternalError, ModelNotAvailable, Overloaded
from schemas.requests import Sampling
from tests.contracts import making, tiny
from workers.engines.openvino import OpenvinoEngine, settings, wanted
from workers.engines.port import Generation, Piece
from workers.models.manifest import OpenvinoEntry

pytest.importorskip("openvino_genai", reason="the extra 'openvino' is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(tmp_path_factory.mktemp("tiny"))


def entry_of(folder: Path, **options: Any) -> OpenvinoEntry:
    made = making.entry(making.gguf(folder, "openvino", **options))
    assert isinstance(made, OpenvinoEntry)
    return made


@pytest.fixture
async def engine(folder: Path) -> AsyncIterator[OpenvinoEngine]:
    made = OpenvinoEngine(entry_of(folder), making.file_of(folder))
    await made.start()
    yield made
    await made.stop()


async def ask(engine: OpenvinoEngine, text: str = "Tell me a story", **sampling: Any) -> list[Piece]:
    asked = Generation(prompt=text, sampling=Sampling.model_validate({"max_tokens": 16, **sampling}))
    return [piece async for piece in engine.generate(asked)]


async def test_a_process_that_dies_ends_what_is_under_way(engine: OpenvinoEngine) -> None:
    running = engine.generate(Generation(prompt="Tell me", sampling=Sampling(max_tokens=200)))
    await anext(running)
    assert engine.pid
    os.kill(engine.pid, signal.SIGKILL)

    with pytest.raises(HeadraceError) as raised:
        async for _ in running:
            pass
    assert isinstance(raised.value, InternalError)
    with pytest.raises((Overloaded, InternalError)):
        await ask(engine)


async def test_a_process_that_hangs_is_killed(engine: OpenvinoEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.engines.child.STOP_S", 0.2)
    pid = engine.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)

    async with asyncio.timeout(5):
        await engine.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_chance_differs_without_a_seed(engine: OpenvinoEngine) -> None:
    said = {"".join(piece.text for piece in await ask(engine, temperature=1.5)) for _ in range(4)}

    assert len(said) > 1


async def test_what_answered_is_stated(engine: OpenvinoEngine) -> None:
    assert (await ask(engine))[-1].engine.startswith("openvino 20")


async def test_a_file_that_is_no_model_is_refused(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\x00" * 64)

    with pytest.raises(ModelNotAvailable):
        await OpenvinoEngine(entry_of(folder), broken).start()


def test_what_greedy_ignores_is_not_told() -> None:
    greedy = settings(Sampling(top_p=0.5, presence_penalty=1), 9, frozenset({1}))
    chance = settings(Sampling(temperature=0.5, top_p=0.5, seed=7), 9, frozenset({1}))

    assert "top_p" not in greedy
    assert greedy["presence_penalty"] == 1
    assert (chance["do_sample"], chance["top_p"], chance["rng_seed"]) == (True, 0.5, 7)
    assert chance["max_new_tokens"] == 9


@pytest.mark.parametrize(
    ("options", "properties"),
    [
        ({"threads": 3}, {"INFERENCE_NUM_THREADS": 3}),
        ({"threads": 1, "quantization": "bf16"}, {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "bf16"}),
        ({"threads": 1, "cache_precision": "u8"}, {"INFERENCE_NUM_THREADS": 1, "KV_CACHE_PRECISION": "u8"}),
    ],
)
def test_options_are_properties_of_the_device(folder: Path, options: Any, properties: Any) -> None:
    assert wanted(entry_of(folder, **options), folder)["properties"] == properties


@pytest.mark.parametrize("quantization", ["int8", "int4"])
def test_weights_are_not_made_smaller_here(folder: Path, quantization: str) -> None:
    with pytest.raises(ModelNotAvailable, match="engine: transformers"):
        wanted(entry_of(folder, quantization=quantization), folder)

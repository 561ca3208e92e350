"""vLLM in this process: what it is told, and, with a CUDA device, what it answers."""

from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.errors import ModelNotAvailable
from schemas.requests import Message, Sampling
from schemas.work import AdapterPin
from tests.contracts import tiny
from workers.engines.build import build
from workers.engines.choice import here
from workers.engines.port import Engine, Generation, Piece
from workers.engines.vllm import VllmEngine, arguments, told
from workers.models.manifest import Manifest, VllmEntry

gpu = pytest.mark.skipif(not (here().cuda and find_spec("vllm")), reason="needs a CUDA device and the extra 'vllm'")


def entry_of(folder: Path, **options: Any) -> VllmEntry:
    given = tiny.entry_of(folder).model_dump(exclude={"name", "options"}) | {"engine": "vllm", "options": options}
    made = Manifest.model_validate({"models": {"tiny": given}}).entry("tiny")
    assert isinstance(made, VllmEntry)
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"dtype": "auto", "max_model_len": tiny.CONTEXT, "trust_remote_code": False, "enable_lora": True}),
        ({"quantization": "bf16"}, {"dtype": "bfloat16"}),
        ({"quantization": "int4"}, {"quantization": "bitsandbytes"}),
        ({"adapters": 16, "adapter_rank": 8}, {"max_loras": 16, "max_lora_rank": 8}),
        ({"slots": 7, "gpu_memory": 0.5}, {"max_num_seqs": 7, "gpu_memory_utilization": 0.5}),
    ],
)
def test_options_are_arguments(folder: Path, options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert expected.items() <= arguments(entry_of(folder, **options), folder).items()


def test_what_it_cannot_make_of_weights_is_refused(folder: Path) -> None:
    with pytest.raises(ModelNotAvailable, match="int8"):
        arguments(entry_of(folder, quantization="int8"), folder)


def test_logprobs_are_the_token_and_the_likeliest() -> None:
    def chance(rank: int, text: str) -> Any:
        return SimpleNamespace(rank=rank, logprob=-float(rank), decoded_token=text)

    chances = [{5: chance(3, "c"), 6: chance(1, "a"), 7: chance(2, "b")}]
    found = told(chances, 0, 5, Sampling(logprobs=True, top_logprobs=2))

    assert found
    assert (found.token, found.logprob, found.top) == ("c", -3.0, (("a", -1.0), ("b", -2.0)))
    assert told(None, 0, 5, Sampling()) is None


def test_without_the_library_it_is_said_what_to_install(folder: Path) -> None:
    if find_spec("vllm"):
        pytest.skip("the extra 'vllm' is installed")
    with pytest.raises(ModelNotAvailable, match=r"headrace\[text,vllm\]"):
        build(entry_of(folder), folder, lambda pin: folder)


@pytest.fixture
async def engine(folder: Path) -> AsyncIterator[Engine]:
    made = VllmEngine(entry_of(folder, gpu_memory=0.2, slots=4), folder, lambda pin: Path(pin.uri))
    await made.start()
    yield made
    await made.stop()


async def ask(engine: Engine, adapter: AdapterPin | None = None, **sampling: Any) -> list[Piece]:
    chosen = Sampling.model_validate({"max_tokens": 16, **sampling})
    messages = (Message(role="user", content="Tell me a story. 讲个故事"),)
    return [piece async for piece in engine.generate(Generation(messages, sampling=chosen, adapter=adapter))]


@gpu
@pytest.mark.gpu
@pytest.mark.timeout(600)
async def test_it_answers_as_every_engine_does(engine: Engine) -> None:
    whole = "".join(piece.text for piece in await ask(engine))
    stop = whole[len(whole) // 2 :][:3]
    stopped = await ask(engine, stop=[stop])

    assert "".join(piece.text for piece in stopped) == whole[: whole.index(stop)]
    assert stopped[-1].finish_reason == "stop"
    assert (await ask(engine, max_tokens=3))[-1].finish_reason == "length"
    left = engine.generate(Generation(prompt="Tell me", sampling=Sampling(max_tokens=200)))
    await anext(left)
    await left.aclose()
    assert "".join(piece.text for piece in await ask(engine)) == whole


@gpu
@pytest.mark.gpu
@pytest.mark.timeout(600)
async def test_an_adapter_that_is_none_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ModelNotAvailable, match="adapter"):
        await ask(engine, AdapterPin(name="a", version="1", uri=str(tmp_path), sha256="a" * 64))

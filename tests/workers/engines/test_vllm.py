"""vLLM in this process: what it is told, and, with a CUDA device, what it answers."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.errors import ModelNotAvailable
from schemas.requests import Message, Sampling
from schemas.work import AdapterPin
from tests.contracts import tiny
from tests.workers.engines.batching.engines import make_adapter, pin_of
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


@asynccontextmanager
async def running(folder: Path, shelf: Mapping[str, Path] | None = None, **options: Any) -> AsyncIterator[Engine]:
    """``shelf`` has adapters by digest."""
    entry = entry_of(folder, **{"gpu_memory": 0.1, "slots": 4, **options})
    made = VllmEngine(entry, folder, lambda pin: (shelf or {})[pin.sha256])
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def ask(engine: Engine, adapter: AdapterPin | None = None, **sampling: Any) -> list[Piece]:
    chosen = Sampling.model_validate({"max_tokens": 16, **sampling})
    messages = (Message(role="user", content="Tell me a story. 讲个故事"),)
    return [piece async for piece in engine.generate(Generation(messages, sampling=chosen, adapter=adapter))]


def text_of(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


@gpu
@pytest.mark.gpu
@pytest.mark.filterwarnings("default")  # vLLM leaves a ZeroMQ context to the garbage collector
@pytest.mark.timeout(600)
async def test_it_takes_what_a_request_can_say_of_its_answer(folder: Path) -> None:
    async with running(folder) as engine:
        told = await ask(engine, logprobs=True, top_logprobs=2)
        seeded = [text_of(await ask(engine, temperature=1.0, seed=5)) for _ in range(2)]
        chosen = await ask(engine, response_format={"type": "regex", "pattern": "(yes|no)"})
        schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        made = await ask(engine, max_tokens=200, response_format={"type": "json_schema", "json_schema": schema})

    chances = [one for piece in told for one in piece.logprobs]
    assert len(chances) == 16
    assert all(one.logprob <= 0 and len(one.top) == 2 and one.top[0][1] == one.logprob for one in chances)
    assert seeded[0] == seeded[1]
    assert text_of(chosen) in ("yes", "no")
    assert made[-1].finish_reason == "length" or isinstance(json.loads(text_of(made))["ok"], bool)


@gpu
@pytest.mark.gpu
@pytest.mark.filterwarnings("default")  # vLLM leaves a ZeroMQ context to the garbage collector
@pytest.mark.timeout(600)
async def test_each_has_the_adapter_that_it_asks_for(folder: Path, tmp_path: Path) -> None:
    """Which adapter an answer is by, its text says; two that say the same would not tell."""
    made = [make_adapter(folder, tmp_path / str(at), at) for at in range(3)]
    shelf = {pin_of(at).sha256: place for at, place in enumerate(made)}
    async with running(folder, shelf, adapters=2) as engine:
        pins = [None, *map(pin_of, range(3))]
        alone = [text_of(await ask(engine, pin)) for pin in pins]
        together = [text_of(said) for said in await asyncio.gather(*(ask(engine, pin) for pin in pins * 2))]
        with pytest.raises(ModelNotAvailable, match="adapter"):
            await ask(engine, pin_of(9))
        after = text_of(await ask(engine, pin_of(0)))

    assert len(set(alone)) == len(alone)
    assert together == alone * 2
    assert after == alone[1]

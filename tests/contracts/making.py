"""Every engine that can run here, over the same tiny model, by name."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.contracts import tiny, tiny_gguf
from tests.contracts.server import served, speaking
from workers.engines.build import automatic, build
from workers.engines.choice import Machine, here
from workers.engines.port import Engine
from workers.models.manifest import AutoEntry, Manifest, ModelEntry

LEAVES_SOCKETS = pytest.mark.filterwarnings("default")  # vLLM does, to the garbage collector
VLLM = pytest.param("vllm", marks=[pytest.mark.gpu, pytest.mark.timeout(300), LEAVES_SOCKETS])
KINDS = ("echo", "transformers", "remote", "openvino", "llamacpp", "auto", VLLM)
LIBRARIES = {"openvino": "openvino_genai", "llamacpp": "llama_cpp", "auto": "openvino_genai"}
PC = Machine("x86_64", 16 * 2**30, False, frozenset({"openvino", "transformers"}))


@asynccontextmanager
async def started(kind: str, folder: Path, slots: int) -> AsyncIterator[Engine]:
    """An engine with so many slots, where it can have them."""
    if kind in LIBRARIES and not find_spec(LIBRARIES[kind]):
        pytest.skip(f"{LIBRARIES[kind]} is not installed")
    if kind == "vllm" and not (here().cuda and find_spec("vllm")):
        pytest.skip("needs a CUDA device and the extra 'vllm'")
    async with AsyncExitStack() as stack:
        made = await MAKERS[kind](stack, folder, slots)
        await made.start()
        stack.push_async_callback(made.stop)
        yield made


async def _echo(stack: AsyncExitStack, folder: Path, slots: int) -> Engine:
    return build(entry({"engine": "echo", "context": tiny.CONTEXT, "options": {"slots": slots}}), None, no_adapter)


async def _remote(stack: AsyncExitStack, folder: Path, slots: int) -> Engine:
    url = await stack.enter_async_context(served(speaking(await _echo(stack, folder, slots))))
    options = {"base_url": url, "model": "echo", "slots": slots, "timeout_s": 5}
    return build(entry({"engine": "remote", "options": options}), None, no_adapter)


async def _transformers(stack: AsyncExitStack, folder: Path, slots: int) -> Engine:
    return build(tiny.entry_of(folder), folder, no_adapter)


async def _openvino(stack: AsyncExitStack, folder: Path, slots: int) -> Engine:
    return build(entry(gguf(folder, "openvino", slots=slots)), file_of(folder), no_adapter)


async def _llamacpp(stack: AsyncExitStack, folder: Path, slots: int) -> Engine:
    return build(entry(gguf(folder, "llamacpp")), file_of(folder), no_adapter)


async def _vllm(stack: AsyncExitStack, folder: Path, slots: int) -> Engine:
    given = tiny.entry_of(folder).model_dump(exclude={"name", "options"})
    return build(entry({**given, "engine": "vllm", "options": {"slots": slots, "gpu_memory": 0.1}}), folder, no_adapter)


async def _auto(stack: AsyncExitStack, folder: Path, slots: int) -> Engine:
    chosen = entry(gguf(folder, "auto", slots=slots))
    assert isinstance(chosen, AutoEntry)
    return automatic(chosen, file_of(folder), no_adapter, PC)


MAKERS: dict[str, Callable[[AsyncExitStack, Path, int], Any]] = {
    "echo": _echo, "remote": _remote, "transformers": _transformers, "openvino": _openvino, "llamacpp": _llamacpp,
    "auto": _auto, "vllm": _vllm,
}  # fmt: skip


def entry(given: dict[str, Any]) -> ModelEntry:
    return Manifest.model_validate({"models": {"tiny": given}}).entry("tiny")


def gguf(folder: Path, engine: str, **options: Any) -> dict[str, Any]:
    """The entry of the tiny model's GGUF file."""
    file = file_of(folder)
    return {
        "engine": engine,
        "source": {"gguf": str(file)},
        "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest()},
        "context": tiny.CONTEXT,
        "options": {"threads": 1, **options},
    }


def file_of(folder: Path) -> Path:
    file = folder / "gguf" / "tiny.F16.gguf"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        tiny_gguf.make(folder, file)
    return file


def no_adapter(pin: object) -> Path:
    raise FileNotFoundError(f"there is no adapter {pin}")

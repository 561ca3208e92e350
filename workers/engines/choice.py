"""Which engine serves a model best on a machine: ``engine: auto`` of the manifest."""

import ctypes
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from schemas.errors import ModelNotAvailable
from workers.models.manifest import AutoEntry, ModelEntry

LIBRARIES = {
    "vllm": ("vllm",),
    "openvino": ("openvino_genai", "transformers", "torch"),
    "llamacpp": ("llama_cpp",),
    "transformers": ("transformers", "torch", "peft"),
}
"""What each engine imports."""
SMALL_BYTES = 4 * 2**30


@dataclass(frozen=True)
class Machine:
    """What decides: ``processor`` as ``platform.machine`` names it, memory in bytes, engines that are installed."""

    processor: str
    memory: int
    cuda: bool
    engines: frozenset[str]

    @property
    def small(self) -> bool:
        return self.memory < SMALL_BYTES or self.processor in ("aarch64", "arm64", "armv7l")

    @property
    def x86(self) -> bool:
        return self.processor in ("x86_64", "AMD64")


@dataclass(frozen=True)
class Choice:
    """``engine`` answers what it can, ``second`` the rest (adapters, and settings that the first lacks)."""

    engine: str
    second: str | None
    why: str

    def __str__(self) -> str:
        rest = f", {self.second} for adapters and what it lacks" if self.second else ""
        return f"{self.engine}{rest} ({self.why})"


def choose(entry: AutoEntry, machine: Machine) -> Choice:
    """The engine for a model of the manifest. Raises ``ModelNotAvailable`` when none that could run it is installed."""
    for choice in _candidates(entry, machine):
        return choice
    raise ModelNotAvailable(
        f"no engine that is installed can run {entry.name}: pip install 'headrace[text]' or 'headrace[text,openvino]'",
        param="model",
    )


def explained(entry: ModelEntry, machine: Machine) -> str:
    """What runs a model on a machine, and why, in a line."""
    if isinstance(entry, AutoEntry):
        try:
            return str(choose(entry, machine))
        except ModelNotAvailable as error:
            return error.message
    missing = entry.engine in LIBRARIES and entry.engine not in machine.engines
    return f"{entry.engine} (the manifest says so" + (", but it is not installed)" if missing else ")")


def _candidates(entry: AutoEntry, machine: Machine) -> Iterator[Choice]:
    """The best first."""
    files, engines = kinds(entry), machine.engines
    torch = "transformers" if "transformers" in engines and files & {"safetensors", "gguf"} else None
    quantization = entry.options.quantization
    if machine.cuda and "vllm" in engines and "safetensors" in files and quantization != "int8":
        yield Choice("vllm", None, "a CUDA device, and vllm is installed")
    if machine.cuda and torch:
        yield Choice(torch, None, "a CUDA device" + _without(entry, machine, "vllm"))
    if quantization in ("int8", "int4") and torch:
        yield Choice(torch, None, f"quantization {quantization} is made when weights are loaded")
    if machine.small and "llamacpp" in engines and "gguf" in files:
        yield Choice("llamacpp", torch, "a GGUF file on a small machine")
    if machine.x86 and "openvino" in engines and files & {"gguf", "openvino"}:
        yield Choice("openvino", torch, "an x86 processor, and openvino-genai is installed")
    if torch:
        yield Choice(torch, None, "no CUDA device" + _without(entry, machine, "openvino"))
    if "llamacpp" in engines and "gguf" in files:
        yield Choice("llamacpp", None, "a GGUF file, and of its engines llama-cpp-python is installed")


def kinds(entry: ModelEntry) -> frozenset[str]:
    """What the files of a model are: ``gguf``, ``safetensors``, ``openvino``."""
    suffixes = {Path(name).suffix for name in entry.sha256}
    found = {kind for kind in ("gguf", "safetensors") if f".{kind}" in suffixes}
    return frozenset(found | ({"openvino"} if "openvino_model.xml" in entry.sha256 else set()))


def _without(entry: AutoEntry, machine: Machine, engine: str) -> str:
    if engine not in machine.engines:
        return f", and {engine} is not installed"
    return f"; {engine} does not run {' and '.join(sorted(kinds(entry))) or 'these'} files here"


@cache
def here() -> Machine:
    """This machine."""
    installed = {name for name, modules in LIBRARIES.items() if all(find_spec(module) for module in modules)}
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(platform.machine(), pages, cuda_devices() > 0, frozenset(installed))


def cuda_devices() -> int:
    """As the driver counts them; asking it costs less than importing torch."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return 0
    return count.value

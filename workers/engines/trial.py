"""One setting of a model, tried: ``python -m workers.engines.trial`` takes a trial as JSON on standard input and says
what it measured in the last line of its output. A process of its own each, so that memory is that of one setting."""

import asyncio
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from schemas.base import Strict
from schemas.errors import HeadraceError
from schemas.requests import Message, Sampling
from workers.engines.build import build
from workers.engines.choice import LIBRARIES, Machine, kinds
from workers.engines.port import Engine, Generation, Piece
from workers.models.generators import AutoEntry, OwnEntry, Quantization
from workers.models.manifest import Manifest, ModelEntry

TOKENS = 64
ROUNDS = 3
AT_ONCE = 8
TRIED: dict[str, tuple[Quantization, ...]] = {
    "transformers": ("none", "bf16", "int8", "int4"),
    "openvino": ("none",),
    "llamacpp": ("none",),
    "vllm": ("none", "bf16", "int4"),
}
FILES = {
    "transformers": {"safetensors", "gguf"},
    "openvino": {"gguf", "openvino"},
    "llamacpp": {"gguf"},
    "vllm": {"safetensors"},
}


class Trial(Strict):
    """What to try; ``path`` is the model's folder or file."""

    entry: OwnEntry
    path: Path

    @property
    def name(self) -> str:
        return f"{self.entry.engine} {self.entry.options.quantization}"


class Measured(Strict):
    """What a trial gave: tokens a second of one and of ``AT_ONCE`` together, milliseconds until the first token, the
    most bytes resident while it loaded and ran; or why it cannot run here."""

    engine: str = ""
    alone: float = 0.0
    together: float = 0.0
    first_ms: float = 0.0
    load_s: float = 0.0
    memory: int = 0
    refused: str = ""


def trials(entry: ModelEntry, path: Path, machine: Machine) -> Iterator[Trial]:
    """Every setting that can be tried on a machine. None for a model that does not generate text in this process."""
    if not isinstance(entry, AutoEntry | OwnEntry):
        return
    options = entry.options.model_dump(exclude_unset=True)
    shared = entry.model_dump(exclude={"engine", "options"})
    for engine in LIBRARIES:
        if engine not in machine.engines or not kinds(entry) & FILES[engine] or (engine == "vllm" and not machine.cuda):
            continue
        for quantization in TRIED[engine]:
            given = {**shared, "engine": "auto", "options": {**options, "quantization": quantization}}
            made = Manifest.model_validate({"models": {entry.name: given}}).entry(entry.name)
            if isinstance(made, AutoEntry):
                yield Trial(entry=made.on(engine), path=path)


async def measured(trial: Trial) -> Measured:
    """Load, warm up, and measure in ``ROUNDS`` rounds, of which the medians count."""
    began = time.perf_counter()
    try:
        engine = build(trial.entry, trial.path, _no_adapter)
        await engine.start()
    except HeadraceError as error:
        return Measured(refused=error.message)
    load_s = time.perf_counter() - began
    try:
        await _one(engine, "Hello, 你好")
        alone = [await _one(engine, f"Tell me story {number} of the river.") for number in range(ROUNDS)]
        together = [await _together(engine, number) for number in range(ROUNDS)]
    finally:
        await engine.stop()
    rates, firsts, last = zip(*alone, strict=True)
    return Measured(
        engine=last[-1].engine,
        alone=statistics.median(rates),
        together=statistics.median(together),
        first_ms=statistics.median(firsts) * 1000,
        load_s=load_s,
        memory=peak(),
    )


async def _one(engine: Engine, text: str) -> tuple[float, float, Piece]:
    """Tokens a second, seconds to the first piece, and the last piece."""
    asked = Generation((Message(role="user", content=text),), sampling=Sampling(max_tokens=TOKENS))
    began, first, last = time.perf_counter(), 0.0, Piece("")
    async for piece in engine.generate(asked):
        first, last = first or time.perf_counter() - began, piece
    said = last.usage.completion_tokens if last.usage else 0
    return said / (time.perf_counter() - began), first, last


async def _together(engine: Engine, round: int) -> float:
    began = time.perf_counter()
    answers = [_one(engine, f"Story {round}, {number}: 讲一个关于河流的故事。") for number in range(AT_ONCE)]
    said = sum(last.usage.completion_tokens for _, _, last in await asyncio.gather(*answers) if last.usage)
    return said / (time.perf_counter() - began)


def peak() -> int:
    """The most bytes that this process and the largest of its children had resident."""
    return 1024 * sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _no_adapter(pin: object) -> Path:
    raise FileNotFoundError(f"a trial has no adapter {pin}")


def main() -> None:
    """Measure the trial on standard input."""
    trial = Trial.model_validate_json(sys.stdin.buffer.read())
    print(asyncio.run(measured(trial)).model_dump_json())


if __name__ == "__main__":
    main()

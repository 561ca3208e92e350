"""Tokens a second on a CUDA device: ours by transformers and by vLLM, ``generate()``, and continuous batching."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.engines import CONTINUOUS, GENERATE, TRANSFORMERS, measure
from benchmarks.models import DEFAULT, STATE, Model, threads
from benchmarks.report import Aim, CannotRun, Report
from benchmarks.runtimes.process import Runtime, loaded
from benchmarks.samples import Samples, best, ratio

VLLM = "headrace, vllm"
SHAPES = {
    "1.6b": {
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "max_position_embeddings": 8192,
    }
}
TRANSFORMERS_ROOM = {"slots": 256, "cache_gib": 16}
VLLM_ROOM = {"slots": 256, "gpu_memory": 0.3}
"""What a contender takes of the device, which all share: room for 256 requests of a thousand tokens."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--shape", choices=SHAPES, help="random weights of this size instead of the model's own")
    parser.add_argument("--tokens", type=int, default=64, help="in, and out")
    parser.add_argument("--at-once", type=int, nargs="*", default=[1, 32, 256])


async def run(given: argparse.Namespace) -> Report:
    """Raises ``CannotRun`` without a CUDA device."""
    device = cuda()
    name = given.shape or given.model
    size = {"rounds": given.rounds, "tokens in and out": given.tokens, "device": device, "model": name}
    with TemporaryDirectory(prefix="headrace-bench-") as folder:
        model = Model.fetched(given.model)
        if given.shape:
            model = model.shaped(SHAPES[given.shape], Path(folder) / given.shape)
        async with loaded(contenders(model, Path(folder))) as (ready, absent):
            report = Report(f"gpu-{given.shape}" if given.shape else "gpu", size, absent=absent)
            await measure(ready, model.prompts(), given.rounds, given.tokens, given.at_once, report.samples)
    report.aims = aims(report.samples, given.at_once)
    return report


def cuda() -> str:
    """The device's name. Raises ``CannotRun`` when there is none."""
    import torch

    if not torch.cuda.is_available():
        raise CannotRun("the gpu bench needs a CUDA device, and torch finds none here: run it on a machine with one")
    return str(torch.cuda.get_device_name())


def contenders(model: Model, folder: Path) -> list[Runtime]:
    ours = {"model": model.name, "state": str(STATE)}
    plain = {"folder": str(model.folder), "threads": threads()}

    def manifest(engine: str, options: dict[str, Any]) -> str:
        return str(model.manifest(folder, engine, options, unpacked=True))

    return [
        Runtime(TRANSFORMERS, "ours", {**ours, "manifest": manifest("transformers", TRANSFORMERS_ROOM)}),
        Runtime(VLLM, "ours", {**ours, "manifest": manifest("vllm", VLLM_ROOM)}),
        Runtime(GENERATE, "generate", plain, sequential=True),
        Runtime(CONTINUOUS, "continuous", {**plain, "blocks": 8192}),
    ]


def aims(samples: Samples, at_once: Sequence[int]) -> list[Aim]:
    found = []
    for concurrency in at_once:
        case = f"{concurrency} at once"
        rates = {name: samples.median(name, case, "tokens_per_s") for name in samples.contenders}
        ours = best(rates.get(name) for name in (TRANSFORMERS, VLLM))
        found.append(Aim.at_least(f"ours at {case}, of the best", 0.9, ratio(ours, best(rates.values()))))
    return found

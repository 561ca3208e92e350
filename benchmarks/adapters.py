"""Many LoRA adapters in one batch: ours, peft's mixed batch, and one adapter after the other."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.engines import sample
from benchmarks.models import DEFAULT, STATE, Model, Prompts, threads
from benchmarks.report import Aim, Report
from benchmarks.runtimes.lines import Job
from benchmarks.runtimes.process import Loaded, Runtime, loaded
from benchmarks.samples import Sample, Samples, ratio, turns

OURS = "headrace, transformers"
COUNTS = (0, 1, 4, 16)
SPARE = 16
"""Adapters that are first asked for under load."""
SWAP = "an adapter that is first asked for under load"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--tokens", type=int, default=32, help="in, and out")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--batch", type=int, default=32)


async def run(given: argparse.Namespace) -> Report:
    model = Model.fetched(given.model)
    size = {"rounds": given.rounds, "tokens in and out": given.tokens, "rank": given.rank, "batch": given.batch}
    with TemporaryDirectory(prefix="headrace-bench-") as directory:
        folder = Path(directory)
        made = await asyncio.to_thread(make, model, folder, given.rank, max(COUNTS) + SPARE)
        async with loaded(contenders(model, folder, made)) as (ready, absent):
            report = Report("adapters", size, absent=absent)
            load = Load(model.prompts(), list(made), given.tokens, given.batch)
            await measure(ready, load, given.rounds, report.samples)
    report.aims = aims(report.samples, given.batch)
    return report


def make(model: Model, folder: Path, rank: int, count: int) -> dict[str, str]:
    """Random adapters of attention and MLP; names with their folders."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(model.folder, local_files_only=True, dtype=torch.float32)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    config = LoraConfig(r=rank, lora_alpha=rank, target_modules=targets, task_type="CAUSAL_LM", init_lora_weights=False)
    adapted = get_peft_model(base, config)
    adapted.peft_config["default"].base_model_name_or_path = model.name
    made = {}
    for number in range(count):
        generator = torch.Generator().manual_seed(number)
        with torch.no_grad():
            for name, weight in adapted.named_parameters():
                if "lora_" in name:
                    weight.copy_(torch.randn(weight.shape, generator=generator) * 0.01)
        name = f"a{number}"
        adapted.save_pretrained(folder / name)
        made[name] = str(folder / name)
    return made


def contenders(model: Model, folder: Path, made: dict[str, str]) -> list[Runtime]:
    manifest = model.manifest(folder, "transformers", {"adapters": max(COUNTS) + 1})
    ours = {"model": model.name, "state": str(STATE), "manifest": str(manifest), "adapters": made}
    peft = {"folder": str(model.folder), "threads": threads(), "adapters": dict(list(made.items())[: max(COUNTS)])}
    return [
        Runtime(OURS, "ours", ours),
        Runtime("peft, mixed batch", "peft_batch", {**peft, "way": "mixed"}),
        Runtime("peft, one adapter after the other", "peft_batch", {**peft, "way": "turn"}),
    ]


@dataclass(frozen=True)
class Load:
    """Batches of prompts, with adapters dealt out over them."""

    prompts: Prompts
    names: Sequence[str]
    tokens: int
    batch: int

    def job(self, adapters: Sequence[str], tokens: int | None = None) -> Job:
        prompts = self.prompts.many(self.batch, self.tokens)
        return Job(prompts, tokens or self.tokens, self.batch, list(adapters))

    def dealt(self, count: int) -> list[str]:
        """The first ``count`` adapters, over and over; none for 0."""
        return [self.names[at % count] for at in range(self.batch)] if count else []


def case_of(count: int, batch: int) -> str:
    return f"{count} adapters, {batch} at once"


async def measure(ready: Sequence[Loaded], load: Load, rounds: int, samples: Samples) -> None:
    for one in ready:
        await one.do(load.job(load.dealt(max(COUNTS)), tokens=2))
    for number, one in turns(ready, rounds):
        for count in COUNTS:
            outcome = await one.do(load.job(load.dealt(count)))
            samples.append(sample(number, one, case_of(count, load.batch), outcome))
        if one.runtime.name == OURS:
            samples.append(await swap(one, load, load.names[max(COUNTS) + (number - 1) % SPARE], number))


async def swap(one: Loaded, load: Load, fresh: str, number: int) -> Sample:
    """How much later the first token comes, at the same place of a batch, with an adapter that is not loaded."""
    usual = await one.do(load.job(load.dealt(4)))
    swapped = await one.do(load.job([*load.dealt(4)[:-1], fresh]))
    failed = len(usual.failed) + len(swapped.failed)
    values = {"failed": float(failed)}
    if not failed:
        values["later_ms"] = (swapped.first_s[-1] - usual.first_s[-1]) * 1000
    return Sample(number, OURS, SWAP, values, {"usual_s": usual.first_s, "swapped_s": swapped.first_s})


def aims(samples: Samples, batch: int) -> list[Aim]:
    def rate(count: int) -> float | None:
        return samples.median(OURS, case_of(count, batch), "tokens_per_s")

    dropped = samples.of(OURS, SWAP, "failed")
    return [
        Aim.at_least(f"16 adapters in a batch of {batch}, of none", 0.75, ratio(rate(16), rate(0))),
        Aim.at_most("swap in, ms", 200, samples.median(OURS, SWAP, "later_ms")),
        Aim.at_most("requests dropped by swaps", 0, sum(dropped) if dropped else None),
    ]

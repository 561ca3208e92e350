"""Tokens a second of each engine on the default model: ours, and those of others bare."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import machine
from benchmarks.models import DEFAULT, STATE, Model, Prompts, threads
from benchmarks.peers.install import PEERS
from benchmarks.plots import curves
from benchmarks.report import Aim, Report
from benchmarks.runtimes.lines import Job, Outcome
from benchmarks.runtimes.process import Loaded, Runtime, loaded
from benchmarks.samples import Sample, Samples, best, ratio, turns

AUTO, TRANSFORMERS = "headrace, auto", "headrace, transformers"
GENERATE, CONTINUOUS = "generate(), one by one", "transformers, continuous batching"
SHARED, UNSHARED = "400 shared of 424 tokens, 8 at once", "424 tokens, none shared, 8 at once"
PREFIX, REST = 400, 24
FEW = 4
"""Prompts that a sequential contender gets, however many are at once: its rate does not depend on it."""
THRICE = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--tokens", type=int, default=64, help="in, and out")
    parser.add_argument("--at-once", type=int, nargs="*", default=[1, 8, 32])
    parser.add_argument("--only", nargs="*", default=[], help="contenders by name")


async def run(given: argparse.Namespace) -> Report:
    model = Model.fetched(given.model)
    size = {"rounds": given.rounds, "tokens in and out": given.tokens, "threads": threads(), "model": model.name}
    with TemporaryDirectory(prefix="headrace-bench-") as folder:
        chosen = [each for each in contenders(model, Path(folder)) if not given.only or each.name in given.only]
        async with loaded(chosen) as (ready, absent):
            report = Report("engines", size, absent=absent, versions=machine.versions() | peers(ready))
            await measure(ready, model.prompts(), given.rounds, given.tokens, given.at_once, report.samples)
    report.aims = aims(report.samples, given.at_once)
    draw(report)
    return report


def contenders(model: Model, folder: Path) -> list[Runtime]:
    ours = {"model": model.name, "state": str(STATE)}
    plain = {"folder": str(model.folder), "threads": threads()}
    gguf = {"file": str(model.file), "threads": threads()}
    return [
        Runtime(AUTO, "ours", {**ours, "manifest": str(model.manifest(folder, "auto"))}, shares_prefix=True),
        Runtime(
            TRANSFORMERS, "ours", {**ours, "manifest": str(model.manifest(folder, "transformers"))}, shares_prefix=True
        ),
        Runtime(GENERATE, "generate", plain, sequential=True),
        Runtime(CONTINUOUS, "continuous", {**plain, "blocks": 1024}, shares_prefix=True),
        Runtime("llama.cpp", "llamacpp", gguf, peer="llamacpp"),
        Runtime("openvino-genai", "openvino", gguf, peer="openvino", shares_prefix=True),
    ]


def peers(ready: Sequence[Loaded]) -> dict[str, str]:
    """The pinned versions of those that take part."""
    taking_part = [PEERS[one.runtime.peer] for one in ready if one.runtime.peer]
    return {name: version for peer in taking_part for name, version in peer.versions.items()}


async def measure(
    ready: Sequence[Loaded], prompts: Prompts, rounds: int, tokens: int, at_once: Sequence[int], samples: Samples
) -> None:
    for one in ready:
        await one.do(Job(prompts.many(2, tokens), 8, 2))
    for number, one in turns(ready, rounds):
        for concurrency in at_once:
            count = FEW if one.runtime.sequential else max(concurrency, THRICE)
            outcome = await one.do(Job(prompts.many(count, tokens), tokens, concurrency))
            samples.append(sample(number, one, f"{concurrency} at once", outcome))
        if one.runtime.shares_prefix:
            await prefixes(number, one, prompts, tokens, samples)


async def prefixes(number: int, one: Loaded, prompts: Prompts, tokens: int, samples: Samples) -> None:
    """A prefix that was asked with once before, as a system prompt was; and as much text without one."""
    outcome = await one.do(Job(prompts.many(8, PREFIX + REST), tokens, 8))
    samples.append(sample(number, one, UNSHARED, outcome))
    prefix = prompts.one(PREFIX)
    await one.do(Job([prompts.one(PREFIX + REST, prefix)], 2, 1))
    outcome = await one.do(Job(prompts.many(8, PREFIX + REST, prefix), tokens, 8))
    samples.append(sample(number, one, SHARED, outcome))


def sample(number: int, one: Loaded, case: str, outcome: Outcome) -> Sample:
    values = {"tokens_per_s": outcome.tokens / outcome.seconds, "tokens": float(outcome.tokens)}
    if outcome.first_s:
        values["first_token_ms"] = sorted(outcome.first_s)[len(outcome.first_s) // 2] * 1000
    if outcome.failed:
        values["failed"] = float(len(outcome.failed))
    return Sample(number, one.runtime.name, case, values, {"first_token_s": outcome.first_s})


def aims(samples: Samples, at_once: Sequence[int]) -> list[Aim]:
    def rate(contender: str, case: str) -> float | None:
        return samples.median(contender, case, "tokens_per_s")

    found = []
    for concurrency in at_once:
        case = f"{concurrency} at once"
        others = best(rate(name, case) for name in samples.contenders if name != AUTO)
        found.append(
            Aim.at_least(f"auto at {concurrency} at once, of the best contender", 0.95, ratio(rate(AUTO, case), others))
        )
    for name, other, concurrency, bound in ((CONTINUOUS, CONTINUOUS, 32, 2.0), ("generate()", GENERATE, 8, 5.0)):
        case = f"{concurrency} at once"
        value = ratio(rate(TRANSFORMERS, case), rate(other, case))
        found.append(Aim.at_least(f"our transformers engine at {concurrency} at once, times {name}", bound, value))
    for name in (AUTO, TRANSFORMERS):
        value = ratio(rate(name, SHARED), rate(name, UNSHARED))
        found.append(Aim.at_least(f"{name}: shared prefix, times without", 2.0, value))
    return found


def draw(report: Report) -> None:
    """Tokens a second by how many are at once."""
    points: dict[str, list[tuple[float, float]]] = {}
    for case, contender, spreads in report.samples.spreads():
        if case.endswith(" at once") and case.split()[0].isdigit() and "," not in case:
            points.setdefault(contender, []).append((float(case.split()[0]), spreads["tokens_per_s"].median))
    curves(report.name, points, "requests at once", "tokens a second")

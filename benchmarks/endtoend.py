"""Tokens a second and the first token through the whole platform, against the same engine bare."""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.clients.kafka import KafkaClient
from benchmarks.ground import ground
from benchmarks.headrace import Headrace
from benchmarks.load import Ask, Question
from benchmarks.models import DEFAULT, STATE, Model, Prompts
from benchmarks.report import Aim, Report
from benchmarks.runtimes.lines import Job, Outcome
from benchmarks.runtimes.process import Loaded, Runtime, loaded
from benchmarks.samples import Sample, Samples, ratio, turns

KAFKA, HTTP, BARE = "headrace, Kafka", "headrace, HTTP streaming", "the engine bare, in process"
FEW = 3
"""Requests one after the other when one is at once."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--tokens", type=int, default=64, help="in, and at most so many out")
    parser.add_argument("--threads", type=int, default=0, help="of the engine; 0 is its default, as it ships")
    parser.add_argument("--at-once", type=int, nargs="*", default=[1, 8, 32])


@dataclass(frozen=True)
class Platform:
    """One door of the running platform."""

    name: str
    ask: Ask
    model: str

    async def do(self, job: Job, name: str) -> Outcome:
        outcome, slots = Outcome(0), asyncio.Semaphore(job.at_once)

        async def one(at: int) -> None:
            async with slots:
                try:
                    answer = await self.ask(
                        Question(f"{name}-{at}", job.prompts[at], self.model, job.max_tokens, stream=True)
                    )
                except (OSError, RuntimeError, ValueError) as error:
                    outcome.failed.append(str(error))
                    return
                outcome.tokens += answer.tokens
                outcome.first_s.append(answer.first_s)

        began = time.perf_counter()
        await asyncio.gather(*(one(at) for at in range(len(job.prompts))))
        outcome.seconds = time.perf_counter() - began
        return outcome


@dataclass(frozen=True)
class Bare:
    """The engine without the platform."""

    name: str
    runtime: Loaded

    async def do(self, job: Job, name: str) -> Outcome:
        return await self.runtime.do(job)


async def run(given: argparse.Namespace) -> Report:
    model = Model.fetched(given.model)
    size = {"rounds": given.rounds, "tokens": given.tokens, "engine": given.engine, "threads": given.threads}
    report = Report("endtoend", size)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="headrace-bench-")))
        manifest = model.manifest(folder, given.engine, {"threads": given.threads})
        options = {"model": model.name, "state": str(STATE), "manifest": str(manifest)}
        ready, absent = await stack.enter_async_context(loaded([Runtime(BARE, "ours", options)]))
        report.absent |= absent
        made = await stack.enter_async_context(ground(manifest.read_text(encoding="utf-8")))
        http = await stack.enter_async_context(Headrace(HTTP, made, "http", model.name).running())
        kafka = await stack.enter_async_context(KafkaClient(made.settings.kafka, chunks=True))
        doors: list[Platform | Bare] = [Platform(KAFKA, kafka.ask, model.name), Platform(HTTP, http.ask, model.name)]
        contenders = [*doors, *(Bare(BARE, one) for one in ready)]
        await measure(contenders, model.prompts(), given.rounds, given.tokens, given.at_once, report.samples)
    report.aims = aims(report.samples, given.at_once)
    return report


async def measure(
    contenders: Sequence[Platform | Bare],
    prompts: Prompts,
    rounds: int,
    tokens: int,
    at_once: Sequence[int],
    samples: Samples,
) -> None:
    for each in contenders:
        await each.do(Job(prompts.many(4, tokens), 8, 4, chat=True), f"warm-{len(each.name)}")
    for number, each in turns(contenders, rounds):
        for concurrency in at_once:
            job = Job(prompts.many(max(concurrency, FEW), tokens), tokens, concurrency, chat=True)
            outcome = await each.do(job, f"r{number}-{len(each.name)}-{concurrency}")
            samples.append(sample(number, each.name, f"{concurrency} at once", outcome))
            for reason in outcome.failed:
                print(f"{each.name}, {concurrency} at once, round {number}: {reason}", file=sys.stderr)


def sample(number: int, contender: str, case: str, outcome: Outcome) -> Sample:
    values = {"tokens_per_s": outcome.tokens / outcome.seconds}
    if outcome.first_s:
        values["first_token_ms"] = sorted(outcome.first_s)[len(outcome.first_s) // 2] * 1000
    if outcome.failed:
        values["failed"] = float(len(outcome.failed))
    return Sample(number, contender, case, values, {"first_token_s": outcome.first_s})


def aims(samples: Samples, at_once: Sequence[int]) -> list[Aim]:
    def figure(metric: str) -> Callable[[str, str], float | None]:
        return lambda contender, case: samples.median(contender, case, metric)

    rate, first = figure("tokens_per_s"), figure("first_token_ms")
    most, found = f"{max(at_once)} at once", []
    for door in (KAFKA, HTTP):
        value = ratio(rate(door, most), rate(BARE, most))
        found.append(Aim.at_least(f"{door}: tokens a second at {most}, of the bare engine's", 0.9, value))
        for case in dict.fromkeys((f"{min(at_once)} at once", most)):
            mine, bare = first(door, case), first(BARE, case)
            later = mine - bare if mine is not None and bare is not None else None
            found.append(Aim.at_most(f"{door}: first token at {case}, ms later than the bare engine's", 25, later))
    return found

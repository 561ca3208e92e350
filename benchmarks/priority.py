"""The first token of interactive requests, with and without a backlog of batch requests."""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.clients.kafka import KafkaClient
from benchmarks.ground import ground
from benchmarks.headrace import Headrace
from benchmarks.load import Ask, Question, at_rate
from benchmarks.models import DEFAULT, Model
from benchmarks.report import Aim, Report
from benchmarks.samples import Sample, percentiles, ratio

DOUBLE = {"engine": "echo", "context": 100000, "options": {"slots": 16, "delay_s": 0.05, "piece_delay_s": 0.005}}
WITHOUT, WITH = "without a backlog", "with a backlog"
TEXT = "Tell me what you saw on the river this morning, and who was there, and why. 今天早上你看见了什么?"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--backlog", type=int, default=500, help="batch requests waiting all the time")
    parser.add_argument("--model", default=DEFAULT, help="'' for the model double alone")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--rate", type=float, default=4.0, help="interactive requests a second")
    parser.add_argument("--tokens", type=int, default=16)


async def run(given: argparse.Namespace) -> Report:
    size = {name: getattr(given, name) for name in ("rounds", "seconds", "backlog", "rate", "tokens", "engine")}
    report = Report("priority", size)
    models = ["double", *([given.model] if given.model else [])]
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(ground(manifest(given.model, given.engine)))
        http = await stack.enter_async_context(Headrace("headrace", made, "http", "double").running())
        kafka = await stack.enter_async_context(KafkaClient(made.settings.kafka))
        for model in models:
            await made.await_answer(http.ask, model)
            for number in range(1, given.rounds + 1):
                report.samples.append(await interactive(http.ask, number, model, WITHOUT, given))
                async with backlog(kafka.ask, model, number, given):
                    report.samples.append(await interactive(http.ask, number, model, WITH, given))
    report.aims = [aim(report, model) for model in models]
    return report


def manifest(model: str, engine: str) -> str:
    """The double, and the model if one is named."""
    entries: dict[str, object] = {"double": DOUBLE}
    if model:
        with TemporaryDirectory() as folder:
            file = Model.fetched(model).manifest(Path(folder), engine, {"threads": 0})
            entries |= json.loads(file.read_text(encoding="utf-8"))["models"]
    return json.dumps({"models": entries})


async def interactive(ask: Ask, number: int, model: str, contender: str, given: argparse.Namespace) -> Sample:
    def make(name: str) -> Question:
        return Question(name, f"{name}: {TEXT}", model, given.tokens, stream=True)

    load = await at_rate(ask, make, f"{model}-{len(contender)}-{number}", given.rate, given.seconds)
    firsts = [answer.first_s * 1000 for answer in load.answers]
    spread = percentiles(firsts)
    values = {f"first_token_p{at}_ms": spread[at] for at in (50, 95) if spread}
    return Sample(number, contender, model, {**values, "failed": float(load.failed)}, {"first_token_ms": firsts})


@asynccontextmanager
async def backlog(ask: Ask, model: str, number: int, given: argparse.Namespace) -> AsyncIterator[None]:
    """So many batch requests wait all the time; afterwards those that are left are let finish."""
    numbers, going = count(), True

    async def caller() -> None:
        while going:
            name = f"batch-{model}-{number}-{next(numbers)}"
            question = Question(name, f"{name}: {TEXT}", model, given.tokens, priority="batch")
            try:
                await ask(question)
            except (TimeoutError, RuntimeError):
                continue  # it waited longer than the client does; there is another in its place

    callers = [asyncio.create_task(caller()) for _ in range(given.backlog)]
    await asyncio.sleep(2)
    try:
        yield
    finally:
        going = False
        await asyncio.gather(*callers)


def aim(report: Report, model: str) -> Aim:
    late = ratio(*(report.samples.median(each, model, "first_token_p95_ms") for each in (WITH, WITHOUT)))
    return Aim.at_most(f"{model}: first-token p95 with a backlog, times that without", 1.5, late)

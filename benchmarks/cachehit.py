"""Answers from the cache: ours, and LiteLLM's with Redis; beside them the crossings of Kafka with no work in them."""

import argparse
from collections.abc import Sequence
from functools import partial
from itertools import count

from benchmarks.crossings.contender import Crossings
from benchmarks.ground import Contender, Ground, ground, trial
from benchmarks.headrace import Headrace
from benchmarks.load import Making, Question, at_rate, closed
from benchmarks.overhead import MODELS
from benchmarks.peers.gateways import Gateway, litellm
from benchmarks.peers.install import PEERS
from benchmarks.processes import Cost
from benchmarks.report import Aim, Report
from benchmarks.samples import Sample, Samples, ratio, turns

OURS, OURS_HTTP, STOCK, LITELLM = "headrace, Kafka", "headrace, HTTP", "stock Faust, empty", "LiteLLM, Redis cache"
QUIET, FULL = "20 a second", "64 at once"
TEXTS = 16
WARM_S = 2.0


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", nargs="*", default=[], help="contenders by name")


async def run(given: argparse.Namespace) -> Report:
    size = {"rounds": given.rounds, "seconds a case": given.seconds, "different texts": TEXTS}
    async with ground(MODELS) as made:
        chosen, absent = contenders(made, given.only)
        present = await trial(chosen, absent)
        report = Report("cachehit", size, absent=absent)
        report.versions |= PEERS["litellm"].versions
        for number, contender in turns(present, given.rounds):
            await measure(contender, number, report.samples, given.seconds)
    report.aims = aims(report.samples)
    return report


def contenders(made: Ground, only: Sequence[str]) -> tuple[list[Contender], dict[str, str]]:
    all_of: list[Contender] = [
        Headrace(OURS, made, "kafka"),
        Headrace(OURS_HTTP, made, "http"),
        Crossings(STOCK, made, "stock", "stock"),
        Gateway(LITELLM, made, partial(litellm, cache=True)),
    ]
    why = PEERS["litellm"].missing()
    absent = {LITELLM: why} if why else {}
    return [each for each in all_of if each.name not in absent and (not only or each.name in only)], absent


async def measure(contender: Contender, number: int, samples: Samples, seconds: float) -> None:
    """The model pauses for 50 ms, so what comes sooner is from the cache; the crossings have neither."""
    make = making("echo" if contender.name == STOCK else "pause")
    async with contender.running() as running:
        await closed(running.ask, make, f"warm-{number}", 4, WARM_S)
        for case in (QUIET, FULL):
            cost, name = Cost(running.processes), f"{case.replace(' ', '-')}-{number}"
            if case == QUIET:
                load = await at_rate(running.ask, make, name, 20, seconds)
            else:
                load = await closed(running.ask, make, name, 64, seconds)
            values = {**load.values(), **cost.per_request(len(load.answers))}
            samples.append(Sample(number, contender.name, case, values, load.detail()))


def making(model: str) -> Making:
    """Few texts, again and again; every request has an id of its own."""
    turn = count()
    return lambda name: Question(f"{model}-{name}", f"What is asked for the {next(turn) % TEXTS}th time? 你好吗", model)


def aims(samples: Samples) -> list[Aim]:
    p50 = ratio(samples.median(OURS, QUIET, "p50_ms"), samples.median(STOCK, QUIET, "p50_ms"))
    theirs = samples.median(LITELLM, FULL, "rate")
    return [
        Aim.at_most("p50 at 20 a second, times that of the empty crossings", 1.0, p50),
        Aim.at_least("rate by Kafka, times LiteLLM's", 3.0, ratio(samples.median(OURS, FULL, "rate"), theirs)),
        Aim.at_least("rate by HTTP, times LiteLLM's", 3.0, ratio(samples.median(OURS_HTTP, FULL, "rate"), theirs)),
    ]

"""What the platform adds to a model that costs nothing, against empty crossings of Kafka and other gateways."""

import argparse
from collections.abc import Mapping, Sequence
from functools import partial

from benchmarks.crossings.contender import Crossings
from benchmarks.ground import Contender, Ground, Running, ground, trial
from benchmarks.headrace import Headrace
from benchmarks.load import Load, Question, at_rate, closed
from benchmarks.peers.gateways import Gateway, bifrost, litellm, portkey, portkey_headers
from benchmarks.peers.install import PEERS
from benchmarks.plots import curves
from benchmarks.processes import Cost
from benchmarks.report import Aim, Report
from benchmarks.samples import Sample, Samples, ratio, turns

MODELS = """\
models:
  echo: {engine: echo, context: 100000, options: {slots: 256}}
  pause: {engine: echo, context: 100000, options: {slots: 256, delay_s: 0.05}}
"""
OURS, OURS_HTTP, STOCK, LITELLM = "headrace, Kafka", "headrace, HTTP", "stock Faust, empty", "LiteLLM"
AT_ONCE = (1, 16, 64)
CAPACITY = "echo, 64 at once"
QUIET = "echo, 20 a second"
HALF = "echo, half of stock Faust's capacity"
WARM_S = 3.0


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rates", type=float, nargs="*", default=[100, 400], help="open loop, a second")
    parser.add_argument("--only", nargs="*", default=[], help="contenders by name")


async def run(given: argparse.Namespace) -> Report:
    size = {"rounds": given.rounds, "seconds a case": given.seconds, "rates": given.rates}
    async with ground(MODELS) as made:
        chosen, absent = contenders(made, given.only)
        present = await trial(chosen, absent)
        report = Report("overhead", size, absent=absent)
        report.versions |= {name: version for peer in PEERS.values() for name, version in peer.versions.items()}
        half = await calibrate(present, given.seconds) / 2
        report.size["half of capacity, a second"] = round(half, 1)
        for number, contender in turns(present, given.rounds):
            await measure(contender, number, report.samples, given.seconds, {QUIET: 20.0, HALF: half}, given.rates)
    report.aims = aims(report.samples)
    draw(report)
    return report


def contenders(made: Ground, only: Sequence[str] = ()) -> tuple[list[Contender], dict[str, str]]:
    """Those that can run here, and why the others cannot."""
    all_of: list[Contender] = [
        Headrace(OURS, made, "kafka"),
        Headrace(OURS_HTTP, made, "http"),
        Crossings(STOCK, made, "stock", "stock"),
        Crossings("stock Faust, empty, tuned", made, "stock", "tuned", ("--tuned",)),
        Crossings("bare aiokafka, empty", made, "bare", "bare"),
        Gateway("upstream alone", made, None),
        Gateway(LITELLM, made, litellm),
        Gateway("Portkey", made, portkey, portkey_headers),
        Gateway("Bifrost", made, bifrost),
    ]
    needs = {LITELLM: PEERS["litellm"], "Portkey": PEERS["portkey"], "Bifrost": PEERS["bifrost"]}
    absent = {name: why for name, peer in needs.items() if (why := peer.missing())}
    return [each for each in all_of if each.name not in absent and (not only or each.name in only)], absent


async def calibrate(present: Sequence[Contender], seconds: float) -> float:
    """The capacity of stock Faust, or of the first contender when that one does not take part."""
    chosen = next((each for each in present if each.name == STOCK), present[0])
    async with chosen.running() as running:
        await closed(running.ask, partial(question, model="echo"), "warm", 64, WARM_S)
        return (await closed(running.ask, partial(question, model="echo"), "calibrate", 64, seconds)).rate


async def measure(
    contender: Contender,
    number: int,
    samples: Samples,
    seconds: float,
    open_loops: Mapping[str, float],
    rates: Sequence[float],
) -> None:
    """All cases of one contender in one round."""
    async with contender.running() as running:
        turn = Turn(contender.name, number, running, samples)
        await turn.warm()
        for model in ("echo", "pause"):
            for at_once in AT_ONCE:
                await turn.closed(f"{model}, {at_once} at once", model, at_once, seconds)
        for case, rate in open_loops.items():
            await turn.open(case, rate, max(seconds, 40 / rate))
        for rate in rates:
            if rate != 20 and not await turn.open(f"echo, {rate:g} a second", rate, seconds):
                break


class Turn:
    """One contender's turn in one round."""

    def __init__(self, contender: str, number: int, running: Running, samples: Samples) -> None:
        self._contender, self._number, self._running, self._samples = contender, number, running, samples

    async def warm(self) -> None:
        await closed(self._running.ask, partial(question, model="echo"), self._name("warm"), 16, WARM_S)

    async def closed(self, case: str, model: str, at_once: int, seconds: float) -> Load:
        make, cost = partial(question, model=model), Cost(self._running.processes)
        load = await closed(self._running.ask, make, self._name(case), at_once, seconds)
        self._note(case, load, cost)
        return load

    async def open(self, case: str, rate: float, seconds: float) -> bool:
        """Whether it kept up."""
        make, cost = partial(question, model="echo"), Cost(self._running.processes)
        load = await at_rate(self._running.ask, make, self._name(case), rate, seconds)
        self._note(case, load, cost)
        return load.rate > 0.8 * rate

    def _name(self, case: str) -> str:
        """In no other turn and case is anything asked under that name: no answer comes from a cache."""
        return "".join(letter if letter.isalnum() else "-" for letter in f"{case} {self._contender} {self._number}")

    def _note(self, case: str, load: Load, cost: Cost) -> None:
        values = {**load.values(), **cost.per_request(len(load.answers))}
        self._samples.append(Sample(self._number, self._contender, case, values, load.detail()))


def question(name: str, model: str) -> Question:
    """No two have the same text, so no cache has the answer."""
    return Question(name, f"How are you, {name}? 你好吗", model, max_tokens=32)


def aims(samples: Samples) -> list[Aim]:
    def p50_ratio(case: str) -> float | None:
        return ratio(samples.median(OURS, case, "p50_ms"), samples.median(STOCK, case, "p50_ms"))

    rate = samples.median(OURS, CAPACITY, "rate")
    return [
        Aim.at_least(
            "capacity, times that of the empty stock crossings",
            1.0,
            ratio(rate, samples.median(STOCK, CAPACITY, "rate")),
        ),
        Aim.at_least("capacity, times LiteLLM's", 1.0, ratio(rate, samples.median(LITELLM, CAPACITY, "rate"))),
        Aim.at_least(
            "capacity by HTTP, times LiteLLM's",
            1.0,
            ratio(samples.median(OURS_HTTP, CAPACITY, "rate"), samples.median(LITELLM, CAPACITY, "rate")),
        ),
        Aim.at_most("p50 at 20 a second, times that of the crossings", 1.3, p50_ratio(QUIET)),
        Aim.at_most("p50 at half of capacity, times that of the crossings", 1.3, p50_ratio(HALF)),
        Aim.at_most(
            "control process, µs of CPU a request at capacity", 500, samples.median(OURS, CAPACITY, "control_us")
        ),
    ]


def draw(report: Report) -> None:
    """Latency by offered rate."""
    points: dict[str, list[tuple[float, float]]] = {}
    for case, contender, spreads in report.samples.spreads():
        if case.endswith(" a second") and "p50_ms" in spreads:
            points.setdefault(contender, []).append((float(case.split()[1]), spreads["p50_ms"].median))
    curves(report.name, points, "requests a second (open loop)", "median latency, ms")

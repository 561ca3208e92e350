"""How the rate grows with partitions and workers, and whether a long backlog or uptime makes a request dearer."""

import argparse
import asyncio
import time
from collections.abc import Sequence
from functools import partial

import psutil

from benchmarks.clients.kafka import body
from benchmarks.ground import Ground, ground
from benchmarks.headrace import Headrace
from benchmarks.load import Question, closed
from benchmarks.plots import curves
from benchmarks.processes import Cost, Processes
from benchmarks.report import Aim, Report
from benchmarks.samples import Sample, Samples, turns
from infra.broker import KafkaPublisher, Record
from infra.reader import Follower
from infra.topics import Names

MODELS = """\
models:
  one: {engine: echo, context: 100000, options: {slots: 1, delay_s: 0.05}}
  echo: {engine: echo, context: 100000, options: {slots: 256}}
"""
LONG = {"HEADRACE_LIMITS__DEADLINE_S": "86400", "HEADRACE_LIMITS__REQUESTS_PER_MINUTE": "100000000"}
OURS = "headrace"
FULL = 0.9
"""Of all cores; above it they are full."""
WINDOW_S = 2.0
AT_ONCE = 1000


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--partitions", type=int, nargs="*", default=[1, 2, 4, 8, 16], help="and as many workers")
    parser.add_argument("--backlog", type=int, default=100_000, help="requests published before anyone reads")


async def run(given: argparse.Namespace) -> Report:
    size = {"rounds": given.rounds, "seconds a case": given.seconds, "backlog": given.backlog, "backlog rounds": 1}
    report = Report("scale", size)
    for number, partitions in turns(given.partitions, given.rounds):
        report.samples.append(await grown(number, partitions, given.seconds))
    if given.backlog:
        report.samples.append(await drained(given.backlog))
    report.aims = aims(report.samples, given.partitions, given.backlog)
    draw(report, given.partitions)
    return report


def case_of(partitions: int) -> str:
    return f"{partitions} partitions and workers" if partitions > 1 else "1 partition and worker"


async def grown(number: int, partitions: int, seconds: float) -> Sample:
    """The rate with so many partitions and workers, each of which takes one request at a time."""
    async with (
        ground(MODELS, HEADRACE_KAFKA__PARTITIONS=str(partitions), **LONG) as made,
        Headrace(OURS, made, "kafka", "one", workers=partitions).running() as running,
    ):
        make = partial(question, model="one")
        await closed(running.ask, make, "warm", 8 * partitions, 5.0 + 1.5 * partitions)
        psutil.cpu_percent()
        cost = Cost(running.processes)
        load = await closed(running.ask, make, "full", 8 * partitions, seconds)
        busy = psutil.cpu_percent() / 100
        costs = cost.per_request(len(load.answers))
    workers = sum(cost for name, cost in costs.items() if name.startswith("worker"))
    values = {**load.values(), "cores_busy": busy, "control_us": costs["control_us"], "workers_us": workers}
    return Sample(number, OURS, case_of(partitions), values, load.detail())


def question(name: str, model: str) -> Question:
    return Question(name, f"How are you, {name}? 你好吗", model, max_tokens=32)


async def drained(backlog: int) -> Sample:
    """A backlog that was there before the platform: what each request costs, and the memory, window by window."""
    answered = 0

    def note(record: Record) -> None:
        nonlocal answered
        answered += b'"status":"completed"' in (record.value or b"")

    async with ground(MODELS, **LONG) as made:
        await publish(made, backlog)
        names = Names(made.settings.kafka)
        follower = Follower(made.settings.kafka, [names("responses")], note, since="earliest", client_id="bench")
        await follower.start()
        with made.turn():
            for name in ("control-0", "text-0"):
                made.start(name)
            processes = Processes({"control": made.roots["control-0"], "worker": made.roots["text-0"]})
            windows = Windows(processes)
            while answered < backlog and not windows.stuck:
                await asyncio.sleep(WINDOW_S)
                windows.close(answered)
        await follower.stop()
    return windows.sample(f"a backlog of {backlog}")


async def publish(made: Ground, backlog: int) -> None:
    publisher, topic = KafkaPublisher(made.settings.kafka, client_id="bench"), Names(made.settings.kafka)("requests")
    await publisher.start()
    for start in range(0, backlog, AT_ONCE):
        asked = [question(f"b-{number}", "echo") for number in range(start, min(start + AT_ONCE, backlog))]
        await asyncio.gather(*(publisher.publish(topic, body(each), key=each.id) for each in asked))
    await publisher.stop()


class Windows:
    """Figures of one stretch of time after the other."""

    def __init__(self, processes: Processes) -> None:
        self._processes, self._answered = processes, 0
        self._cost, self._began = Cost(processes), time.perf_counter()
        self._idle = 0
        self.detail: dict[str, list[float]] = {
            name: [] for name in ("rate", "control_us", "worker_us", "control_mb", "worker_mb")
        }

    @property
    def stuck(self) -> bool:
        """No answer for a minute."""
        return self._idle * WINDOW_S > 60

    def close(self, answered: int) -> None:
        """End a window in which the number of answers has grown to this; one without any goes on."""
        done = answered - self._answered
        self._idle = 0 if done else self._idle + 1
        if not done:
            return
        took = time.perf_counter() - self._began
        figures = {"rate": done / took, **self._cost.per_request(done)}
        figures |= {f"{name}_mb": size for name, size in self._processes.memory_mb().items()}
        for name, values in self.detail.items():
            values.append(figures[name])
        self._answered, self._cost, self._began = answered, Cost(self._processes), time.perf_counter()

    def sample(self, case: str) -> Sample:
        """The second and the last quarter, and how much more the last is; the first holds start and warm-up."""
        values = {"answered": float(self._answered)}
        for name, found in self.detail.items():
            early, late = _quarter(found, 1), _quarter(found, 3)
            values |= {f"{name}_early": early, f"{name}_late": late, f"{name}_growth": late / early if early else 0.0}
        return Sample(1, OURS, case, values, self.detail)


def _quarter(values: Sequence[float], number: int) -> float:
    """The mean of the quarter that begins after ``number`` others; the last window, which is cut short, is left out."""
    kept = values[:-1] or values
    part = kept[len(kept) * number // 4 : len(kept) * (number + 1) // 4] or kept
    return sum(part) / len(part) if part else 0.0


def aims(samples: Samples, partitions: Sequence[int], backlog: int) -> list[Aim]:
    def of(count: int, metric: str) -> float:
        return samples.median(OURS, case_of(count), metric) or 0.0

    one = of(min(partitions), "rate") / min(partitions)
    linear = {
        count: of(count, "rate") / (count * one) for count in partitions if of(count, "cores_busy") < FULL and one
    }
    sizes = ", ".join(map(str, linear)) or "none, they were full at once"
    worst = min(linear.values(), default=None)
    found = [Aim.at_least(f"rate of linear, the worst of those with cores to spare ({sizes})", 0.9, worst)]
    for metric, what in (
        ("control_us", "cost of a request in control"),
        ("worker_us", "cost of a request in the worker"),
        ("control_mb", "memory of control"),
        ("worker_mb", "memory of the worker"),
    ):
        growth = samples.median(OURS, f"a backlog of {backlog}", f"{metric}_growth")
        found.append(Aim.at_most(f"{what}, end of the backlog to its beginning", 1.1, growth))
    return found


def draw(report: Report, partitions: Sequence[int]) -> None:
    rates = [(count, report.samples.median(OURS, case_of(count), "rate") or 0.0) for count in partitions]
    first = rates[0][1] / rates[0][0]
    lines = {"measured": rates, "linear": [(count, count * first) for count in partitions]}
    curves(report.name, lines, "partitions and workers", "answers a second (50 ms each)")

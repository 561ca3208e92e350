"""What the whole pipeline adds: from publishing a request to reading its answer, with a model that costs nothing.

    python -m benchmarks.spine

Everything is on: screening, cache look-up, limits, audit. Load generator, Kafka, Valkey, control and worker share the
machine. Latency is what a client sees that publishes to ``requests`` and reads ``responses``.
"""

import asyncio
import sys
from functools import partial

import psutil

from benchmarks.clients.kafka import KafkaClient
from benchmarks.ground import START_S, Ground, ground, issue_keys
from benchmarks.load import Question, at_rate, closed
from benchmarks.report import Aim, Report
from benchmarks.samples import Sample, Samples

MODELS = "models:\n  echo: {engine: echo, context: 100000, options: {slots: 256}}\n"
CHILDREN = ("control-0", "text-0", "gateway-0")
OURS, QUIET, FULL, LOADED, IDLE = "headrace", "20 a second", "128 at once", "memory after load", "idle"
SECONDS, ROUNDS = 10.0, 5


def question(name: str) -> Question:
    return Question(name, f"How are you, {name}? 你好吗", "echo")


async def idle_cpu(made: Ground, seconds: float = 10.0) -> dict[str, float]:
    """Percent of a core that each process takes when nothing happens."""
    processes = {name: psutil.Process(pid) for name, pid in made.roots.items()}
    for process in processes.values():
        process.cpu_percent()
    await asyncio.sleep(seconds)
    return {name: process.cpu_percent() for name, process in processes.items()}


def memory_mb(made: Ground) -> dict[str, float]:
    return {name: psutil.Process(pid).memory_info().rss / 2**20 for name, pid in made.roots.items()}


async def measure(made: Ground) -> Samples:
    samples, settings = Samples(), made.settings
    await issue_keys(settings)
    with made.turn():
        for name in CHILDREN:
            made.start(name)
        await asyncio.to_thread(made.await_ready, START_S)
        async with KafkaClient(settings.kafka) as client:
            await made.await_answer(client.ask, "echo")
            note = partial(_note, samples)
            await closed(client.ask, question, "warm-up", 16, 5)
            load = await at_rate(client.ask, question, "quiet", 20, 20)
            note(1, QUIET, load.values(), {"latency_s": [answer.total_s for answer in load.answers]})
            for number in range(1, ROUNDS + 1):
                load = await closed(client.ask, question, f"full-{number}", 128, SECONDS)
                note(number, FULL, load.values(), load.detail())
            note(1, LOADED, memory_mb(made), {})
        await asyncio.sleep(3)
        note(1, IDLE, await idle_cpu(made), {})
    return samples


def _note(samples: Samples, number: int, case: str, values: dict[str, float], detail: dict[str, list[float]]) -> None:
    samples.append(Sample(number, OURS, case, values, detail))


def aims(samples: Samples) -> list[Aim]:
    figures = {each.case: each.values for each in samples}
    largest = max(figures[LOADED]["control-0"], figures[LOADED]["gateway-0"])
    busiest = sum(figures[IDLE].values())
    return [
        Aim.at_most("p50 from publish to answer at 20/s, ms", 30, figures[QUIET]["p50_ms"]),
        Aim.at_least("sustained answers a second, audit on", 300, samples.median(OURS, FULL, "rate")),
        Aim.at_most("memory of control and gateway, each, MB", 250, largest),
        Aim.at_most("idle CPU of control, gateway and worker together, % of a core", 5, busiest),
    ]


async def run() -> Report:
    report = Report("spine", {"rounds": ROUNDS, "seconds a round": SECONDS})
    async with ground(MODELS) as made:
        report.samples = await measure(made)
    report.aims = aims(report.samples)
    return report


def main() -> int:
    print(asyncio.run(run()).write().read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

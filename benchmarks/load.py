"""Load: so many at once (closed loop), or so many a second whether earlier ones are answered or not (open loop)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count

from benchmarks.samples import percentiles

PATIENCE_S = 30.0
MOST_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Question:
    """One request. ``model`` is a name that every contender of a bench knows."""

    id: str
    text: str
    model: str
    max_tokens: int = 256
    stream: bool = False
    priority: str = "interactive"


@dataclass(frozen=True, slots=True)
class Answer:
    """Seconds from sending to the first of the answer and to all of it; ``tokens`` where they are counted."""

    first_s: float
    total_s: float
    tokens: int = 0


Ask = Callable[[Question], Awaitable[Answer]]
"""Raises whatever it likes when there is no good answer."""
Making = Callable[[str], Question]
"""A question of that id."""


@dataclass
class Load:
    """What came back. ``failed`` had no good answer; ``left_out`` were not sent, since too many were under way."""

    seconds: float = 0.0
    answers: list[Answer] = field(default_factory=list)
    failed: int = 0
    left_out: int = 0

    @property
    def rate(self) -> float:
        return len(self.answers) / self.seconds if self.seconds else 0.0

    def values(self) -> dict[str, float]:
        """Answers a second, and the latency in milliseconds."""
        spread = percentiles([answer.total_s * 1000 for answer in self.answers])
        latency = {f"p{at}_ms": spread[at] for at in (50, 95, 99)} if spread else {}
        lost = {name: float(value) for name in ("failed", "left_out") if (value := getattr(self, name))}
        return {"rate": self.rate, **latency, **lost}

    def detail(self) -> dict[str, list[float]]:
        spread = percentiles([answer.total_s * 1000 for answer in self.answers])
        return {"latency_ms_percentiles": [round(value, 3) for value in spread]}


async def closed(ask: Ask, make: Making, name: str, at_once: int, seconds: float) -> Load:
    """So many requests under way, each followed by the next, for so long. Those under way at the end do not count."""
    load, numbers = Load(), count()
    began = time.perf_counter()
    until = began + seconds

    async def caller() -> None:
        while time.perf_counter() < until:
            await _one(ask, make(f"{name}-{next(numbers)}"), load, until)

    callers = [asyncio.create_task(caller()) for _ in range(at_once)]
    await asyncio.wait(callers, timeout=seconds + PATIENCE_S)
    await _cut_off(callers, load)
    load.seconds = seconds
    return load


async def at_rate(ask: Ask, make: Making, name: str, rate: float, seconds: float) -> Load:
    """A request every ``1 / rate`` seconds; all of them are waited for."""
    load, running = Load(), set[asyncio.Task[None]]()
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        if len(running) >= MOST_AT_ONCE:
            load.left_out += 1
            continue
        task = asyncio.create_task(_one(ask, make(f"{name}-{number}"), load))
        running.add(task)
        task.add_done_callback(running.discard)
    if running:
        await asyncio.wait(running, timeout=PATIENCE_S)
    await _cut_off(list(running), load)
    load.seconds = time.perf_counter() - began
    return load


async def _one(ask: Ask, question: Question, load: Load, until: float = float("inf")) -> None:
    try:
        answer = await ask(question)
    except (OSError, RuntimeError, ValueError):
        load.failed += 1
        await asyncio.sleep(0.01)
        return
    if time.perf_counter() <= until:
        load.answers.append(answer)


async def _cut_off(tasks: list[asyncio.Task[None]], load: Load) -> None:
    """Whatever has no answer by now has none."""
    late = [task for task in tasks if not task.done()]
    load.failed += len(late)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

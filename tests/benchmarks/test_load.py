import asyncio
import time
from functools import partial

import pytest

from benchmarks.load import Answer, Load, Question, at_rate, closed

MAKE = partial(Question, text="你好", model="echo")


async def test_a_closed_loop_keeps_so_many_under_way() -> None:
    under_way = most = 0
    ids = set()

    async def ask(question: Question) -> Answer:
        nonlocal under_way, most
        ids.add(question.id)
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return Answer(0.005, 0.01)

    load = await closed(ask, MAKE, "x", 4, 0.3)
    assert most == 4
    assert len(load.answers) <= len(ids)
    assert load.rate == len(load.answers) / 0.3
    assert load.values()["p50_ms"] == pytest.approx(10)


async def test_an_open_loop_does_not_wait_for_answers() -> None:
    async def ask(question: Question) -> Answer:
        await asyncio.sleep(0.3)
        return Answer(0.3, 0.3)

    began = time.perf_counter()
    load = await at_rate(ask, MAKE, "x", 100, 0.2)
    assert len(load.answers) == 20
    assert time.perf_counter() - began < 2


async def test_what_has_no_answer_is_counted_and_not_timed() -> None:
    async def ask(question: Question) -> Answer:
        raise RuntimeError("broken")

    load = await at_rate(ask, MAKE, "x", 200, 0.1)
    assert (load.answers, load.failed) == ([], 20)
    assert load.values() == {"rate": 0.0, "failed": 20.0}
    assert load.detail() == {"latency_ms_percentiles": []}


def test_nothing_at_all_has_no_rate() -> None:
    assert Load().values() == {"rate": 0.0}

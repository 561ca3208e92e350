import asyncio
import threading
from collections.abc import Sequence
from itertools import chain

import pytest

from schemas.errors import HeadraceError, InternalError, InvalidField, Overloaded
from workers.retrieval.batching import Batcher, window


class Model:
    """Doubles numbers; an item's value is its length. Keeps its batches, and runs only while ``gate`` is open."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, items: list[int]) -> Sequence[int | HeadraceError]:
        assert self.gate.wait(10)
        self.batches.append(items)
        if 666 in items:
            raise RuntimeError("no")
        return [InternalError("not finite") if item == 13 else 2 * item for item in items]


def batcher(model: Model, *, tokens: int = 100, room: int = 50) -> Batcher[str, int, int]:
    return Batcher(lambda texts: [int(text) for text in texts], model, int, tokens=tokens, room=room)


async def held(running: Batcher[str, int, int], model: Model, number: str = "20") -> "asyncio.Task[list[int]]":
    """A call whose batch is in the model, which waits at the gate."""
    model.gate.clear()
    task = asyncio.create_task(running([number]))
    await asyncio.sleep(0.05)
    return task


@pytest.mark.parametrize(
    ("lengths", "first", "expected"),
    [
        ([20, 20, 20], 0, (0, 3)),  # all fit
        ([20, 40, 40, 50], 2, (1, 3)),  # two of 40 are full; not one of 50 more, not 20
        ([16, 30, 50], 2, (1, 3)),  # nothing is padded to more than twice its length
        ([16, 30, 50], 0, (0, 2)),  # nor this
        ([300], 0, (0, 1)),  # over the budget: alone
        ([30, 30, 30, 30], 3, (1, 4)),  # shorter ones first
    ],
)
def test_a_batch_is_of_like_lengths_within_the_budget(
    lengths: list[int], first: int, expected: tuple[int, int]
) -> None:
    assert window(lengths, first, 100) == expected


async def test_answers_come_in_order_whatever_the_batches() -> None:
    model = Model()
    running = batcher(model)
    assert await running(["90", "20", "45", "21"]) == [180, 40, 90, 42]
    assert len(model.batches) > 1
    assert sorted(chain.from_iterable(model.batches)) == [20, 21, 45, 90]
    await running.stop()


async def test_what_waits_goes_together() -> None:
    model = Model()
    running = batcher(model)
    first = await held(running, model)
    others = [asyncio.create_task(running([number])) for number in ("21", "22", "23")]
    await asyncio.sleep(0.05)
    model.gate.set()
    assert await asyncio.gather(first, *others) == [[40], [42], [44], [46]]
    assert [sorted(batch) for batch in model.batches] == [[20], [21, 22, 23]]
    await running.stop()


async def test_one_text_does_not_stand_behind_all_of_a_long_list() -> None:
    model = Model()
    running = batcher(model)
    first = await held(running, model)
    many = asyncio.create_task(running(["90"] * 20))
    await asyncio.sleep(0.05)
    one = asyncio.create_task(running(["40"]))
    await asyncio.sleep(0.05)
    model.gate.set()
    await asyncio.gather(first, many, one)
    assert model.batches.index([40]) < 5
    await running.stop()


async def test_a_full_queue_is_overloaded_and_empties_again() -> None:
    model = Model()
    running = batcher(model, room=3)
    first = await held(running, model)
    with pytest.raises(Overloaded, match="try again"):
        await running(["1", "2", "3"])
    model.gate.set()
    await first
    assert await running(["20"] * 5) == [40] * 5  # more than the room, but nothing else waits
    await running.stop()


async def test_who_leaves_is_not_run_and_makes_room() -> None:
    model = Model()
    running = batcher(model, room=2)
    first = await held(running, model)
    leaver = asyncio.create_task(running(["77"]))
    await asyncio.sleep(0.05)
    leaver.cancel()
    await asyncio.gather(leaver, return_exceptions=True)
    stayer = asyncio.create_task(running(["30"]))
    await asyncio.sleep(0.05)
    model.gate.set()
    assert (await first, await stayer) == ([40], [60])
    assert [77] not in model.batches
    await running.stop()


@pytest.mark.parametrize(("bad", "message"), [("13", "not finite"), ("666", "RuntimeError")])
async def test_a_failure_is_the_end_of_its_text_alone(bad: str, message: str) -> None:
    model = Model()
    running = batcher(model, tokens=100_000)
    first = await held(running, model, "700")
    calls = [asyncio.create_task(running([number])) for number in ("600", bad, "665")]
    await asyncio.sleep(0.05)
    model.gate.set()
    answers = await asyncio.gather(first, *calls, return_exceptions=True)
    assert isinstance(answers[2], InternalError)
    assert message in str(answers[2])
    assert [answers[0], answers[1], answers[3]] == [[1400], [1200], [1330]]
    await running.stop()


async def test_what_cannot_be_tokenised_takes_no_room() -> None:
    def refuse(texts: Sequence[str]) -> list[int]:
        raise InvalidField(f"{len(texts)} bad texts")

    running: Batcher[str, int, int] = Batcher(refuse, Model(), int, tokens=10, room=1)
    for _ in range(3):
        with pytest.raises(InvalidField):
            await running(["x"])
    await running.stop()


async def test_stopping_ends_what_runs_and_refuses_what_waits() -> None:
    model = Model()
    running = batcher(model)
    first = await held(running, model)
    waiting = asyncio.create_task(running(["90"]))
    await asyncio.sleep(0.05)
    stopping = asyncio.create_task(running.stop())
    await asyncio.sleep(0.05)
    model.gate.set()
    await stopping
    assert await first == [40]
    with pytest.raises(Overloaded):
        await waiting
    with pytest.raises(Overloaded):
        await running(["1"])

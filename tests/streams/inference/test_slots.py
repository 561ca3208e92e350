import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.inference import slots as module
from streams.inference.slots import TURNS, Lane, Slots, Turn

Priority = Literal["interactive", "batch"]


@dataclass
class Engine:
    """Those who ask for slots, by name; each holds its slot until it is let go."""

    slots: Slots
    began: list[str] = field(default_factory=list)
    ends: dict[str, asyncio.Event] = field(default_factory=dict)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def ask(self, *names: str, cost: int = 1) -> None:
        """``b`` begins the name of batch work, a digit at the end tells pieces of one tenant's work apart."""
        for name in names:
            self.ends[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._hold(name, cost))
        await settled()

    async def end(self, *names: str) -> None:
        for name in names:
            self.ends[name].set()
        await settled()

    async def end_all(self) -> None:
        while running := [name for name in self.began if not self.ends[name].is_set()]:
            await self.end(*running)

    async def _hold(self, name: str, cost: int) -> None:
        priority: Priority = "batch" if name.startswith("b") else "interactive"
        async with self.slots.hold(priority, name.rstrip("0123456789"), cost):
            self.began.append(name)
            await self.ends[name].wait()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("size", "asked", "order"),
    [
        (1, ["b1", "b2", "i1", "b3", "i2"], ["b1", "i1", "i2", "b2", "b3"]),  # interactive first, each as it came
        (2, ["b1", "b2", "i1", "i2"], ["b1", "i1", "i2", "b2"]),  # the last slot is not for batch work
        (1, ["a1", "a2", "a3", "c1", "c2"], ["a1", "c1", "a2", "c2", "a3"]),  # tenants take turns
        (4, ["b1", "b2", "b3", "b4", "i1"], ["b1", "b2", "b3", "i1", "b4"]),  # batch work may have all others
        (1, ["i1", "i2", "i3"], ["i1", "i2", "i3"]),  # one tenant alone
    ],
)
async def test_the_order(size: int, asked: list[str], order: list[str]) -> None:
    engine = Engine(Slots(size))
    await engine.ask(*asked)
    await engine.end_all()
    assert engine.began == order
    assert engine.slots.waiting == 0


async def test_batch_work_does_not_starve() -> None:
    engine = Engine(Slots(1))
    await engine.ask("i0", "b1", "b2")
    for number in range(1, 2 * TURNS + 3):
        await engine.ask(f"i{number}")
        await engine.end(engine.began[-1])
    assert [engine.began.index(name) for name in ("b1", "b2")] == [TURNS + 1, 2 * TURNS + 2]
    await engine.end_all()


async def test_interactive_work_finds_a_slot_in_front_of_any_backlog() -> None:
    engine = Engine(Slots(4))
    await engine.ask(*(f"b{number}" for number in range(100)))
    await engine.ask("i1")
    assert engine.began[-1] == "i1"
    for task in engine.tasks.values():
        task.cancel()


async def test_batch_work_has_its_share_while_there_is_interactive_work(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(Slots(8, batch_share=0.25))
    await engine.ask("i1", *(f"b{number}" for number in range(20)))
    assert engine.began == ["i1", "b0", "b1"]
    monkeypatch.setattr(module, "QUIET_S", 0.0)
    await engine.end("i1")
    assert len(engine.began) == 1 + 7  # all but one
    for task in engine.tasks.values():
        task.cancel()


async def test_a_weight_is_a_share() -> None:
    engine = Engine(Slots(1, weights={"heavy": 3.0}))
    await engine.ask(*(f"{tenant}{number}" for tenant in ("heavy", "light") for number in range(40)), cost=100)
    for _ in range(40):
        await engine.end(engine.began[-1])
    shares = Counter(name.rstrip("0123456789") for name in engine.began)
    assert shares["heavy"] in (30, 31)
    for task in engine.tasks.values():
        task.cancel()


async def test_who_asks_for_much_has_fewer_turns() -> None:
    engine = Engine(Slots(1))
    await engine.ask("now")
    await engine.ask(*(f"long{number}" for number in range(10)), cost=1000)
    await engine.ask(*(f"short{number}" for number in range(10)), cost=100)
    for _ in range(11):
        await engine.end(engine.began[-1])
    assert Counter(name.rstrip("0123456789") for name in engine.began[1:12])["short"] == 10
    for task in engine.tasks.values():
        task.cancel()


async def test_who_stops_waiting_takes_no_slot() -> None:
    engine = Engine(Slots(1))
    await engine.ask("a1", "gone1", "c1")
    engine.tasks["gone1"].cancel()
    await settled()
    assert engine.slots.waiting == 1
    await engine.end_all()
    assert engine.began == ["a1", "c1"]


async def test_a_slot_given_to_one_who_is_just_cancelled_goes_on() -> None:
    engine = Engine(Slots(1))
    await engine.ask("a1", "unlucky1", "c1")
    engine.ends["a1"].set()
    await asyncio.sleep(0)
    engine.tasks["unlucky1"].cancel()  # it may have been given the slot, and has not begun
    await settled()
    assert engine.began == ["a1", "c1"]
    await engine.end_all()
    assert engine.slots.waiting == 0


async def test_tenants_that_are_gone_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TENANTS", 10)
    lane = Lane({})
    for number in range(100):
        lane.push(f"t{number}", 1, asyncio.get_running_loop().create_future())
        lane.pop()
    assert len(lane._used) <= 11


Step = tuple[str, int]
STEPS = st.lists(st.tuples(st.sampled_from(["a", "c", "d", "-"]), st.integers(1, 50)), min_size=1, max_size=200)


@given(steps=STEPS, weights=st.dictionaries(st.sampled_from(["a", "c", "d"]), st.sampled_from([0.5, 2.0, 4.0])))
def test_nobody_waits_for_more_than_a_bound(steps: list[Step], weights: dict[str, float]) -> None:
    """While a tenant waits, no other one gets more than it did by its weight, but for one piece of work of each."""
    loop = asyncio.new_event_loop()
    lane, costs = Lane(weights), dict[Turn, Step]()
    waiting = {tenant: 0 for tenant in "acd"}
    served = dict.fromkeys("acd", 0.0)
    since = {tenant: dict(served) for tenant in "acd"}
    for tenant, cost in [*steps, *[("-", 1)] * len(steps)]:
        if tenant != "-":
            if not waiting[tenant]:
                since[tenant] = dict(served)
            waiting[tenant] += 1
            turn: Turn = loop.create_future()
            costs[turn] = (tenant, cost)
            lane.push(tenant, cost, turn)
        elif any(waiting.values()):
            who, paid = costs[lane.pop()]
            waiting[who] -= 1
            served[who] += paid / weights.get(who, 1.0)
            for one in (name for name in "acd" if waiting[name]):
                mine = served[one] - since[one][one]
                theirs = max(served[other] - since[one][other] for other in "acd" if other != one)
                assert theirs - mine <= 2 * 50 / min([1.0, *weights.values()])
    assert len(lane) == 0
    loop.close()


@given(
    size=st.integers(1, 9),
    steps=st.lists(st.sampled_from(["a", "c", "ba", "bc", "end", "leave"]), max_size=60),
)
def test_no_slot_is_free_while_one_waits_who_may_have_it(size: int, steps: list[str]) -> None:
    async def play() -> None:
        engine = Engine(Slots(size))
        most, share = max(1, size - 1), max(1, min(round(size * 0.125), size - 1))
        for number, step in enumerate(steps):
            running = [name for name in engine.began if not engine.ends[name].is_set()]
            queued = [n for n in engine.tasks if n not in engine.began and not engine.tasks[n].cancelled()]
            if step == "end":
                await engine.end(*running[:1])
            elif step == "leave":
                for name in queued[:1]:
                    engine.tasks[name].cancel()
                await settled()
            else:
                await engine.ask(f"{step}{number}")
            running = [name for name in engine.began if not engine.ends[name].is_set()]
            queued = [n for n in engine.tasks if n not in engine.began and not engine.tasks[n].cancelled()]
            batch = sum(name.startswith("b") for name in running)
            assert len(running) <= size
            assert batch <= most
            if len(running) < size:
                assert all(name.startswith("b") for name in queued)
                assert not queued or batch >= share
        for task in engine.tasks.values():
            task.cancel()
        await settled()

    asyncio.run(play())

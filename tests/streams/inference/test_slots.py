import asyncio
from typing import Literal

from streams.inference.slots import Slots

Priority = Literal["interactive", "batch"]


async def hold(slots: Slots, name: str, priority: Priority, order: list[str], until: asyncio.Event) -> None:
    async with slots.hold(priority):
        order.append(name)
        await until.wait()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_interactive_work_goes_first_and_each_in_its_order() -> None:
    slots, order, go = Slots(1), list[str](), asyncio.Event()
    waiting: list[tuple[str, Priority]] = [
        ("first", "batch"),  # holds the slot
        ("b1", "batch"),
        ("i1", "interactive"),
        ("b2", "batch"),
        ("i2", "interactive"),
    ]
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for name, priority in waiting:
            group.create_task(hold(slots, name, priority, order, go))
        await settled()
        assert (order, slots.waiting) == (["first"], 4)
        go.set()
    assert order == ["first", "i1", "i2", "b1", "b2"]
    assert slots.waiting == 0


async def test_no_more_than_there_are_slots() -> None:
    slots, order, go = Slots(2), list[str](), asyncio.Event()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(hold(slots, str(number), "interactive", order, go))
        await settled()
        assert order == ["0", "1"]
        go.set()
    assert len(order) == 5


async def test_who_stops_waiting_takes_no_slot() -> None:
    slots, order, go = Slots(1), list[str](), asyncio.Event()
    first = asyncio.create_task(hold(slots, "first", "batch", order, go))
    await settled()
    gone = asyncio.create_task(hold(slots, "gone", "interactive", order, go))
    last = asyncio.create_task(hold(slots, "last", "batch", order, go))
    await settled()
    gone.cancel()
    await settled()
    assert slots.waiting == 1
    go.set()
    await asyncio.wait_for(asyncio.gather(first, last), 5)
    assert order == ["first", "last"]


async def test_a_slot_given_to_one_who_is_just_cancelled_goes_on() -> None:
    slots, order, go = Slots(1), list[str](), asyncio.Event()

    async def first() -> None:
        async with slots.hold("batch"):
            await go.wait()
        unlucky.cancel()  # it has been given the slot, and has not begun

    holder = asyncio.create_task(first())
    await settled()
    unlucky = asyncio.create_task(hold(slots, "unlucky", "batch", order, go))
    last = asyncio.create_task(hold(slots, "last", "batch", order, go))
    await settled()
    go.set()
    await asyncio.wait_for(asyncio.gather(holder, last), 5)
    assert unlucky.cancelled()
    assert order == ["last"]

"""A request that kills its worker is found out, and what stood beside it gets through."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.errors import InternalError
from streams.inference.attempts import MOST, RECORD, Attempts
from tests.streams.making import pins, work

DIE = """
import os, sys
from pathlib import Path
from streams.inference.attempts import Attempts
from tests.streams.making import work
attempts = Attempts()
attempts.open(Path(sys.argv[1]))
with attempts.noted(work(id="done")):
    pass
with attempts.noted(work(id="beside")), attempts.noted(work(id="culprit")):
    os._exit(1)
"""


def die(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", DIE, str(folder)], timeout=30, check=False)


def opened(folder: Path) -> Attempts:
    attempts = Attempts()
    attempts.open(folder)
    return attempts


async def test_what_was_in_work_is_done_one_at_a_time(tmp_path: Path) -> None:
    die(tmp_path)
    attempts, begun = opened(tmp_path), list[str]()

    async def compute(name: str) -> None:
        async with attempts.in_turn(work(id=name)):
            with attempts.noted(work(id=name)):
                begun.append(name)
                await asyncio.sleep(0.02)

    tasks = [asyncio.create_task(compute(name)) for name in ("beside", "culprit", "done", "new")]
    await asyncio.sleep(0.01)
    assert begun == ["beside", "done", "new"]
    await asyncio.gather(*tasks)
    attempts.close()
    assert not os.listdir(tmp_path)


async def test_what_killed_the_worker_too_often_is_not_tried_again(tmp_path: Path) -> None:
    for _ in range(MOST):
        die(tmp_path)
    attempts = opened(tmp_path)
    with pytest.raises(InternalError, match=f"died {MOST} times"):
        async with attempts.in_turn(work(id="culprit")):
            raise AssertionError("it is not tried")
    async with attempts.in_turn(work(id="done")):
        pass
    attempts.close()


async def test_suspicion_outlives_a_process_that_did_not_get_to_it(tmp_path: Path) -> None:
    die(tmp_path)
    first = opened(tmp_path)
    with first.noted(work(id="beside")):  # it gets through, and is suspect no longer
        pass
    second = opened(tmp_path)  # the first one is dead as far as its own id tells
    assert second._deaths == {"acme/culprit": 1}


async def test_an_orderly_end_leaves_no_suspicion(tmp_path: Path) -> None:
    attempts = opened(tmp_path)
    with attempts.noted(work()):
        attempts.close()
    assert opened(tmp_path)._deaths == {}


@pytest.mark.parametrize("left", [b"", b"\xff" * RECORD, b"nonsense", b"+x name".ljust(RECORD), b"+1 "])
def test_notes_that_cannot_be_read_tell_nothing(tmp_path: Path, left: bytes) -> None:
    attempts = opened(tmp_path)
    next(tmp_path.iterdir()).write_bytes(left)
    attempts.open(tmp_path)
    assert attempts._deaths == {}


def test_notes_of_the_living_are_theirs(tmp_path: Path) -> None:
    attempts = opened(tmp_path)
    theirs = next(tmp_path.iterdir())
    living = theirs.with_name(theirs.name.replace(str(os.getpid()), str(os.getppid())))
    living.write_bytes(b"+0 acme/r1".ljust(RECORD))
    attempts.open(tmp_path)
    assert (attempts._deaths, living.exists()) == ({}, True)


def test_the_notes_do_not_grow(tmp_path: Path) -> None:
    attempts = opened(tmp_path)
    for number in range(100):
        with attempts.noted(work(id=f"r{number}")), attempts.noted(work(pins=pins(cache_key=f"{number:064x}"))):
            pass
    assert next(tmp_path.iterdir()).stat().st_size == 2 * RECORD


async def test_nothing_is_noted_before_it_is_opened(tmp_path: Path) -> None:
    attempts = Attempts()
    async with attempts.in_turn(work()):
        with attempts.noted(work()):
            pass
    attempts.close()

"""Keepers never hold the agent up; they get the newest head, and trouble with them is told once."""

import asyncio
import threading
from pathlib import Path

import pytest

from schemas.errors import HeadraceError, Unavailable
from streams.audit.notary import Signed
from streams.audit.tiles import Kept
from streams.audit.witnesses import keeping as module
from streams.audit.witnesses.keeping import Keeping
from tests.streams.audit.witnesses.making import PLACE, Grower, new_keys
from tests.waiting import until


class Slow:
    """Takes heads when it is let, and fails when it is told to."""

    name = "slow"

    def __init__(self) -> None:
        self.let, self.broken = threading.Event(), False
        self.sizes: list[int] = []

    def keep(self, place: str, signed: Signed, kept: Kept) -> None:
        self.let.wait(10)
        if self.broken:
            raise Unavailable("the disk is full")
        self.sizes.append(signed.head.size)


async def test_the_newest_head_is_what_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    told: list[str | None] = []

    async def tell(name: str, error: HeadraceError | None) -> None:
        told.append(error.message if error else None)

    log, slow = Grower(tmp_path / "log", new_keys(tmp_path / "keys")), Slow()
    keeping = Keeping([slow], tell)
    for _ in range(20):
        keeping.put(PLACE, *log.grow(1))
        await asyncio.sleep(0)
    slow.let.set()
    await until(lambda: bool(slow.sizes) and slow.sizes[-1] == 20)
    assert len(slow.sizes) <= 2

    slow.broken = True
    keeping.put(PLACE, *log.grow(1))
    await until(lambda: bool(told))
    await asyncio.sleep(0.3)
    slow.broken = False
    await until(lambda: slow.sizes[-1] == 21)
    await until(lambda: len(told) == 2)
    assert told == ["the disk is full", None]
    await keeping.stop()

"""A process says that it is ready for as long as it is."""

import asyncio
import os
from pathlib import Path

import pytest

from infra.metrics import Metrics
from infra.settings import Settings
from streams import process
from streams.process import serving
from tests.waiting import until


async def test_the_mark_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "READY_S", 0.01)
    mark, well = tmp_path / "ready" / "worker-text", [False]
    mark.parent.mkdir()
    mark.write_text("of a process that was killed")
    task = asyncio.create_task(serving(Settings(state=tmp_path), "worker-text", Metrics(), ready=lambda: well[-1]))
    for now in (True, False, True):
        well.append(now)
        await until(lambda: mark.exists() and mark.read_text() == str(os.getpid()) if well[-1] else not mark.exists())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not mark.exists()

"""From a manifest entry to an engine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.work import AdapterPin
from tests.workers.engines.test_auto import PIN, Named, said
from tests.workers.engines.test_choice import GGUF, entry, machine
from workers.engines import build
from workers.engines.auto import Auto
from workers.engines.port import Engine


def no_adapter(pin: AdapterPin) -> Path:
    raise FileNotFoundError(pin.name)


async def test_the_second_engine_is_watched_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it breaks, the first goes on, so a watch around both would see nothing."""
    monkeypatch.setattr(build, "_own", lambda own, path, load: Named(own.engine))
    watched: list[str] = []

    def watch(name: str, make: Callable[[], Engine]) -> Engine:
        watched.append(name)
        return make()

    engine = build.automatic(entry(GGUF), tmp_path, no_adapter, machine("openvino", "transformers"), watch)
    assert isinstance(engine, Auto)
    await engine.start()
    try:
        assert (await said(engine), watched) == ("openvino", [])
        assert (await said(engine, PIN), watched) == ("transformers", ["m"])
    finally:
        await engine.stop()

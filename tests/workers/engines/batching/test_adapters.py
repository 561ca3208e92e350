"""Many adapters in one batch: each answer by the one that was asked for, whatever happens to the others."""

import asyncio
import shutil
from pathlib import Path

import pytest

from schemas.errors import ModelNotAvailable
from schemas.work import AdapterPin
from tests.contracts import tiny
from tests.workers.engines.batching.engines import FLOAT32, generated, make_adapter, pin_of, running, say

PROMPT = "The river and the turbines. 请给我讲一个故事"
COUNT = 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def made(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Of ranks 4, 8 and 16."""
    place = tmp_path_factory.mktemp("adapters")
    return [make_adapter(folder, place / str(at), at, rank=(8, 4, 16)[at % 3]) for at in range(COUNT + 1)]


def shelf_of(made: list[Path]) -> dict[str, Path]:
    return {pin_of(at).sha256: place for at, place in enumerate(made)}


async def test_each_row_has_its_own(folder: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FLOAT32, lambda device: False)
    async with running(folder, shelf_of(made), adapters=COUNT) as engine:
        pins = [*map(pin_of, range(COUNT)), None]
        said = await asyncio.gather(*(say(engine, PROMPT, pin) for pin in pins * 2))
    texts = [text for text, _ in said]

    assert texts[: COUNT + 1] == texts[COUNT + 1 :]
    assert len(set(texts)) == COUNT + 1
    assert texts[COUNT : COUNT + 1] == generated(folder, [PROMPT])
    assert texts[:COUNT] == [generated(folder, [PROMPT], made[at])[0] for at in range(COUNT)]


async def test_a_seed_says_the_same_beside_other_adapters(folder: Path, made: list[Path]) -> None:
    async with running(folder, shelf_of(made), adapters=COUNT) as engine:
        alone, _ = await say(engine, PROMPT, pin_of(3), temperature=1.0, seed=4)
        others = [say(engine, PROMPT, pin_of(at % COUNT)) for at in range(31)]
        (among, _), *_ = await asyncio.gather(say(engine, PROMPT, pin_of(3), temperature=1.0, seed=4), *others)

    assert among == alone


async def test_prefixes_of_one_adapter_are_not_those_of_another(folder: Path, made: list[Path]) -> None:
    long = PROMPT * 4
    async with running(folder, shelf_of(made)) as engine:
        first = [await say(engine, long, pin) for pin in (pin_of(0), pin_of(1), None)]
        again = [await say(engine, long, pin) for pin in (pin_of(0), pin_of(1), None)]

    assert [usage.cached_tokens for _, usage in first] == [0, 0, 0]
    assert all(usage.cached_tokens >= 32 for _, usage in again)
    assert [text for text, _ in again] == [text for text, _ in first]


async def test_more_adapters_than_places_take_turns(folder: Path, made: list[Path]) -> None:
    async with running(folder, shelf_of(made), adapters=2) as engine:
        said = await asyncio.gather(*(say(engine, PROMPT, pin_of(at % 6)) for at in range(24)))

    assert [text for text, _ in said[:6]] * 4 == [text for text, _ in said]
    assert len({text for text, _ in said}) == 6


async def test_one_removed_one_replaced_one_corrupt_under_load(folder: Path, made: list[Path], tmp_path: Path) -> None:
    """A checker on every answer: the adapter that was asked for made it, or the error names it."""
    shelf = shelf_of(made)
    removed, corrupt = pin_of(1), pin_of(2)
    replaced, replacement = pin_of(0), pin_of(COUNT).model_copy(update={"name": "a0", "version": "2"})
    broken = shutil.copytree(made[2], tmp_path / "corrupt")
    weights = broken / "adapter_model.safetensors"
    async with running(folder, shelf, adapters=4, slots=8) as engine:
        right = {pin.sha256: (await say(engine, PROMPT, pin))[0] for pin in (*map(pin_of, range(COUNT)), replacement)}
        weights.write_bytes(weights.read_bytes()[:-9])
        del shelf[removed.sha256]
        shelf[corrupt.sha256] = broken

        async def ask(pin: AdapterPin) -> tuple[AdapterPin, str]:
            try:
                return pin, (await say(engine, PROMPT, pin))[0]
            except ModelNotAvailable as error:
                return pin, f"refused: {error.message}"

        pins = [replacement if at % 6 == 5 else pin_of(at % COUNT) for at in range(96)]
        said = await asyncio.gather(*map(ask, pins))

    for pin, text in said:
        if pin in (removed, corrupt):
            assert text.startswith(f"refused: the adapter {pin.name}@{pin.version} cannot be loaded")
        else:
            assert text == right[pin.sha256]
    assert right[replaced.sha256] != right[replacement.sha256]

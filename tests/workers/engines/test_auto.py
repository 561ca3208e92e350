"""Two engines as one: who answers what, and when the second is loaded."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from schemas.errors import ModelNotAvailable
from schemas.requests import Sampling
from schemas.work import AdapterPin
from workers.engines.answer import unknown_setting
from workers.engines.auto import Auto
from workers.engines.port import Generation, Piece

PIN = AdapterPin(name="a", version="1", uri="objects/aa", sha256="a" * 64)


class Named:
    """Says its name; knows temperatures only, and adapters when it is to."""

    def __init__(self, name: str, *, deterministic: bool = False, fails: int = 0) -> None:
        self.name, self.deterministic, self.slots, self._fails = name, deterministic, 3, fails
        self.running = False

    async def start(self) -> None:
        if self._fails:
            self._fails -= 1
            raise RuntimeError("broken files")
        self.running = True

    async def stop(self) -> None:
        self.running = False

    def unsupported(self, generation: Generation) -> str | None:
        known = frozenset({"max_tokens", "temperature", "seed"})
        return "adapter" if generation.adapter else unknown_setting(generation.sampling, known)

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        assert self.running
        yield Piece(self.name, "stop")


async def said(engine: Auto, adapter: AdapterPin | None = None, **sampling: Any) -> str:
    asked = Generation(prompt="x", sampling=Sampling.model_validate(sampling), adapter=adapter)
    return "".join([piece.text async for piece in engine.generate(asked)])


@pytest.mark.parametrize(
    ("adapter", "sampling", "who"),
    [
        (None, {}, "first"),
        (None, {"temperature": 0.7, "max_tokens": 9}, "first"),
        (PIN, {}, "second"),  # a fine-tuned version
        (None, {"logit_bias": {5: 1.0}}, "second"),  # a setting that the first lacks
        (None, {"response_format": {"type": "json_object"}}, "second"),
        (None, {"seed": 1}, "second"),  # only the second keeps the promise of a seed
    ],
)
async def test_each_goes_to_who_can(adapter: AdapterPin | None, sampling: dict[str, Any], who: str) -> None:
    second = Named("second", deterministic=True)
    engine = Auto("m", Named("first"), lambda: second)
    await engine.start()

    assert not second.running
    assert await said(engine, adapter, **sampling) == who
    assert second.running == (who == "second")
    await engine.stop()
    assert not second.running


async def test_a_first_that_is_deterministic_keeps_seeds() -> None:
    engine = Auto("m", Named("first", deterministic=True), lambda: Named("second"))
    await engine.start()

    assert await said(engine, seed=1) == "first"
    assert engine.slots == 3


async def test_a_second_that_did_not_start_is_tried_again() -> None:
    second = Named("second", fails=1)
    engine = Auto("m", Named("first"), lambda: second)
    await engine.start()

    with pytest.raises(ModelNotAvailable, match="does not start"):
        await said(engine, PIN)
    assert await said(engine) == "first"
    assert await said(engine, PIN) == "second"
    await engine.stop()

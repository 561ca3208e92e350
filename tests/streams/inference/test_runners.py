import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from infra.metrics import Metrics
from schemas.errors import InvalidField, Overloaded
from schemas.requests import Sampling
from schemas.results import Delta, Final, TokenLogprob, Usage
from streams.inference.runners import Generating
from tests.streams.making import pins, work
from workers.engines.port import Engine, Generation, Piece


class Counting:
    """Says its seed letter by letter; counts how many it does at once."""

    deterministic = True

    def __init__(self, slots: int = 8, fails: int | None = None) -> None:
        self.slots, self._fails = slots, fails
        self.running = self.most = self.begun = 0

    async def start(self) -> None:
        """Nothing to load."""

    async def stop(self) -> None:
        """Nothing to free."""

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        self.begun += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for letter in f"seed {generation.sampling.seed}":
                await asyncio.sleep(0)
                yield Piece(letter, logprobs=(TokenLogprob(letter, -0.5),) if generation.sampling.logprobs else ())
            if generation.sampling.seed == self._fails:
                raise Overloaded("no room")
            yield Piece("", "stop", Usage(prompt_tokens=4, completion_tokens=6, cached_tokens=1), engine="counting")
        finally:
            self.running -= 1


async def run(engine: Engine, *, stream: bool = False, **sampling: Any) -> tuple[list[Delta], Final]:
    asked = work(pins=pins(stream=stream), sampling=Sampling.model_validate({"seed": 7, **sampling}))
    *deltas, last = [outcome async for outcome in Generating(engine, Metrics()).run(asked)]
    assert isinstance(last, Final)
    return [delta for delta in deltas if isinstance(delta, Delta)], last


@pytest.mark.parametrize(("n", "texts"), [(1, ["seed 7"]), (3, ["seed 7", "seed 8", "seed 9"])])
async def test_choices_are_made_side_by_side(n: int, texts: list[str]) -> None:
    engine = Counting()
    _, whole = await run(engine, n=n)
    assert [choice.text for choice in whole.choices] == texts
    assert whole.usage == Usage(prompt_tokens=4, completion_tokens=6 * n, cached_tokens=1)
    assert (engine.most, whole.engine) == (n, "counting")


@pytest.mark.parametrize("slots", [1, 2])
async def test_an_engine_is_given_no_more_than_it_takes(slots: int) -> None:
    engine = Counting(slots)
    _, whole = await run(engine, n=8)
    assert (engine.most, len(whole.choices)) == (slots, 8)


async def test_deltas_count_per_choice() -> None:
    deltas, whole = await run(Counting(), stream=True, n=2, logprobs=True)
    for index, choice in enumerate(whole.choices):
        mine = [delta for delta in deltas if delta.index == index]
        assert [delta.position for delta in mine] == list(range(len(choice.text)))
        assert [delta.told for delta in mine] == list(range(len(choice.text)))
        assert "".join(delta.text for delta in mine) == choice.text
        assert tuple(each for delta in mine for each in delta.logprobs) == choice.logprobs
    assert [delta.index for delta in deltas[:4]] != [0, 0, 0, 0]


async def test_one_choice_that_fails_fails_the_request() -> None:
    engine = Counting(fails=8)
    with pytest.raises(Overloaded):
        await run(engine, n=3)
    assert engine.running == 0


async def test_what_is_left_is_freed() -> None:
    engine = Counting()
    asked = work(pins=pins(stream=True), sampling=Sampling(n=3))
    outcomes = Generating(engine, Metrics()).run(asked)
    await anext(outcomes)
    await outcomes.aclose()
    assert (engine.begun, engine.running) == (3, 0)


async def test_a_refusal_comes_before_any_text() -> None:
    class Refusing(Counting):
        async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
            if generation.sampling.top_k:
                raise InvalidField("no 'top_k' here", param="top_k")
            yield Piece("")

    asked = work(pins=pins(stream=True), sampling=Sampling(n=2, top_k=3))
    with pytest.raises(InvalidField, match="top_k"):
        await anext(Generating(Refusing(), Metrics()).run(asked))

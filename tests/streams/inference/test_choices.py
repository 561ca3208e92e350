import asyncio
import math
from collections.abc import AsyncGenerator

import pytest

from schemas.errors import Overloaded
from schemas.requests import Sampling
from schemas.results import TokenLogprob, Usage
from streams.inference.choices import LEAST, SEEDS, Telling, interleaved, samplings, summed
from workers.engines.port import Piece


async def saying(*words: str, closed: list[str] | None = None, fails: bool = False) -> AsyncGenerator[str, None]:
    try:
        for word in words:
            await asyncio.sleep(0)
            yield word
        if fails:
            raise Overloaded("no room")
    finally:
        if closed is not None:
            closed.append(words[0])


async def test_what_sources_say_comes_mixed_and_each_in_its_order() -> None:
    said = [pair async for pair in interleaved([saying("a", "b"), saying("一", "二", "三")])]
    assert [word for index, word in said if index == 0] == ["a", "b"]
    assert [word for index, word in said if index == 1] == ["一", "二", "三"]
    assert said[1][0] != said[0][0]


async def test_one_that_fails_fails_the_whole_and_closes_the_others() -> None:
    closed: list[str] = []
    with pytest.raises(Overloaded):
        async for _ in interleaved([saying("a", fails=True, closed=closed), saying(*"bcdefgh", closed=closed)]):
            pass
    assert sorted(closed) == ["a", "b"]


async def test_all_are_closed_when_it_is_left() -> None:
    closed: list[str] = []
    mixed = interleaved([saying(*"abcdefgh", closed=closed), saying(*"ijklmnop", closed=closed)])
    await anext(mixed)
    await mixed.aclose()
    assert sorted(closed) == ["a", "i"]


@pytest.mark.parametrize(
    ("seed", "n", "seeds"),
    [
        (None, 3, [None, None, None]),  # chance
        (7, 1, [7]),
        (7, 3, [7, 8, 9]),
        (SEEDS - 1, 2, [SEEDS - 1, 0]),  # within what a seed may be
    ],
)
def test_each_choice_has_its_seed(seed: int | None, n: int, seeds: list[int | None]) -> None:
    made = samplings(Sampling(seed=seed, n=n, temperature=0.5))
    assert [each.seed for each in made] == seeds
    assert {(each.n, each.temperature) for each in made} == {(1, 0.5)}


@pytest.mark.parametrize(
    ("logprob", "travels"),
    [(-0.12345678, -0.123457), (0.0, 0.0), (1e-9, 0.0), (-math.inf, LEAST), (math.nan, LEAST), (-1e9, LEAST)],
)
def test_logprobs_travel_finite(logprob: float, travels: float) -> None:
    told = Telling(1).add(Piece("a", logprobs=(TokenLogprob("a", logprob, (("a", logprob), ("b", -1.0))),)))
    assert told == (TokenLogprob("a", travels, (("a", travels),)),)


def test_a_choice_is_what_its_pieces_say() -> None:
    telling = Telling(0)
    for piece in (Piece("你", logprobs=(TokenLogprob("你", -1.0),)), Piece("好", "length", Usage(completion_tokens=2))):
        telling.add(piece)
    choice = telling.choice
    assert (choice.text, choice.finish_reason, len(choice.logprobs)) == ("你好", "length", 1)


def test_choices_share_their_prompt() -> None:
    used = Usage(prompt_tokens=10, completion_tokens=3, cached_tokens=8)
    assert summed([used, used]) == Usage(prompt_tokens=10, completion_tokens=6, cached_tokens=8)

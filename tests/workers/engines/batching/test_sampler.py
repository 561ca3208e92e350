"""How tokens are chosen: each setting by its formula, and rows that do not touch each other."""

import math
from typing import Any

import pytest
import torch

from schemas.errors import InternalError
from schemas.requests import Sampling
from workers.engines.batching.sampler import Chooser, Chosen, choose, draw, left


def chosen(logits: list[float], chooser: Chooser) -> Chosen:
    outcome = choose(torch.tensor([logits]), [chooser], str)[0]
    assert isinstance(outcome, Chosen)
    return outcome


@pytest.mark.parametrize(
    ("sampling", "prompt", "tokens"),
    [
        ({}, [], [2, 2, 2, 2]),
        ({"frequency_penalty": 1.0}, [], [2, 1, 2, 1]),  # 3-1=2 < 2.5; then 2.5-1 < 2; …
        ({"presence_penalty": 2.0}, [], [2, 1, 2, 2]),  # once each, then no further
        ({"repetition_penalty": 1.5}, [2], [1, 2, 2, 2]),  # the prompt counts: 3/1.5 < 2.5; then both are divided
        ({"logit_bias": {0: 5.0}}, [], [0, 0, 0, 0]),
        ({"logit_bias": {2: -100.0, 99: 100.0}}, [], [1, 1, 1, 1]),  # 99 is no token of this model
    ],
)
def test_what_is_added_to_logits_follows_the_formula(
    sampling: dict[str, Any], prompt: list[int], tokens: list[int]
) -> None:
    chooser = Chooser(Sampling(**sampling), prompt)

    assert [chosen([0.0, 2.5, 3.0], chooser).token for _ in range(4)] == tokens


@pytest.mark.parametrize(
    ("sampling", "count"),
    [
        ({"top_p": 0.5}, 1),
        ({"top_p": 0.7}, 2),
        ({"top_p": 1e-9}, 1),
        ({"top_k": 3}, 3),
        ({"top_k": 2, "top_p": 0.6}, 1),  # of the two likeliest, the first has 0.5 / 0.75
        ({"min_p": 0.4}, 2),  # not below 0.4 × 0.5
        ({"min_p": 0.6}, 1),
    ],
)
def test_so_many_of_the_likeliest_are_left(sampling: dict[str, Any], count: int) -> None:
    assert left(torch.tensor([0.5, 0.25, 0.15, 0.1]), Sampling(**sampling)) == count


def test_a_wide_nucleus_is_looked_for_among_all_tokens() -> None:
    chances = torch.full((5000,), 1 / 5000)

    drawn = {draw(chances, Sampling(top_p=0.99), at / 500) for at in range(500)}

    assert len(drawn) > 400


def test_chance_follows_the_chances() -> None:
    chooser = Chooser(Sampling(temperature=1.0, seed=1))
    logits = [math.log(share) for share in (0.1, 0.6, 0.3)]
    tokens = [chosen(logits, chooser).token for _ in range(2000)]

    assert [tokens.count(token) / 2000 for token in range(3)] == pytest.approx([0.1, 0.6, 0.3], abs=0.04)


def test_a_row_gets_the_same_alone_and_among_others() -> None:
    torch.manual_seed(1)
    logits = torch.randn(8, 3000) * 4
    options: list[dict[str, Any]] = [
        {},
        {"top_p": 0.9},
        {"top_k": 5},
        {"min_p": 0.1},
        {"presence_penalty": 1.0},
        {"top_k": 900},
    ]

    def made(options: dict[str, Any], seed: int) -> Chooser:
        return Chooser(Sampling(temperature=1.0, seed=seed, **options))

    for option in options:
        alone = [choose(logits[at : at + 1], [made(option, at)], str)[0] for at in range(8)]
        others = [made(option if at % 2 else options[at % 6], at) for at in range(8)]
        assert choose(logits, others, str)[1::2] == alone[1::2]


def test_logprobs_are_the_models_own() -> None:
    logits = [math.log(share) for share in (0.1, 0.6, 0.3)]

    told = chosen(logits, Chooser(Sampling(logprobs=True, top_logprobs=2, logit_bias={0: 50.0}))).logprobs

    assert told
    assert told.token == "0"
    assert told.logprob == pytest.approx(math.log(0.1), abs=1e-5)
    assert [token for token, _ in told.top] == ["1", "2"]
    assert math.exp(told.top[0][1]) == pytest.approx(0.6, abs=1e-5)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_row_without_numbers_ends_alone(bad: float) -> None:
    logits = torch.tensor([[0.0, 1.0], [0.0, bad], [1.0, 0.0]])
    choosers = [Chooser(Sampling(temperature=temperature)) for temperature in (0.0, 1.0, 0.0)]

    first, second, third = choose(logits, choosers, str)

    assert isinstance(second, InternalError)
    assert [each.token for each in (first, third) if isinstance(each, Chosen)] == [1, 0]

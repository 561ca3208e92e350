r"""Choosing tokens, for all sequences of a step at once.

In this order: repetition penalty over prompt and answer (Keskar et al., 2019, "CTRL": a logit is divided by it where
positive, else multiplied), then over the tokens of the answer, :math:`c_j` times token j, as in the OpenAI API

.. math:: \mu_j \leftarrow \mu_j - c_j \alpha_{frequency} - [c_j > 0] \alpha_{presence}

then the bias by token, the grammar, temperature, ``top_k``, the nucleus of Holtzman et al., 2020 ("The Curious Case of
Neural Text Degeneration") and ``min_p`` (Nguyen et al., 2024, arXiv:2407.01082). Logprobs are the model's own, before
all of this. What a row gets does not depend on the other rows.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from schemas.errors import HeadraceError, InternalError
from schemas.requests import Sampling
from schemas.results import TokenLogprob
from workers.engines.grammar import Matcher

STAGES = (64, 1024)
"""So many of the likeliest tokens are looked at first, and then, where they do not suffice, so many, and then all."""

Name = Callable[[int], str]
"""The text of a token."""


@dataclass(frozen=True)
class Chosen:
    token: int
    logprobs: TokenLogprob | None = None


class Chooser:
    """How one sequence's tokens are chosen. The same seed and logits give the same tokens, on any device: the choice is
    made on the CPU, in float32."""

    def __init__(self, sampling: Sampling, prompt: Sequence[int] = (), matcher: Matcher | None = None) -> None:
        self.sampling, self._matcher = sampling, matcher
        self._chance = random.Random(sampling.seed)  # noqa: S311 - the seed is meant to repeat the choice
        self._counts: dict[int, int] = {}
        self._seen = {id for id in prompt if id >= 0} if sampling.repetition_penalty != 1 else set()
        self._bias = (
            torch.tensor(list(sampling.logit_bias), dtype=torch.long),
            torch.tensor(list(sampling.logit_bias.values())),
        )

    @property
    def complete(self) -> bool:
        """Whether nothing may follow."""
        return self._matcher is not None and self._matcher.complete

    @property
    def adjusts(self) -> bool:
        asked = self.sampling
        penalties = asked.frequency_penalty or asked.presence_penalty or asked.repetition_penalty != 1
        return bool(penalties or asked.logit_bias or self._matcher)

    def adjust(self, logits: Tensor) -> None:
        """Change ``logits`` [vocabulary] in place. Raises what the grammar raises."""
        self._penalise(logits)
        ids, bias = self._bias
        known = ids < len(logits)
        logits[ids[known]] += bias[known]
        if self._matcher:
            logits.masked_fill_(self._matcher.forbidden()[: len(logits)], -torch.inf)

    def _penalise(self, logits: Tensor) -> None:
        asked = self.sampling
        if asked.repetition_penalty != 1:
            seen = torch.tensor(sorted(self._seen.union(self._counts)), dtype=torch.long)
            values = logits[seen]
            penalty = asked.repetition_penalty
            logits[seen] = torch.where(values > 0, values / penalty, values * penalty)
        if self._counts and (asked.frequency_penalty or asked.presence_penalty):
            counts = torch.tensor(list(self._counts.values()), dtype=torch.float32)
            logits[torch.tensor(list(self._counts))] -= asked.frequency_penalty * counts + asked.presence_penalty

    def draw(self) -> float:
        """A number in [0, 1)."""
        return self._chance.random()

    def accept(self, token: int) -> None:
        self._counts[token] = self._counts.get(token, 0) + 1
        if self._matcher:
            self._matcher.accept(token)


def choose(logits: Tensor, choosers: Sequence[Chooser], name: Name) -> list[Chosen | HeadraceError]:
    """The next token of each row of ``logits`` [rows, vocabulary], or why there is none."""
    logits = logits.float().cpu()
    best, tokens = logits.max(-1)
    outcome: list[Chosen | HeadraceError] = []
    drawn = _chances(logits, best, choosers)
    for row, chooser in enumerate(choosers):
        try:
            outcome.append(_choose(logits[row], float(best[row]), int(tokens[row]), drawn.get(row), chooser, name))
        except HeadraceError as error:
            outcome.append(error)
    return outcome


def _choose(logits: Tensor, best: float, token: int, drawn: int | None, chooser: Chooser, name: Name) -> Chosen:
    if not math.isfinite(best):
        raise InternalError("the model computed no number for the next token; shorten the prompt or try again")
    raw = logits.clone() if chooser.adjusts and chooser.sampling.logprobs else logits
    if chooser.adjusts:
        chooser.adjust(logits)
        token = _draw(logits[None], [chooser])[0] if chooser.sampling.temperature else int(logits.argmax())
    elif drawn is not None:
        token = drawn
    chooser.accept(token)
    return Chosen(token, told(raw, token, chooser.sampling.top_logprobs, name) if chooser.sampling.logprobs else None)


def _chances(logits: Tensor, best: Tensor, choosers: Sequence[Chooser]) -> dict[int, int]:
    """Tokens of the rows that leave them to chance and change nothing else, drawn together."""
    rows = [
        row
        for row, chooser in enumerate(choosers)
        if chooser.sampling.temperature and not chooser.adjusts and bool(best[row].isfinite())
    ]
    return dict(zip(rows, _draw(logits[rows], [choosers[row] for row in rows]), strict=True)) if rows else {}


def _draw(logits: Tensor, choosers: Sequence[Chooser]) -> list[int]:
    temperatures = torch.tensor([chooser.sampling.temperature for chooser in choosers])
    chances = torch.softmax(logits / temperatures[:, None], dim=-1)
    return [draw(row, chooser.sampling, chooser.draw()) for row, chooser in zip(chances, choosers, strict=True)]


def draw(chances: Tensor, sampling: Sampling, at: float) -> int:
    """The token of ``chances`` [vocabulary] at the share ``at`` of those that ``sampling`` leaves."""
    if sampling.top_p >= 1 and not sampling.top_k and not sampling.min_p:
        return _pick(chances, at)
    for size in (*STAGES, len(chances)):
        if size < min(sampling.top_k, len(chances)):
            continue
        values, ids = chances.topk(min(size, len(chances)))
        kept = left(values, sampling)
        if kept < len(values) or size >= len(chances):
            break
    return int(ids[_pick(values[:kept], at)])


def left(values: Tensor, sampling: Sampling) -> int:
    """How many of ``values``, the likeliest first, may be chosen; all of them when more might."""
    if sampling.top_k:
        values = values[: sampling.top_k]
    count = len(values)
    if sampling.top_p < 1:
        whole = float(values.sum()) if sampling.top_k else 1.0
        count = min(count, int((values.cumsum(-1) - values < sampling.top_p * whole).sum()))
    if sampling.min_p:
        count = min(count, int((values >= sampling.min_p * values[0]).sum()))
    return max(count, 1)


def _pick(chances: Tensor, at: float) -> int:
    sums = chances.cumsum(-1)
    found = int(torch.searchsorted(sums, sums[-1:] * at, right=True))
    return min(found, int(torch.searchsorted(sums, sums[-1:])))


def told(logits: Tensor, token: int, alternatives: int, name: Name) -> TokenLogprob:
    """The logprob of ``token`` and of the likeliest ``alternatives`` by ``logits`` [vocabulary]."""
    logprobs = torch.log_softmax(logits, dim=-1)
    values, ids = logprobs.topk(alternatives)
    top = tuple((name(id), value) for id, value in zip(ids.tolist(), values.tolist(), strict=True))
    return TokenLogprob(name(token), float(logprobs[token]), top)

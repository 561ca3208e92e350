r"""Decoding: one token after another out of a causal language model with a key-value cache.

Penalties as in the OpenAI API, over the tokens of the answer so far, :math:`c_j` times token j:

.. math:: \mu_j \leftarrow \mu_j - c_j \alpha_{frequency} - [c_j > 0] \alpha_{presence}

then temperature, then the nucleus of Holtzman et al., 2020, "The Curious Case of Neural Text Degeneration".
"""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from schemas.requests import Sampling
from workers.engines.grammar import JsonMatcher

PREFILL = 512
"""Prompt tokens in one step; a generation can be left after each."""


class Sampler:
    """Chooses tokens. The same seed and logits give the same tokens, on any device: the choice is made on the CPU."""

    def __init__(self, sampling: Sampling, matcher: JsonMatcher | None = None) -> None:
        self._sampling, self._matcher = sampling, matcher
        self._chance = torch.Generator()
        if sampling.seed is None:
            self._chance.seed()
        else:
            self._chance.manual_seed(sampling.seed)
        self._counts = torch.zeros(0)

    def __call__(self, logits: Tensor) -> int:
        """The next token by its ``logits`` [vocabulary]."""
        logits = logits.float().cpu()
        if not len(self._counts):
            self._counts = torch.zeros_like(logits)
        logits = self._penalised(logits)
        if self._matcher:
            logits = logits.masked_fill(self._matcher.forbidden()[: len(logits)], -torch.inf)
        token = self._choose(logits)
        self._counts[token] += 1
        if self._matcher:
            self._matcher.accept(token)
        return token

    @property
    def complete(self) -> bool:
        """Whether nothing may follow."""
        return self._matcher is not None and self._matcher.complete

    def _penalised(self, logits: Tensor) -> Tensor:
        frequency, presence = self._sampling.frequency_penalty, self._sampling.presence_penalty
        if not frequency and not presence:
            return logits
        return logits - frequency * self._counts - presence * (self._counts > 0)

    def _choose(self, logits: Tensor) -> int:
        if not self._sampling.temperature:
            return int(logits.argmax())
        chances = torch.softmax(logits / self._sampling.temperature, dim=-1)
        if self._sampling.top_p < 1:
            chances = nucleus(chances, self._sampling.top_p)
        return int(torch.multinomial(chances, 1, generator=self._chance))


def nucleus(chances: Tensor, top_p: float) -> Tensor:
    """``chances`` [vocabulary] with all set to zero but the fewest that together reach ``top_p``."""
    ordered, order = chances.sort(descending=True)
    ordered[ordered.cumsum(-1) - ordered >= top_p] = 0
    return torch.zeros_like(chances).scatter(-1, order, ordered)


def decode(model: Any, prompt: Sequence[int], choose: Sampler) -> Iterator[int | None]:
    """The tokens that follow ``prompt``, without end; ``None`` after each part of the prompt but the last."""
    cache, chunk = None, list(prompt[:PREFILL])
    for start in range(PREFILL, len(prompt), PREFILL):
        _, cache = forward(model, chunk, cache)
        yield None
        chunk = list(prompt[start : start + PREFILL])
    while True:
        logits, cache = forward(model, chunk, cache)
        token = choose(logits)
        yield token
        chunk = [token]


@torch.inference_mode()
def forward(model: Any, ids: Sequence[int], cache: Any) -> tuple[Tensor, Any]:
    """The logits [vocabulary] after ``ids``, and the cache that holds them."""
    given = torch.tensor([ids], device=model.device)
    out = model(input_ids=given, past_key_values=cache, use_cache=True, logits_to_keep=1)
    return out.logits[0, -1], out.past_key_values

"""How well texts answer a query, by a cross-encoder, which reads both at once (Nogueira and Cho, arXiv:1901.04085)."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.errors import ModelNotAvailable
from schemas.results import Usage
from workers.models.manifest import RerankerEntry
from workers.retrieval.model import TextModel
from workers.retrieval.tokens import Tokeniser, Tokens


class CrossEncoder:
    """A ``Reranker``. The end of a text that does not fit beside the query is not read."""

    def __init__(self, entry: RerankerEntry, path: Path, state: Path) -> None:
        self._model: TextModel[tuple[str, str]] = TextModel(entry, path, state, _pairs, long="cut", check=_check)
        self.start, self.stop = self._model.start, self._model.stop

    async def rerank(self, query: str, texts: Sequence[str]) -> tuple[list[float], Usage]:
        """See ``Reranker``; raises what ``TextModel.run`` does."""
        logits, usage = await self._model.run([(query, text) for text in texts])
        return [sigmoid(logit) for (logit,) in logits], usage


def sigmoid(logit: float) -> float:
    """1 / (1 + exp(-logit)), without overflow."""
    return 0.5 * (1 + math.tanh(logit / 2))


def _pairs(tokeniser: Tokeniser, pairs: Sequence[tuple[str, str]]) -> list[Tokens]:
    return tokeniser.pairs(pairs[0][0], [text for _, text in pairs])


def _check(config: Any) -> None:
    if config.num_labels != 1:
        raise ModelNotAvailable(
            f"it gives {config.num_labels} scores a pair and a reranker gives 1: is it a classifier?"
        )

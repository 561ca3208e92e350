"""Which labels fit a text, by a model for sequence classification."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.results import Usage
from workers.models.manifest import ClassifierEntry
from workers.retrieval.model import TextModel
from workers.retrieval.reranking import sigmoid
from workers.retrieval.tokens import Tokeniser

MULTI_LABEL = "multi_label_classification"


class SequenceClassifier:
    """A ``Classifier``. The model's own configuration says its labels, and whether several may fit one text
    (``problem_type`` ``multi_label_classification``). A text longer than the model reads is refused: a verdict on
    its beginning would pass for one on all of it."""

    def __init__(self, entry: ClassifierEntry, path: Path, state: Path) -> None:
        self._model: TextModel[str] = TextModel(entry, path, state, Tokeniser.texts, long="refuse")
        self.start, self.stop = self._model.start, self._model.stop

    async def classify(self, texts: Sequence[str]) -> tuple[list[dict[str, float]], Usage]:
        """See ``Classifier``; raises what ``TextModel.run`` does."""
        logits, usage = await self._model.run(texts)
        return [scored(self._model.config, row) for row in logits], usage


def names_of(config: Any) -> list[str]:
    """A model's labels, in the order of its logits."""
    return [str(config.id2label[number]) for number in range(config.num_labels)]


def scored(config: Any, logits: Sequence[float]) -> dict[str, float]:
    """The probability of each label, by what the model's configuration says of them."""
    each_alone = config.problem_type == MULTI_LABEL or config.num_labels == 1
    return dict(zip(names_of(config), map(sigmoid, logits) if each_alone else softmax(logits), strict=True))


def softmax(logits: Sequence[float]) -> list[float]:
    """exp(logit) over the sum of all, which is 1 together."""
    most = max(logits)
    weights = [math.exp(logit - most) for logit in logits]
    total = sum(weights)
    return [weight / total for weight in weights]

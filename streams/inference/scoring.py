"""Texts to scores: how well each answers a query, and which labels fit one."""

from collections.abc import AsyncGenerator

from schemas.errors import InvalidField
from schemas.results import Final
from schemas.work import Work
from streams.inference.runners import final
from workers.engines.port import Classifier, Reranker

AT_ONCE = 64
"""The model batches what runs together, and bounds what waits itself."""


class Reranking:
    """``rerank``: a score for each text of ``input``, under its number, as an answer to ``prompt``."""

    slots = AT_ONCE

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker

    async def run(self, work: Work) -> AsyncGenerator[Final, None]:
        scores, usage = await self._reranker.rerank(work.prompt or "", work.input)
        yield final(work, scores={str(number): score for number, score in enumerate(scores)}, usage=usage)


class Classifying:
    """``classify`` of the text in ``input``: a score for each of the model's labels; the best is the answer."""

    slots = AT_ONCE

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    async def run(self, work: Work) -> AsyncGenerator[Final, None]:
        if len(work.input) != 1:
            raise InvalidField(f"{work.model.name} classifies texts: send one in 'input'", param="input")
        [scores], usage = await self._classifier.classify(work.input)
        yield final(work, text=max(scores, key=scores.__getitem__), scores=scores, usage=usage)

"""Sentence embeddings by an encoder (Reimers and Gurevych, 2019, "Sentence-BERT")."""

from collections.abc import Sequence
from pathlib import Path

from schemas.results import Usage
from workers.models.manifest import EmbeddingEntry
from workers.retrieval.model import TextModel
from workers.retrieval.tokens import Tokeniser


class EncoderEmbedder:
    """An ``Embedder``. A text longer than the entry's ``context`` is cut there: its vector is that of its beginning,
    and only the tokens read are counted. ``state`` is where an exported model is kept."""

    def __init__(self, entry: EmbeddingEntry, path: Path, state: Path) -> None:
        self._model: TextModel[str] = TextModel(entry, path, state, Tokeniser.texts, long="cut")
        self.start, self.stop = self._model.start, self._model.stop

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], Usage]:
        """See ``Embedder``; raises what ``TextModel.run`` does."""
        return await self._model.run(texts)

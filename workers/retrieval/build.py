"""From a manifest entry to what embeds, reranks or classifies; the libraries for it are imported when it starts."""

from pathlib import Path

from schemas.errors import ModelNotAvailable
from workers.engines.port import Classifier, Embedder, Reranker
from workers.models.manifest import ClassifierEntry, EmbeddingEntry, HashEmbeddingEntry, ModelEntry, RerankerEntry
from workers.retrieval.classification import SequenceClassifier
from workers.retrieval.embedding import EncoderEmbedder
from workers.retrieval.hashing import HashEmbedder
from workers.retrieval.reranking import CrossEncoder


def build_embedder(entry: ModelEntry, path: Path | None, state: Path) -> Embedder:
    """The embedder of a model, not started. ``path`` is what ``workers.models.store.fetch`` gave, if it has files;
    exported models are kept under ``state``.

    Raises ``ModelNotAvailable`` when the model makes no embeddings.
    """
    match entry:
        case HashEmbeddingEntry():
            return HashEmbedder(entry)
        case EmbeddingEntry() if path:
            return EncoderEmbedder(entry, path, state)
    raise _other(entry, "makes no embeddings")


def build_reranker(entry: ModelEntry, path: Path | None, state: Path) -> Reranker:
    """The reranker of a model, as ``build_embedder``."""
    if isinstance(entry, RerankerEntry) and path:
        return CrossEncoder(entry, path, state)
    raise _other(entry, "does not rerank texts")


def build_classifier(entry: ModelEntry, path: Path | None, state: Path) -> Classifier:
    """The classifier of a model, as ``build_embedder``."""
    if isinstance(entry, ClassifierEntry) and path:
        return SequenceClassifier(entry, path, state)
    raise _other(entry, "does not classify texts")


def _other(entry: ModelEntry, lack: str) -> ModelNotAvailable:
    return ModelNotAvailable(f"{entry.name} runs on the engine {entry.engine!r}, which {lack}", param="model")

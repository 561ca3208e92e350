"""A learned detector that is a model for sequence classification: any ``classifier`` of the manifest, run in this
process by ONNX Runtime."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from infra.settings import Settings
from schemas.errors import HeadraceError, InvalidField
from streams.screening.detector import Hit
from streams.screening.normal import normalise
from workers.models.manifest import ClassifierEntry, Manifest

if TYPE_CHECKING:
    from workers.retrieval.model import Loaded

LEAST = 0.5


class ModelClassifier:
    """A ``Classifier``. ``labels`` says which of the model's labels is which entity; the others say nothing. A segment
    that is longer than the model reads makes it fail: a verdict on its beginning would pass for one on all of it."""

    def __init__(self, entry: ClassifierEntry, loaded: "Loaded", labels: Mapping[str, str]) -> None:
        self.name, self.entities = entry.name, frozenset(labels.values())
        self.version = hashlib.sha256("".join(sorted(entry.sha256.values())).encode()).hexdigest()[:12]
        self._loaded, self._labels = loaded, labels

    @classmethod
    def load(cls, name: str, labels: Mapping[str, str], settings: Settings) -> Self:
        """The model is fetched, and exported when that was not done before.

        Raises:
            ModelNotFound, ModelNotAvailable: there is none, or it cannot run here.
            InvalidField: it is no classifier for ONNX Runtime, or has no such labels.
        """
        from workers.models.store import fetch
        from workers.retrieval.classification import names_of
        from workers.retrieval.model import load

        entry = Manifest.load(settings.models_file).entry(name)
        if not isinstance(entry, ClassifierEntry) or entry.options.runtime != "onnx":
            raise InvalidField(f"screening.models: {name} needs 'engine: classifier' and 'runtime: onnx'")
        loaded = load(entry, fetch(entry, settings.state), settings.state, "refuse", lambda _config: None)
        known = names_of(loaded.tokeniser.config)
        if strange := sorted(labels.keys() - set(known)):
            raise InvalidField(f"screening.models: {name} has no labels {', '.join(strange)}, but {', '.join(known)}")
        return cls(entry, loaded, labels)

    def find(self, segments: Sequence[tuple[int, str]]) -> list[Hit]:
        """Raises what the model does on a text: then the policy says what becomes of it."""
        from workers.retrieval.classification import scored

        tokeniser, hits = self._loaded.tokeniser, list[Hit]()
        rows = self._loaded(tokeniser.texts([normalise(text).text for _, text in segments]))
        for (start, text), row in zip(segments, rows, strict=True):
            if isinstance(row, HeadraceError):
                raise row
            for label, score in scored(tokeniser.config, row.values).items():
                if label in self._labels and score >= LEAST:
                    hits.append(Hit(start, start + len(text), self._labels[label], score, self.name))
        return hits

"""A learned detector of our own: a linear model out of a signed artefact."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from streams.screening.detector import Hit
from streams.screening.learned.segments import segments
from streams.screening.normal import normalise

if TYPE_CHECKING:
    from workers.screening.artefact import Card
    from workers.screening.linear import Linear


class LinearClassifier:
    """A ``Classifier``. Its version is the first 12 digits of its artefact's digest. A score of 0.5 is where the
    artefact's stated rate of false alarms is kept."""

    def __init__(self, card: "Card", model: "Linear", digest: str) -> None:
        self.name, self.version = card.name, digest[:12]
        self.entities = frozenset(label for head in card.heads for label in head.labels)
        self._model = model

    @classmethod
    def load(cls, path: Path, trusted: Collection[str]) -> Self:
        """Raises ``BadArtefact``, as ``workers.screening.artefact.load``."""
        from workers.screening.artefact import load

        return cls(*load(path, trusted))

    def find(self, segments: Sequence[tuple[int, str]]) -> list[Hit]:
        judged = self._model.find([normalise(segment).text for _, segment in segments])
        return [
            Hit(start, start + len(segment), each.label, each.score, self.name)
            for (start, segment), found in zip(segments, judged, strict=True)
            for each in found
        ]


def parts(text: str) -> list[str]:
    """A text as it is learned from and judged: its segments in normal form; one at least."""
    return [normalise(segment).text for _, segment in segments(text)] or [""]

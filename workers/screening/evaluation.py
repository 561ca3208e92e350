"""What a model finds in sources that it was not trained on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.screening.calibration import Floats, interval
from workers.screening.examples import Example
from workers.screening.features import Features
from workers.screening.fitting import Rows
from workers.screening.linear import doubt

Mask = NDArray[np.bool_]
Strings = NDArray[np.str_]
Progress = Callable[[int, int, str], None]
Fitter = Callable[[Rows, Floats, int], tuple[Floats, Floats]]
"""Rows, targets and a seed to weights and biases."""


@dataclass(frozen=True)
class Figure:
    """Of the texts of one category, source and language how many were found, and how many ordinary ones alarmed."""

    category: str
    source: str
    language: str
    texts: int
    found: int
    ordinary: int
    alarms: int

    @property
    def recall(self) -> tuple[float, float]:
        return interval(self.found, self.texts)

    @property
    def f1(self) -> float:
        return 2 * self.found / max(1, self.found + self.alarms + self.texts)

    def dump(self) -> dict[str, str | int]:
        return asdict(self)


@dataclass(frozen=True)
class Cut:
    """Texts as they are judged: of text i the ``lengths[i]`` segments that are the next ``rows``."""

    rows: Rows
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], features: Features) -> "Cut":
        lengths = np.array([len(segments) for segments in texts], np.int64)
        return cls(Rows.of([features.of(segment) for segments in texts for segment in segments]), lengths)

    @property
    def doubts(self) -> Floats:
        """What each segment has to be above the threshold for being short."""
        return doubt(np.diff(self.rows.ends))

    def best(self, scores: Floats) -> Floats:
        """The best score of any segment of each text."""
        most: Floats = np.maximum.reduceat(scores, np.cumsum(self.lengths) - self.lengths, axis=0)
        return most


def left_out(rows: Rows, cut: Cut, targets: Floats, origins: Strings, fitter: Fitter, progress: Progress) -> Floats:
    """The score of each segment by a model that knows nothing of its source."""
    sources, owners = sorted(set(origins.tolist())), np.repeat(origins, cut.lengths)
    scores = np.zeros((len(owners), targets.shape[1]), np.float32)
    for number, source in enumerate(sources):
        progress(number, len(sources) + 1, f"without {source}")
        outside, inside = np.flatnonzero(origins != source), np.flatnonzero(owners == source)
        weights, bias = fitter(rows.take(outside), targets[outside], number)
        scores[inside] = cut.rows.take(inside).scores(weights, bias)
    progress(len(sources), len(sources) + 1, "all sources")
    return scores


def figures(examples: Sequence[Example], wanted: dict[str, Mask], found: dict[str, Mask]) -> Iterator[Figure]:
    """By category the totals of each language, then of each source and language. Ordinary is what no label has."""
    ordinary = np.array([not example.labels for example in examples])
    languages = np.array([example.language for example in examples])
    origins = np.array([example.source for example in examples])
    for category, right in wanted.items():
        alarms = found[category] & ordinary
        for language in sorted(set(languages)):
            for source in ("", *sorted(set(origins))):
                here = (languages == language) & ((origins == source) | (source == ""))
                if not here.any():
                    continue
                hits = found[category] & right & here
                counts = (right & here, hits, ordinary & here, alarms & here)
                yield Figure(category, source or "all", language, *(int(each.sum()) for each in counts))


def figures_of(report: Mapping[str, Any], which: str = "left_out") -> list[Figure]:
    """The figures that a report has of findings from a score of 0.5 on, with those that are ``doubted``, or of those
    ``with_rules``."""
    return [Figure(**each) for each in report.get(which, ())]

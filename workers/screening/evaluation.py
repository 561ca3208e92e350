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
    """Texts as they are judged: the segments of text i are ``rows`` from ``starts[i]`` on."""

    rows: Rows
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], features: Features) -> "Cut":
        starts = np.cumsum([0, *(len(segments) for segments in texts)])[:-1]
        return cls(Rows.of([features.of(segment) for segments in texts for segment in segments]), starts)

    def scores(self, weights: Floats, bias: Floats, chosen: NDArray[np.bool_]) -> Floats:
        """The best score of any segment of each chosen text."""
        most: Floats = np.maximum.reduceat(self.rows.scores(weights, bias), self.starts, axis=0)[chosen]
        return most


def left_out(rows: Rows, cut: Cut, targets: Floats, origins: Strings, fitter: Fitter, progress: Progress) -> Floats:
    """The score of each text by a model that knows nothing of its source."""
    sources, scores = sorted(set(origins.tolist())), np.zeros_like(targets)
    for number, source in enumerate(sources):
        progress(number, len(sources) + 1, f"without {source}")
        outside = np.flatnonzero(origins != source)
        weights, bias = fitter(rows.take(outside), targets[outside], number)
        scores[origins == source] = cut.scores(weights, bias, origins == source)
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
    """The figures that a report has of findings from a score of 0.5 on, or with those that are ``doubted``."""
    return [Figure(**each) for each in report.get(which, ())]

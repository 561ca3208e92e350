"""A linear model over the buckets of texts: all heads of many texts by one gather and one sum."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.screening.features import Features, script

Floats = NDArray[np.float32]
LARGEST = 127
LEAST = 0.25
"""Findings are told from this score on; those below 0.5 are doubtful."""
DOUBTFUL = math.log(LEAST / (1 - LEAST))
SHORT = 64
"""Buckets of a text below which it says too little to be judged as others are: about twenty letters."""


class Head(NamedTuple):
    """A category that is found or not, in the first of its columns, and the labels that name a finding, in a column
    each; a sole label needs none."""

    category: str
    labels: tuple[str, ...]

    @property
    def columns(self) -> int:
        return 1 + len(self.labels) if len(self.labels) > 1 else 1


class Found(NamedTuple):
    label: str
    score: float


@dataclass(frozen=True)
class Linear:
    """``weights`` (buckets, columns) are whole numbers, worth ``scales`` each; ``bias`` (scripts, columns) differs by
    script, so that no language has more false alarms than another."""

    features: Features
    heads: tuple[Head, ...]
    weights: NDArray[np.int8]
    scales: Floats
    bias: Floats

    @classmethod
    def of(cls, features: Features, heads: tuple[Head, ...], weights: Floats, bias: Floats) -> "Linear":
        """The model with weights as bytes; of those that are larger than nearly all, the rest is lost."""
        most = np.maximum(np.abs(weights).max(axis=0), 1e-12).astype(np.float32)
        scales = most / np.float32(LARGEST)
        return cls(features, heads, np.rint(weights / scales).astype(np.int8), scales, bias.astype(np.float32))

    def logits(self, texts: Sequence[str]) -> Floats:
        """For each text every column; 0 is a probability of a half."""
        most = self.features.most
        parts = [self._logits(texts[start : start + most]) for start in range(0, len(texts), most)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.scales)), np.float32)

    def _logits(self, texts: Sequence[str]) -> Floats:
        buckets, bounds = self.features.together(texts)
        counts = bounds[1:] - bounds[:-1]
        logits: Floats = summed(self.weights.take(buckets, axis=0), bounds[:-1], counts) * self.scales
        logits /= np.sqrt(np.maximum(counts, 1), dtype=np.float32)[:, None]
        logits += self.bias.take([script(text) for text in texts], axis=0)
        logits -= doubt(counts)[:, None]
        return logits

    def find(self, texts: Sequence[str]) -> list[list[Found]]:
        """What each text is, as far as its score says."""
        logits = self.logits(texts)
        most = map(max, logits.take(self._firsts, axis=1).tolist())
        return [list(self._found(logits[row])) if each >= DOUBTFUL else [] for row, each in enumerate(most)]

    @cached_property
    def _firsts(self) -> NDArray[np.intp]:
        """The first column of each head."""
        return np.array([0, *accumulate(head.columns for head in self.heads)][:-1])

    def _found(self, logits: Floats) -> Iterator[Found]:
        for head, column in zip(self.heads, self._firsts, strict=True):
            if logits[column] >= DOUBTFUL:
                names = logits[column + 1 : column + head.columns]
                label = head.labels[int(names.argmax())] if len(names) else head.labels[0]
                yield Found(label, 1 / (1 + math.exp(-min(float(logits[column]), 30.0))))


def summed(rows: NDArray[np.int8], starts: NDArray[np.intp], counts: NDArray[np.intp]) -> Floats:
    """The sum of each text's rows, which begin at its start; of no row it is 0."""
    if counts.all():
        return np.add.reduceat(rows, starts, axis=0, dtype=np.float32)
    sums = np.zeros((len(counts), rows.shape[1]), np.float32)
    if len(rows):
        some = counts > 0
        sums[some] = np.add.reduceat(rows, starts[some], axis=0, dtype=np.float32)
    return sums


def doubt(buckets: NDArray[np.intp]) -> Floats:
    """What short texts have to be above the threshold, in logits: at most 2.5."""
    missing = np.maximum(SHORT - buckets, 0).astype(np.float32)
    doubts: Floats = missing * np.float32(2.5 / SHORT)
    return doubts

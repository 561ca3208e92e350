"""A linear model over the buckets of a text: all heads by one gather and one sum."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.screening.features import Features, script

Floats = NDArray[np.float32]
LARGEST = 127
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

    def logits(self, text: str) -> Floats:
        """For every column; 0 is a probability of a half."""
        buckets = self.features.of(text)
        bias: Floats = self.bias[script(text)]
        if len(buckets) == 0:
            return bias
        summed = np.ones(len(buckets), np.float32) @ self.weights.take(buckets, axis=0).astype(np.float32)
        logits: Floats = summed * self.scales / np.float32(math.sqrt(len(buckets))) + bias - doubt(len(buckets))
        return logits

    def find(self, text: str) -> list[Found]:
        """What the text is, where that is likelier than not."""
        logits, found, column = self.logits(text), [], 0
        for head in self.heads:
            if logits[column] >= 0:
                names = logits[column + 1 : column + head.columns]
                label = head.labels[int(names.argmax())] if len(names) else head.labels[0]
                found.append(Found(label, 1 / (1 + math.exp(-min(float(logits[column]), 30.0)))))
            column += head.columns
        return found


def doubt(buckets: int) -> float:
    """What a short text has to be above the threshold, in logits: at most 2.5."""
    return 2.5 * max(0.0, 1 - buckets / SHORT)

"""Logistic regression over sets of buckets, one head a column, by mini-batches.

The score of a text with buckets B is ``sum of W[b] for b in B / sqrt(|B|) + bias``, where ``W[b] = worth(b) V[b]`` and
``worth(b) = log10((texts + 1) / (texts that touch b + 1))``: what is rare says more (Spärck Jones, 1972). Adagrad
(Duchi et al., 2011) minimises the cross-entropy of all heads plus ``l2 / 2 |V|²``; in each batch a part of the buckets
is left out at random, so that no single one is relied on (Wager et al., 2013).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Fitting:
    epochs: int = 12
    batch: int = 256
    rate: float = 0.5
    l2: float = 2e-5
    dropout: float = 0.3
    seen: int = 2
    """Buckets that fewer texts touch have no weight."""


@dataclass(frozen=True)
class Rows:
    """Texts as sets of columns: those of row i are ``columns[ends[i]:ends[i + 1]]``, each worth ``scales[i]``."""

    columns: Numbers
    ends: Numbers
    scales: Floats

    def __len__(self) -> int:
        return len(self.scales)

    @classmethod
    def of(cls, texts: Sequence[NDArray[np.uint32]]) -> "Rows":
        lengths = np.array([len(buckets) for buckets in texts], np.int64)
        columns = np.concatenate(texts) if texts else np.empty(0, np.uint32)
        return cls(
            columns.astype(np.int64),
            np.concatenate([[0], np.cumsum(lengths)]),
            (1 / np.sqrt(np.maximum(lengths, 1))).astype(np.float32),
        )

    def take(self, rows: Numbers) -> "Rows":
        lengths = np.diff(self.ends)[rows]
        ends = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(ends[-1]) + np.repeat(self.ends[rows] - ends[:-1], lengths)
        return Rows(self.columns[places], ends, self.scales[rows])

    def scores(self, weights: Floats, bias: Floats) -> Floats:
        """Of every row for every head."""
        return _summed(weights[self.columns], self.ends) * self.scales[:, None] + bias


def fit(rows: Rows, targets: Floats, buckets: int, how: Fitting, seed: int) -> tuple[Floats, Floats]:
    """Weights (buckets, heads) and biases (heads) that tell ``targets`` (rows, heads), each 0 or 1."""
    random = np.random.default_rng(seed)
    touched = np.bincount(rows.columns, minlength=buckets)
    known = np.flatnonzero(touched >= how.seen)
    rows = _renumbered(rows, known, buckets)
    worth = np.log10((len(rows) + 1) / (touched[known] + 1)).astype(np.float32)
    state = _State.begin(worth, targets, how)
    for _ in range(how.epochs):
        order = random.permutation(len(rows))
        for start in range(0, len(order), how.batch):
            chosen = order[start : start + how.batch]
            state.step(rows.take(chosen), targets[chosen], random)
    weights = np.zeros((buckets, targets.shape[1]), np.float32)
    weights[known] = state.weights * worth[:, None]
    return weights, state.bias


def _renumbered(rows: Rows, known: Numbers, buckets: int) -> Rows:
    """The rows with the known columns only, numbered from 0; their scales stay."""
    numbers = np.full(buckets, -1, np.int64)
    numbers[known] = np.arange(len(known))
    columns = numbers[rows.columns]
    kept = columns >= 0
    ends = np.concatenate([[0], np.cumsum(kept)])[rows.ends]
    return Rows(columns[kept], ends, rows.scales)


@dataclass
class _State:
    worth: Floats
    weights: Floats
    bias: Floats
    squares: Floats
    bias_squares: Floats
    how: Fitting

    @classmethod
    def begin(cls, worth: Floats, targets: Floats, how: Fitting) -> "_State":
        columns, heads = len(worth), targets.shape[1]
        share = np.clip(targets.mean(axis=0), 1e-3, 1 - 1e-3)
        bias = np.log(share / (1 - share)).astype(np.float32)
        zeros, small = np.zeros((columns, heads), np.float32), np.full((columns, heads), 1e-6, np.float32)
        return cls(worth, zeros, bias, small, np.full(heads, 1e-6, np.float32), how)

    def step(self, rows: Rows, targets: Floats, random: np.random.Generator) -> None:
        there = random.random(len(rows.columns)) >= self.how.dropout
        kept = self.worth[rows.columns] * there.astype(np.float32) / (1 - self.how.dropout)
        summed = _summed(self.weights[rows.columns] * kept[:, None], rows.ends) * rows.scales[:, None]
        wrong = (1 / (1 + np.exp(-(summed + self.bias))) - targets) / len(rows)
        worth = kept * np.repeat(rows.scales, np.diff(rows.ends))
        each = np.repeat(wrong, np.diff(rows.ends), axis=0) * worth[:, None]
        slope = np.stack([np.bincount(rows.columns, head, len(self.weights)) for head in each.T], axis=1).astype(
            np.float32
        )
        slope += self.how.l2 * self.weights
        self.squares += slope * slope
        self.weights -= self.how.rate * slope / np.sqrt(self.squares)
        tilt = wrong.sum(axis=0)
        self.bias_squares += tilt * tilt
        self.bias -= self.how.rate * tilt / np.sqrt(self.bias_squares)


def _summed(values: Floats, ends: Numbers) -> Floats:
    """The sums of each row's values; an empty row has none."""
    sums = np.zeros((len(ends) - 1, values.shape[1]), np.float32)
    filled = ends[1:] > ends[:-1]
    if len(values):
        sums[filled] = np.add.reduceat(values, ends[:-1][filled], axis=0)
    return sums

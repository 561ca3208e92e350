"""From labelled texts to a model with calibrated scores, thresholds and figures, the same ones every time."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from schemas.entities import ENTITIES
from workers.screening.artefact import Card, FeatureCard, HeadCard
from workers.screening.calibration import Floats, Mask, platt, thresholds
from workers.screening.evaluation import Cut, Progress, figures, left_out
from workers.screening.examples import Example, digest_of, sound
from workers.screening.features import Features, script
from workers.screening.fitting import Fitting, Rows, fit
from workers.screening.linear import DOUBTFUL, Head, Linear

Cutting = Callable[[str], Sequence[str]]
ENOUGH = 200
"""Ordinary texts to choose thresholds by."""


@dataclass(frozen=True)
class Recipe:
    """``rate`` is the part of ordinary texts, of sources left out of training, that may have a finding of a
    category."""

    name: str
    rate: float = 0.01
    features: Features = field(default_factory=Features)
    fitting: Fitting = field(default_factory=Fitting)


def train(
    examples: Sequence[Example], recipe: Recipe, cut: Cutting, progress: Progress, ruled: Sequence[Collection[str]] = ()
) -> tuple[Card, Linear]:
    """Train on all sources but one in turn, choose thresholds by what that tells, then train on all.

    Args:
        cut: the segments of a text, in normal form, that findings are judged by.
        ruled: the categories that rules find in each example; then the report says what they find together.

    Raises:
        TrainingFailed: the examples are too few, or all of one source.
    """
    heads = heads_of(sound(examples))
    targets = targets_of(examples, heads)
    texts = [cut(example.text) for example in examples]
    rows = Rows.of([recipe.features.of(" ".join(segments)) for segments in texts])
    origins = np.array([example.source for example in examples])

    def fitted(chosen: Rows, wanted: Floats, seed: int) -> tuple[Floats, Floats]:
        return fit(chosen, wanted, 2**recipe.features.bits, recipe.fitting, seed)

    segments = Cut.of(texts, recipe.features)
    unseen = left_out(rows, segments, targets, origins, fitted, progress)
    slope, shift = _calibrated(segments.best(unseen), targets)
    firsts = np.cumsum([0, *(head.columns for head in heads)])[:-1]
    logits = segments.best(unseen * slope + shift - segments.doubts[:, None])
    ordinary = np.array([not example.labels for example in examples])
    scripts = np.array([script(example.text) for example in examples])
    marks = _marks(logits[:, firsts], ordinary, scripts, recipe.rate)
    weights, bias = fitted(rows, targets, len(examples))
    moved = np.tile(slope * bias + shift, (2, 1))
    moved[:, firsts] -= marks
    report = _report(examples, heads, targets[:, firsts] > 0, logits[:, firsts] - marks[scripts], ruled)
    return _card(examples, recipe, heads, marks, report), Linear.of(recipe.features, heads, weights * slope, moved)


def _calibrated(scores: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Slope and shift of each column, so that scores become the logits of probabilities."""
    pairs = [platt(scores[:, column], targets[:, column] > 0) for column in range(targets.shape[1])]
    slope, shift = np.array(pairs, np.float32).T
    return slope, shift


def _marks(logits: Floats, ordinary: Mask, scripts: NDArray[np.int64], rate: float) -> Floats:
    """The thresholds (scripts, heads); a script with few ordinary texts has those of all."""
    chosen = [ordinary & (scripts == each) for each in (0, 1)]
    return np.stack([thresholds(logits[mine if mine.sum() >= ENOUGH else ordinary], rate) for mine in chosen])


def heads_of(labels: Sequence[str]) -> tuple[Head, ...]:
    """A head for each category; what is no entity of ours is harm."""
    by_category: dict[str, list[str]] = {}
    for label in labels:
        by_category.setdefault(ENTITIES[label].category if label in ENTITIES else "harm", []).append(label)
    return tuple(Head(category, tuple(names)) for category, names in sorted(by_category.items()))


def targets_of(examples: Sequence[Example], heads: Sequence[Head]) -> Floats:
    """1 where a text has what a column stands for."""
    columns: list[set[str]] = []
    for head in heads:
        columns.append(set(head.labels))
        columns += [{label} for label in head.labels] if len(head.labels) > 1 else []
    return np.array([[bool(column & set(each.labels)) for column in columns] for each in examples], np.float32)


def _report(
    examples: Sequence[Example], heads: Sequence[Head], wanted: Mask, above: Floats, ruled: Sequence[Collection[str]]
) -> dict[str, object]:
    """What is found from each of two scores on, and with what rules find; ``above`` is by how much texts are above the
    threshold, in logits."""
    names = [head.category for head in heads]
    right = dict(zip(names, wanted.T, strict=True))

    def told(found: Mask) -> list[dict[str, str | int]]:
        return [figure.dump() for figure in figures(examples, right, dict(zip(names, found.T, strict=True)))]

    report: dict[str, object] = {"left_out": told(above >= 0), "doubted": told(above >= DOUBTFUL)}
    if ruled:
        report["with_rules"] = told((above >= 0) | np.array([[name in each for name in names] for each in ruled]))
    return report


def _card(
    examples: Sequence[Example], recipe: Recipe, heads: Sequence[Head], marks: Floats, report: dict[str, object]
) -> Card:
    likely = 1 / (1 + np.exp(-np.clip(marks, -30, 30)))
    return Card(
        name=recipe.name,
        features=FeatureCard(**asdict(recipe.features)),
        heads=tuple(
            HeadCard(category=head.category, labels=head.labels, thresholds=(round(other, 4), round(chinese, 4)))
            for head, (other, chinese) in zip(heads, likely.T.tolist(), strict=True)
        ),
        rate=recipe.rate,
        texts=len(examples),
        data=digest_of(examples),
        report=report,
    )

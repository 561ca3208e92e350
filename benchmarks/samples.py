"""What was measured: one sample for each round, contender and case."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Sample:
    """The figures of one contender in one case of one round. ``detail`` holds whole distributions."""

    round: int
    contender: str
    case: str
    values: dict[str, float]
    detail: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Spread:
    """The middle of several rounds, and how far they are apart."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{figure(self.median)} ({figure(self.low)} to {figure(self.high)})"


def figure(value: float) -> str:
    """Three significant digits, or all of those before the point."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


class Samples(list[Sample]):
    """All samples of a bench, in the order they were taken."""

    def of(self, contender: str, case: str, metric: str) -> list[float]:
        """One figure, round by round."""
        return [
            each.values[metric]
            for each in self
            if each.contender == contender and each.case == case and metric in each.values
        ]

    def median(self, contender: str, case: str, metric: str) -> float | None:
        """``None`` when it was not measured."""
        values = self.of(contender, case, metric)
        return median(values) if values else None

    @property
    def contenders(self) -> list[str]:
        return list(dict.fromkeys(each.contender for each in self))

    @property
    def cases(self) -> list[str]:
        return list(dict.fromkeys(each.case for each in self))

    def spreads(self) -> Iterator[tuple[str, str, dict[str, Spread]]]:
        """For each case and contender the spread of each figure."""
        for case in self.cases:
            for contender in self.contenders:
                metrics = dict.fromkeys(
                    name for each in self if (each.contender, each.case) == (contender, case) for name in each.values
                )
                if metrics:
                    yield case, contender, {name: Spread.of(self.of(contender, case, name)) for name in metrics}


def turns(contenders: Sequence[T], rounds: int) -> Iterator[tuple[int, T]]:
    """Every contender once a round, each round beginning with another, so that none is always first."""
    for number in range(rounds):
        start = number % len(contenders)
        for contender in (*contenders[start:], *contenders[:start]):
            yield number + 1, contender


def percentiles(values: Sequence[float]) -> list[float]:
    """The least, the 1st to the 99th percentile, and the most: 101 values; none of fewer than two."""
    if len(values) < 2:
        return []
    return [min(values), *quantiles(values, n=100, method="inclusive"), max(values)]


def ratio(value: float | None, other: float | None) -> float | None:
    """``None`` when one of them was not measured."""
    return value / other if value is not None and other else None


def best(values: Iterable[float | None]) -> float | None:
    """The highest of those that were measured."""
    return max((value for value in values if value is not None), default=None)

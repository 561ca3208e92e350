"""How well labelled texts are screened: what is found of what is there, what is alarmed about, and how fast.

Where spans are labelled, spans are counted: one is found when a finding of its kind touches it. Otherwise texts are. A
finding counts from the policy's threshold on. An alarm is an ordinary text, or one of other kinds only, with a finding.
"""

import time
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import quantiles
from typing import Any, NamedTuple

from schemas.policies import PolicyDocument
from schemas.screening import Direction, Finding
from streams.screening.labelled import CATEGORIES, Labelled, Span, category_named
from streams.screening.scan import Asked, Scan
from streams.screening.screener import Screener


class Group(NamedTuple):
    """Of whom a figure is."""

    category: str = ""
    entity: str = ""
    language: str = ""
    source: str = ""


@dataclass
class Tally:
    """``found`` of ``true`` things, ``right`` of ``told`` findings, ``alarms`` in ``ordinary`` texts."""

    true: int = 0
    found: int = 0
    told: int = 0
    right: int = 0
    ordinary: int = 0
    alarms: int = 0

    def add(self, counted: Mapping[str, int]) -> None:
        for name, number in counted.items():
            setattr(self, name, getattr(self, name) + number)

    @property
    def f1(self) -> float:
        precision, recall = share(self.right, self.told), share(self.found, self.true)
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def dump(self) -> dict[str, Any]:
        said: dict[str, Any] = {**self.__dict__, "f1": round(self.f1, 4)}
        for name, hits, of in self._shares():
            said[name] = {"value": round(share(hits, of), 4), "interval": interval(hits, of)} if of else None
        return said

    def cells(self) -> tuple[str, ...]:
        """Recall, precision, F1 and alarms as a table has them, with what they are made of."""
        shown = [_cell(hits, of) for _, hits, of in self._shares()]
        return shown[0], shown[1], f"{self.f1:.3f}" if self.true else "", shown[2]

    def _shares(self) -> tuple[tuple[str, int, int], ...]:
        return (
            ("recall", self.found, self.true),
            ("precision", self.right, self.told),
            ("false_alarms", self.alarms, self.ordinary),
        )


class Speed(NamedTuple):
    texts: int
    per_second: float
    p50_ms: float
    p99_ms: float


@dataclass
class Evaluation:
    """Feed it with texts; it keeps counts and times only."""

    document: PolicyDocument
    tenant: str | None = None
    screener: Screener = field(default_factory=Screener)
    tallies: dict[Group, Tally] = field(default_factory=lambda: defaultdict(Tally))
    times: "array[float]" = field(default_factory=lambda: array("f"))

    def __post_init__(self) -> None:
        self._scan = Scan(self.document, self.tenant, self.screener)
        self._policy = self.document.for_tenant(self.tenant).screening
        self._scan.verdict(Asked("", "what is compiled at first is not timed"))

    def add(self, text: Labelled) -> None:
        began = time.perf_counter()
        verdict = self._scan.verdict(text.asked)
        self.times.append(time.perf_counter() - began)
        told = [each for each in verdict.findings if self._counts(each, text.asked.direction)]
        for category in CATEGORIES:
            counted = _counted(text, [each for each in told if each.category == category], category)
            for group in (Group(category), Group(category, "", text.language), Group(category, "", "", text.source)):
                self.tallies[group].add(counted)
        for entity in {each.entity for each in told} | (text.labels - {*CATEGORIES}):
            group = Group(category_named(entity), entity)
            self.tallies[group].add(_counted(text, [each for each in told if each.entity == entity], *group[:2]))

    def _counts(self, finding: Finding, direction: Direction) -> bool:
        return self._policy.treatment(direction, finding.entity).measure(finding.score) is not None

    @property
    def rows(self) -> Iterator[tuple[Group, Tally]]:
        """By category, by entity, by language and by source; groups in which nothing was or was found are left out."""
        for group, tally in sorted(self.tallies.items(), key=lambda each: _order(each[0])):
            if group.entity:
                yield group, replace(tally, ordinary=self.tallies[Group(group.category)].ordinary)
            elif tally.true or tally.told or group == Group(group.category):
                yield group, tally

    @property
    def speed(self) -> Speed:
        if len(self.times) < 2:
            return Speed(len(self.times), 0.0, 0.0, 0.0)
        cuts = quantiles(self.times, n=100)
        return Speed(len(self.times), len(self.times) / sum(self.times), 1e3 * cuts[49], 1e3 * cuts[98])


def _counted(text: Labelled, told: Sequence[Finding], category: str, entity: str = "") -> dict[str, int]:
    """What one text adds: of things in a category, or of an entity whose findings are right in its whole category."""
    around = [span for span in text.spans if category_named(span.entity) == category]
    if around:
        spans = [span for span in around if entity in ("", span.entity)]
        found = sum(any(_touch(span, each) for each in told) for span in spans)
        right = sum(any(_touch(span, each) for span in around) for each in told)
        return {"true": len(spans), "found": found, "told": len(told), "right": right}
    there, fits = entity in text.labels if entity else category in text.categories, category in text.categories
    return {
        "true": int(there),
        "found": int(there and bool(told)),
        "told": int(bool(told)),
        "right": int(fits and bool(told)),
        "ordinary": int(not fits),
        "alarms": int(not fits and bool(told)),
    }


def _touch(span: Span, finding: Finding) -> bool:
    return finding.start < span.end and span.start < finding.end


def _order(group: Group) -> tuple[bool, bool, bool, str, str, int, str]:
    rank = [*CATEGORIES].index(category) if (category := group.category) in CATEGORIES else len(CATEGORIES)
    return (
        bool(group.source),
        bool(group.language),
        bool(group.entity),
        group.source,
        group.language,
        rank,
        group.entity,
    )


def share(hits: int, of: int) -> float:
    return hits / of if of else 0.0


def interval(hits: int, of: int) -> tuple[float, float]:
    """Of 95 % (Wilson), rounded for reading."""
    from workers.screening.calibration import interval

    low, high = interval(hits, of)
    return round(low, 4), round(high, 4)


def _cell(hits: int, of: int) -> str:
    if not of:
        return ""
    low, high = interval(hits, of)
    return f"{share(hits, of):.3f} [{low:.3f}, {high:.3f}] {hits}/{of}"

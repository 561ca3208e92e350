"""All rules under one policy: what is found in a text, and what is done about each find."""

from collections.abc import Iterable, Iterator
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

import re2

from schemas.policies import ScreeningPolicy
from schemas.screening import Action, Category, Direction, Language, Level, LevelName, Measure
from streams.screening.catalogue import DETECTORS
from streams.screening.detector import DECOY, EDGE, Hit, Rule, options, outermost, scan
from streams.screening.normal import Normal
from streams.screening.words import words

Named = tuple[str, Rule]
MEMORY = 2**26
"""Bytes for the automaton of all rules together; it starts anew when they are full."""


class Judgement(NamedTuple):
    """What the policy says of one find."""

    measure: Measure
    level: Level
    category: Category

    @property
    def action(self) -> Action:
        return self.measure.action


class Patterns:
    """Some rules together, so that a clean text costs one pass."""

    def __init__(self, rules: tuple[Named, ...]) -> None:
        self.rules = rules

    def hits(self, normal: Normal, before: str = EDGE, failed: set[str] | None = None) -> list[Hit]:
        """What is to be reported of a text that follows the character ``before``, in the order of the text."""
        return outermost(self.matches(normal, before, failed))

    def matches(self, normal: Normal, before: str = EDGE, failed: set[str] | None = None) -> list[Hit]:
        """Everything the rules find there, also inside of one another, and decoys."""
        if not self.rules:
            return []
        found = set(self._set.Match((before + normal.text + EDGE).encode()) or ())
        chosen = [self.rules[number - 1] for number in sorted(found - {0})] if 0 in found else self.rules
        return list(scan(normal, before, chosen, failed))

    def tail(self, text: str) -> int:
        """Where the longest end of ``text`` begins that may still become a find."""
        found = self._tail.search(text) if self.rules else None
        return found.start() if found else len(text)

    @cached_property
    def _set(self) -> Any:
        """All rules in one automaton. Pattern 0 is the edge, which every text has: without it the match failed."""
        together = re2.Set.SearchSet(options(MEMORY))
        for pattern in (EDGE, *(rule.full for _, rule in self.rules)):
            together.Add(pattern)
        together.Compile()
        return together

    @cached_property
    def _tail(self) -> Any:
        return re2.compile(f"(?:{'|'.join(rule.beginning for _, rule in self.rules)})\\z", options(MEMORY))


@lru_cache(maxsize=64)
def patterns(rules: tuple[Named, ...]) -> Patterns:
    """Policies with the same rules share what is compiled."""
    return Patterns(rules)


@cache
def _built_in() -> tuple[Named, ...]:
    return tuple((detector.name, rule) for detector in DETECTORS for rule in detector.rules)


class Rulebook:
    """The built-in rules and the word lists of a policy, with its judgements."""

    def __init__(self, policy: ScreeningPolicy) -> None:
        self._policy = policy
        lists = [words(name, chosen) for name, chosen in policy.words.items() if chosen.words]
        self.all = patterns((*_built_in(), *((each.name, rule) for each in lists for rule in each.rules)))
        self.by_language = any(each.languages for table in policy.actions.values() for each in table.values())
        self._judgements: dict[tuple[str, Measure | None], Judgement] = {}
        self._streamed: dict[Direction, Patterns] = {}

    def judge(self, direction: Direction, entity: str, score: float, language: Language | None = None) -> Judgement:
        """Action and level of a find; one below the threshold is allowed, and low at most."""
        key = entity, self._policy.treatment(direction, entity).measure(score, language)
        if key not in self._judgements:
            self._judgements[key] = self._judge(*key)
        return self._judgements[key]

    def streamed(self, direction: Direction) -> Patterns:
        """The rules whose finds must not leave in a stream, being redacted or blocked, and decoys."""
        if direction not in self._streamed:
            self._streamed[direction] = patterns(tuple(self._withheld(direction)))
        return self._streamed[direction]

    def withholds(self, direction: Direction, entities: Iterable[str]) -> bool:
        """Whether a find of one of these may have to be kept back."""
        return any(self.judge(direction, each, 1.0).action in (Action.REDACT, Action.BLOCK) for each in entities)

    def _withheld(self, direction: Direction) -> Iterator[Named]:
        """All rules of an entity, or none: a weak find that lies around a sure one is reported as sure."""
        entities = {
            rule.entity
            for _, rule in self.all.rules
            if rule.entity != DECOY
            and self.judge(direction, rule.entity, rule.score).action in (Action.REDACT, Action.BLOCK)
        }
        return (each for each in self.all.rules if entities and each[1].entity in entities | {DECOY})

    def _judge(self, entity: str, measure: Measure | None) -> Judgement:
        kind = self._policy.entity(entity)
        level = level_of(kind.level)
        if measure is None:
            return Judgement(Measure.ALLOW, min(level, Level.LOW), kind.category)
        return Judgement(measure, level, kind.category)


def level_of(name: LevelName) -> Level:
    return Level[name.upper()]


def redact(text: str, hits: Iterable[Hit]) -> str:
    """``text`` with each run of overlapping hits, which are in order, replaced by the name of the first: `[EMAIL]`."""
    parts, place = [], 0
    for hit in hits:
        if hit.start >= place:
            parts += [text[place : hit.start], f"[{hit.entity.upper()}]"]
        place = max(place, hit.end)
    return "".join([*parts, text[place:]])

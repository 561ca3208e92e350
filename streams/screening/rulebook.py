"""All rules under one policy: what is found in a text, and what is done about each find."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from schemas.policies import ScreeningPolicy
from schemas.screening import Action, Category, Direction, Language, Level, LevelName, Measure
from streams.screening.catalogue import DETECTORS
from streams.screening.detector import DECOY, Hit
from streams.screening.patterns import Named, Patterns, patterns
from streams.screening.words import words


class Judgement(NamedTuple):
    """What the policy says of one find."""

    measure: Measure
    level: Level
    category: Category

    @property
    def action(self) -> Action:
        return self.measure.action


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
        self._judgements: dict[tuple[str, Measure | None, bool], Judgement] = {}
        self._streamed: dict[Direction, Patterns] = {}

    def judge(self, direction: Direction, entity: str, score: float, language: Language | None = None) -> Judgement:
        """Action and level of a find; one below the threshold is low at most, or medium where it is pointed out."""
        treatment = self._policy.treatment(direction, entity)
        key = entity, treatment.measure(score, language), treatment.doubts(score)
        if key not in self._judgements:
            self._judgements[key] = self._judge(*key)
        return self._judgements[key]

    def heeds(self, direction: Direction, hit: Hit) -> bool:
        """Whether what a classifier found is sure enough for the policy to do something about it."""
        return self.judge(direction, hit.entity, hit.score).measure is not Measure.ALLOW

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

    def _judge(self, entity: str, measure: Measure | None, doubted: bool) -> Judgement:
        kind = self._policy.entity(entity)
        level = level_of(kind.level)
        if measure is None:
            return Judgement(Measure.ALLOW, min(level, Level.LOW), kind.category)
        return Judgement(measure, min(level, Level.MEDIUM) if doubted else level, kind.category)


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

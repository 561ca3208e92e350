"""One decision on one text: what was found, what the policy says about it, and the text that may go on."""

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from schemas.policies import ScreeningPolicy
from schemas.screening import Action, Direction, Finding, Level, LevelName, Measure, Verdict
from streams.screening.detector import Hit, outermost
from streams.screening.language import language_of
from streams.screening.learned.panel import Panel, Passage
from streams.screening.learned.port import Classifier
from streams.screening.passed import Key, Passed
from streams.screening.patterns import Matches, Shown
from streams.screening.rulebook import Judgement, Rulebook, redact

MOST_FINDINGS = 100
MOST_POLICIES = 1024
Own = frozenset[str]
NOTHING: Own = frozenset()
NAMES: dict[Level, LevelName] = {
    Level.NONE: "none",
    Level.LOW: "low",
    Level.MEDIUM: "medium",
    Level.HIGH: "high",
    Level.CRITICAL: "critical",
}


@dataclass(frozen=True)
class Screened:
    """``text`` is what may go on: redacted where the policy says so, empty when it is blocked."""

    text: str
    verdict: Verdict


class Task(NamedTuple):
    """A text to screen; ``more`` is what was found in it together with others."""

    text: str
    direction: Direction
    more: Sequence[Hit] = ()


class Found(NamedTuple):
    """What is in a text, what the policy says of each, and which detectors failed."""

    hits: list[Hit]
    judged: list[Judgement]
    failed: set[str]


class Screener:
    """Screens texts under any policy; pure but for the patterns it keeps compiled.

    ``rules`` is the version of the detectors: a digest of their source and of the classifiers' versions, so that a
    verdict names what made it. A detector that fails is never passed over: the policy says what follows. So many texts
    that passed are ``remembered``.
    """

    def __init__(self, classifiers: Sequence[Classifier] = (), remembered: int = 0) -> None:
        self.panel = Panel(classifiers)
        self.rules = rules_version(self.panel.versions)
        self._passed = Passed(remembered)
        self._books: OrderedDict[int, tuple[ScreeningPolicy, Rulebook]] = OrderedDict()

    def screen(
        self,
        text: str,
        direction: Direction,
        policy: ScreeningPolicy,
        version: str,
        more: Sequence[Hit] = (),
        own: Own = NOTHING,
    ) -> Screened:
        """The verdict on any text under ``policy`` of that ``version``, in time linear in the text's length; ``more``
        is what was found in it together with others. What the reader gave (``own``) is not redacted."""
        if self._passed.most and not more and not own:
            return self._recalled(text, direction, policy, version)
        found = self.found(text, direction, policy, more)
        if own:
            spans = [text[hit.start : hit.end] for hit in found.hits]
            found = found._replace(judged=[spared(*each, own) for each in zip(found.judged, spans, strict=True)])
        return self._screened(text, found, policy, version)

    def _recalled(self, text: str, direction: Direction, policy: ScreeningPolicy, version: str) -> Screened:
        key = Key.of(text, direction, version, self.book(policy))
        if (verdict := self._passed.get(key)) is not None:
            return Screened(text, verdict)
        found = self.found(text, direction, policy)
        screened = self._screened(text, found, policy, version)
        if screened.text == text and not found.failed:
            self._passed.put(key, screened.verdict)
        return screened

    def screen_all(self, tasks: Sequence[Task], policy: ScreeningPolicy, version: str) -> list[Screened]:
        """What ``screen`` says of each, in less time: what is learned judges all of them at once."""
        found = zip(tasks, self._found(tasks, policy), strict=True)
        return [self._screened(task.text, each, policy, version) for task, each in found]

    def _screened(self, text: str, found: Found, policy: ScreeningPolicy, version: str) -> Screened:
        verdict = self._verdict(found.hits, found.judged, version)
        if found.failed:
            verdict = _with_failures(verdict, sorted(found.failed), policy.on_failure)
        if verdict.action is Action.BLOCK:
            return Screened("", verdict)
        hidden = [hit for hit, each in zip(found.hits, found.judged, strict=True) if each.action is Action.REDACT]
        return Screened(redact(text, hidden) if hidden else text, verdict)

    def found(self, text: str, direction: Direction, policy: ScreeningPolicy, more: Sequence[Hit] = ()) -> Found:
        return self._found([Task(text, direction, more)], policy)[0]

    def _found(self, tasks: Sequence[Task], policy: ScreeningPolicy) -> list[Found]:
        book, failed = self.book(policy), [set[str]() for _ in tasks]
        matches = [book.all.read(task.text, failed=names) for task, names in zip(tasks, failed, strict=True)]
        learned = self._learned(tasks, matches, failed, book)
        found = []
        for task, ruled, judged, names in zip(tasks, matches, learned, failed, strict=True):
            every = [*ruled.hits, *task.more, *judged]
            hits = outermost(every) if every else every
            found.append(Found(hits, _judged(task.text, hits, task.direction, book) if hits else [], names))
        return found

    def _learned(
        self, tasks: Sequence[Task], matches: Sequence[Matches], failed: Sequence[set[str]], book: Rulebook
    ) -> list[list[Hit]]:
        """What classifiers find in each text, and in what it says when it is seen through. Of a stream, that may have
        left before all of it is there."""
        if not self.panel.versions:
            return [[] for _ in tasks]
        passages = [
            [Passage(task.text), *(Passage(each.text, each[:2], each.disguise) for each in _shown(task, ruled))]
            for task, ruled in zip(tasks, matches, strict=True)
        ]
        found = zip(tasks, self.panel.found(passages, failed), strict=True)
        return [[hit for hit in hits if book.heeds(task.direction, hit)] for task, hits in found]

    def judge(self, found: Sequence[Finding], direction: Direction, policy: ScreeningPolicy, version: str) -> Verdict:
        """The verdict on what somebody else found."""
        hits = [Hit(each.start, each.end, each.entity, each.score, each.detector) for each in found]
        return self._verdict(hits, _judged("", hits, direction, self.book(policy)), version)

    def book(self, policy: ScreeningPolicy) -> Rulebook:
        """The compiled rules of a policy; it is kept beside them, so its identity is a sound key."""
        key = id(policy)
        if key not in self._books:
            self._books[key] = policy, Rulebook(policy)
            if len(self._books) > MOST_POLICIES:
                self._books.popitem(last=False)
        return self._books[key][1]

    def _verdict(self, hits: Sequence[Hit], judged: Sequence[Judgement], version: str) -> Verdict:
        if not hits:
            return _nothing(version, self.rules)
        measure = max((each.measure for each in judged), key=lambda each: each.severity)
        return Verdict(
            action=measure.action,
            measure=measure.value if measure in (Measure.FLAG, Measure.REVIEW) else "",
            level=NAMES[max(each.level for each in judged)],
            findings=tuple(hit.finding(each.category) for hit, each in zip(hits[:MOST_FINDINGS], judged, strict=False)),
            policy=version,
            rules=self.rules,
            reason=_reason(
                measure, [hit.entity for hit, each in zip(hits, judged, strict=True) if each.measure is measure]
            ),
        )


def _shown(task: Task, matches: Matches) -> Sequence[Shown]:
    return matches.shown if task.direction != "output" else ()


def spared(judgement: Judgement, span: str, own: Own) -> Judgement:
    """A judgement on what the reader gave: it is not redacted."""
    return judgement._replace(measure=Measure.ALLOW) if span in own and judgement.action is Action.REDACT else judgement


def _judged(text: str, hits: Sequence[Hit], direction: Direction, book: Rulebook) -> list[Judgement]:
    """What the policy says of each hit. An answer may have left in part before its language is known: there the
    strictest holds."""
    language = language_of(text) if hits and book.by_language and direction != "output" else None
    return [book.judge(direction, hit.entity, hit.score, language) for hit in hits]


@lru_cache(maxsize=64)
def _nothing(version: str, rules: str) -> Verdict:
    """Most texts have this verdict, and checking its fields each time would cost as much as a part of the rules."""
    return Verdict(action=Action.ALLOW, policy=version, rules=rules, reason="nothing found")


def _with_failures(verdict: Verdict, failed: Sequence[str], ordered: Measure) -> Verdict:
    """The verdict when detectors failed: at least what the policy orders then, and which they were."""
    told = f"{ordered.value}: {', '.join(failed)} failed"
    strictest = max((ordered, verdict.ordered), key=lambda each: each.severity)
    return verdict.model_copy(
        update={
            "action": strictest.action,
            "measure": strictest.value if strictest in (Measure.FLAG, Measure.REVIEW) else "",
            "reason": f"{verdict.reason}; {told}" if verdict.findings else told,
        }
    )


def _reason(measure: Measure, entities: list[str]) -> str:
    """Why: the entities that call for the measure, as in ``redact: 2 EMAIL, 1 PHONE``."""
    return f"{measure.value}: " + ", ".join(f"{count} {entity}" for entity, count in sorted(Counter(entities).items()))


@cache
def rules_version(learned: tuple[str, ...] = ()) -> str:
    """The first 12 hexadecimal digits of the SHA-256 over this package's sources, in order of their paths, and the
    versions of what was learned."""
    digest, root = hashlib.sha256(), Path(__file__).parent
    for source in sorted(root.rglob("*.py")):
        digest.update(source.relative_to(root).as_posix().encode() + b"\n" + source.read_bytes())
    digest.update("\n".join(sorted(learned)).encode())
    return digest.hexdigest()[:12]

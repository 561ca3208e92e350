"""What a detector is: rules over the normal form of a text, in linear time (RE2).

A rule finds the leftmost span that its pattern matches, that stands within its borders and passes its check,
then goes on behind it. Borders are given as characters that must not stand beside the span, since ``\\b`` is of
no use beside Chinese; whatever a rule decides, it decides from the span, the lead that it asks for before it, and one
character on each side. A label that says that a number is none of ours is a rule too: a decoy.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import re2

from schemas.entities import ENTITIES
from schemas.screening import Category, Finding
from streams.screening.need import Need, need_of
from streams.screening.normal import normalise
from streams.screening.prefix import mirrored, prefixes
from streams.screening.view import EDGE, View

log = logging.getLogger(__name__)
LINE = r"\x00-\x09\x0b-\x{10ffff}"
"""As a border: only the beginning or the end of a line may stand there."""
DECOY = ""
"""The entity of a rule that reports nothing: what others find inside its span, and no surer, is not reported."""


class Detector(Protocol):
    """Finds one kind of thing; spans are in characters of the text given."""

    @property
    def name(self) -> str: ...

    def find(self, text: str) -> Iterable[Finding]: ...


def passes(_span: str) -> bool:
    """A check that everything passes."""
    return True


def options(memory: int = 2**26) -> Any:
    """RE2's options for all patterns: silent, with ``memory`` bytes for program and automaton."""
    chosen = re2.Options()
    chosen.max_mem, chosen.log_errors = memory, False
    return chosen


@dataclass(frozen=True)
class Rule:
    """``pattern`` is in the subset of ``streams.screening.prefix``, and so are ``lead`` and ``trail``, which have to
    stand right before and behind the span and are no part of it; ``before`` and ``after`` are the insides of
    character classes; ``check`` judges the span in its normal form."""

    entity: str
    pattern: str
    score: float = 0.9
    before: str = ""
    after: str = ""
    ignore_case: bool = False
    check: Callable[[str], bool] = passes
    lead: str = ""
    trail: str = ""

    @property
    def full(self) -> str:
        """The pattern with its borders; group 1 is the span with its lead, group 2 the span."""
        before, after = (f"[^{each}]" if each else "" for each in (self.before, self.after))
        lead, trail = _group(self.lead), _group(self.trail)
        return f"(?{'i' if self.ignore_case else ''}:{before}({lead}({self.pattern})){trail}{after})"

    @cached_property
    def need(self) -> Need:
        """What a text must have, for a match to be in it."""
        return need_of(self.lead, self.pattern, self.trail)

    @property
    def beginning(self) -> str:
        """What may still become a match, behind the character before it where there is a border."""
        before = f"[^{self.before}]" if self.before else ""
        whole = "".join(map(_group, (self.lead, self.pattern, self.trail)))
        return f"(?{'i' if self.ignore_case else ''}:{before}{prefixes(whole)})"

    @cached_property
    def mirrored(self) -> "Rule":
        """The rule for texts that are written backwards; without lead and trail."""
        check = self.check
        return replace(
            self,
            pattern=mirrored(self.pattern),
            before=self.after,
            after=self.before,
            check=check if check is passes else lambda span: check(span[::-1]),
            lead="",
            trail="",
        )

    @cached_property
    def _regexp(self) -> Any:
        return re2.compile(self.full, options())

    def spans(self, data: bytes, start: int = 1) -> Iterator[tuple[int, int, int]]:
        """Where the leads begin, and the spans of UTF-8 ``data``, which has an edge or a neighbour before ``start`` and
        an edge at its end. What begins is judged for each beginning by itself, so that a text may be cut wherever
        nothing found lies across."""
        limit = len(data) - len(EDGE)
        while start < limit:
            found = self._regexp.search(data, _character_before(data, start) if self.before else start)
            if found is None:
                return
            first, (left, right) = found.start(1), found.span(2)
            right = min(right, limit)
            if left < limit and (self.check is passes or self.check(data[left:right].decode())):
                yield first, left, right
                start = right
            else:
                start = _character_after(data, first)


class Hit(NamedTuple):
    """One span of the original text, in characters, before any policy."""

    start: int
    end: int
    entity: str
    score: float
    detector: str
    version: str = ""
    lead: int = 0
    """How many characters before ``start`` it needs to be found."""

    @property
    def first(self) -> int:
        """Where a text may be cut before it."""
        return self.start - self.lead

    def at(self, view: View, *disguises: str) -> "Hit":
        """A hit in a view as one in the original text."""
        (first, _), (start, end) = view.original(self.first, self.end), view.original(self.start, self.end)
        name = "/".join([self.detector, *disguises])
        return self._replace(start=start, end=end, lead=start - first, detector=name)

    def finding(self, category: Category) -> Finding:
        return Finding(category=category, **{key: value for key, value in self._asdict().items() if key != "lead"})


@dataclass(frozen=True)
class Rules:
    """A detector made of rules."""

    name: str
    rules: tuple[Rule, ...]

    def find(self, text: str) -> list[Finding]:
        view = View.of(normalise(text), EDGE)
        hits = (hit.at(view) for hit in scan(view, ((self.name, rule) for rule in self.rules)))
        return [hit.finding(category_of(hit.entity)) for hit in outermost(hits)]


def category_of(entity: str) -> Category:
    """The category of an entity; what no detector knows comes from a word list."""
    return ENTITIES[entity].category if entity in ENTITIES else "harm"


def scan(view: View, rules: Iterable[tuple[str, Rule]], failed: set[str] | None = None) -> Iterator[Hit]:
    """What the rules, each with its detector's name, find, in places of the view. With ``failed``, the names of
    detectors that fail go there, and the others are heard."""
    data, first = (view.text + EDGE).encode(), len(view.text[: view.begin].encode())
    for name, rule in rules:
        try:
            yield from _hits(view, data, first, name, rule)
        except Exception:
            if failed is None:
                raise
            log.exception("the detector %s failed", name)
            failed.add(name)


def _hits(view: View, data: bytes, byte: int, name: str, rule: Rule) -> Iterator[Hit]:
    place = view.begin
    for first, left, right in rule.spans(data, byte):
        led = place + len(data[byte:first].decode())
        start = led + len(data[first:left].decode())
        end = start + len(data[left:right].decode())
        byte, place = right, end
        yield Hit(start, end, rule.entity, rule.score, name, lead=start - led)


def outermost(hits: Iterable[Hit]) -> list[Hit]:
    """The hits to report, in the order of the text: without decoys, without those inside a decoy that is as sure, and
    without those inside another of the same entity, which is then as sure as they are."""
    kept, around = list[Hit](), list[int]()
    for hit in sorted(hits, key=lambda each: (each.start, -each.end, each.entity, -each.score)):
        around = [each for each in around if kept[each].end > hit.start]
        covers = [each for each in around if kept[each].end >= hit.end]
        if any(kept[each].entity == DECOY and kept[each].score >= hit.score for each in covers):
            continue
        same = next((each for each in covers if kept[each].entity == hit.entity), None)
        if same is None:
            around.append(len(kept))
            kept.append(hit)
        elif hit.score > kept[same].score:
            kept[same] = kept[same]._replace(score=hit.score, detector=hit.detector, version=hit.version)
    return [hit for hit in kept if hit.entity != DECOY]


def undecoyed(hits: Iterable[Hit]) -> list[Hit]:
    """The hits without decoys and without those inside a decoy that is as sure."""
    every = sorted(hits, key=lambda each: (each.start, -each.end))
    kept, decoys = list[Hit](), list[Hit]()
    for hit in every:
        decoys = [each for each in decoys if each.end > hit.start]
        if hit.entity == DECOY:
            decoys.append(hit)
        elif not any(each.end >= hit.end and each.score >= hit.score for each in decoys):
            kept.append(hit)
    return kept


def moved(hit: Hit, by: int) -> Hit:
    return hit._replace(start=hit.start + by, end=hit.end + by)


def _group(pattern: str) -> str:
    return f"(?:{pattern})" if pattern else ""


def _character_before(data: bytes, at: int) -> int:
    at -= 1
    while data[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _character_after(data: bytes, at: int) -> int:
    at += 1
    while data[at] & 0xC0 == 0x80:
        at += 1
    return at

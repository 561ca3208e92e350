"""Rules together, over a text and over what it is when it is seen through.

One pass tells which rules find something and which disguises there may be, so a plain text costs no more.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from operator import ne
from typing import NamedTuple

from streams.screening.detector import DECOY, Hit, Rule, outermost, scan, undecoyed
from streams.screening.disguises.catalogue import DISGUISES, ENCODED, LEAVES, LEET, LOOKALIKE, SPACED, within
from streams.screening.disguises.mirror import TRIGGER, is_meant, is_turned
from streams.screening.disguises.port import Disguise
from streams.screening.need import need_of
from streams.screening.normal import Normal, normalise, unmasked
from streams.screening.together import Endings, Together
from streams.screening.view import EDGE, View

log = logging.getLogger(__name__)
Named = tuple[str, Rule]
SHORT = 8
"""What is decoded and no longer is not read again by itself."""
FEW = 4
"""Changed letters from which a text is not what it looks like: one with fewer may have an accent, or a number."""


class Shown(NamedTuple):
    """What ``[start, end)`` of the original says when it is seen through ``disguise``."""

    start: int
    end: int
    text: str
    disguise: str


class Matches(NamedTuple):
    """Everything the rules find, also inside of one another, and decoys; the spans that no cut may go through: those of
    all finds, and of runs that stand for something else with the character behind them; and what was seen through."""

    hits: list[Hit]
    walls: list[tuple[int, int]]
    shown: list[Shown]


class Patterns:
    """Some rules together."""

    def __init__(self, rules: tuple[Named, ...]) -> None:
        self.rules = rules
        self._under: dict[Disguise, Patterns] = {}

    def hits(self, normal: Normal, failed: set[str] | None = None) -> list[Hit]:
        """What is to be reported of a text, in its order."""
        return outermost(self.matches(normal, EDGE, failed).hits)

    def matches(self, normal: Normal, before: str = EDGE, failed: set[str] | None = None) -> Matches:
        """What is found in a text that follows ``before``."""
        found = Matches([], [], [])
        if self.rules:
            view = View.of(normal, before)
            rules, disguises, turned = self._seen(view)
            if not (rules or disguises or turned):
                return found
            for hit in scan(view, rules, failed):
                found.hits.append(hit.at(view))
                found.walls.append((found.hits[-1].first, found.hits[-1].end))
            if turned:
                self._read_backwards(view, found, failed)
            found.hits[:] = undecoyed(found.hits)
            self._see_through(view, disguises, 0, found, failed)
        return found

    def read(self, text: str, before: str = EDGE, failed: set[str] | None = None) -> Matches:
        """What is found in a text that follows ``before``, also in what tag characters hide in it."""
        found = self.matches(normalise(text), normalise(before).text or EDGE, failed)
        shown = unmasked(text)
        if shown is not None:
            found.shown.append(Shown(0, len(text), shown, "tags"))
            before = normalise(unmasked(before) or before).text or EDGE
            hidden = self.matches(normalise(shown), before, failed)
            found.walls.extend(hidden.walls)
            for hit in hidden.hits:
                if shown[hit.start : hit.end] != text[hit.start : hit.end]:
                    found.hits.append(hit._replace(detector=f"{hit.detector}/tags"))
        return found

    def held(self, text: str, before: str = EDGE) -> int:
        """Where the longest end of a text begins that may still become a find, also of what tag characters hide."""
        end = self.tail(normalise(text), normalise(before).text or EDGE)
        shown = unmasked(text)
        if shown is None:
            return end
        return min(end, self.tail(normalise(shown), normalise(unmasked(before) or before).text or EDGE))

    def tail(self, normal: Normal, before: str = EDGE) -> int:
        """Where in the original the longest end of a text begins that may still become a find."""
        if not self.rules:
            return normal.original(0, len(normal.text))[1]
        view = View.of(normal, before)
        end = self._open(view, DISGUISES, 0)
        if self.mirror is not None:
            end = min(end, self.mirror.begun(view))
        return view.original(end, len(view.text))[0]

    def _read_backwards(self, view: View, found: Matches, failed: set[str] | None) -> None:
        if self.mirror is None:
            return
        for hit in scan(view, self.mirror._seen(view)[0], failed):
            placed = hit.at(view, "backwards")
            found.walls.append((placed.first, placed.end))
            if is_meant(hit, view):
                found.hits.append(placed)

    def _see_through(
        self, source: View, disguises: list[Disguise], depth: int, found: Matches, failed: set[str] | None
    ) -> None:
        for disguise in disguises:
            try:
                view = disguise.view(source)
                if view is not None:
                    self._read(source, view, disguise, depth + 1, found, failed)
            except Exception:
                if failed is None:
                    raise
                log.exception("seeing through %s failed", disguise.name)
                failed.add(disguise.name)

    def _read(
        self, source: View, view: View, disguise: Disguise, depth: int, found: Matches, failed: set[str] | None
    ) -> None:
        found.walls.extend(source.original(left, right) for left, right in view.whole)
        if view.whole and not view.runs:
            return
        rules, disguises, _ = self._seen(view)
        hits = list[Hit]()
        for hit in scan(view, (each for each in rules if _finds(disguise, each)), failed):
            names = view.names(hit.start, hit.end)
            placed = hit.at(view, *names, *(() if view.runs else (disguise.name,)))
            found.walls.append((placed.first, placed.end))
            if hit.entity == DECOY or disguise.admits(hit, view):
                hits.append(placed)
        found.hits.extend(undecoyed(hits))
        inner = within(disguise, depth)
        self._see_through(view, [each for each in disguises if each in inner], depth, found, failed)
        found.shown.extend(_shown(view, disguise))
        for alone in view.alone() if disguise is ENCODED else ():
            if len(alone.text) > SHORT:
                leaves = [each for each in self._seen(alone)[1] if each in LEAVES]
                self._see_through(alone, leaves, depth, found, failed)

    def _open(self, view: View, disguises: Sequence[Disguise], depth: int) -> int:
        """From where on the view may still become a find, itself or seen through."""
        end = self.begun(view)
        for disguise in disguises:
            if end == view.begin:
                break
            end = min(end, self._open_under(view, disguise, depth))
        return end

    def _open_under(self, view: View, disguise: Disguise, depth: int) -> int:
        """From where on the view may still become a run, or what is before that a find with runs in it."""
        whole, opened = len(view.text), disguise.opened(view)
        shown = disguise.view(view) if opened > view.begin else None
        if view.begin < opened < whole:
            opened = shown.outside(opened) if shown is not None else opened
            view = view.until(opened)
            shown = disguise.view(view)
        if opened == view.begin or (shown is None and opened == whole):
            return opened
        inner = [each for each in within(disguise, depth + 1) if shown is not None or each is not disguise]
        end = self.of(disguise)._open(shown or view, inner, depth + 1)
        return min(opened, shown.left(end) if shown is not None else end)

    def begun(self, view: View) -> int:
        """Where the longest end of the view begins that a rule may still find."""
        return self._tail.start(view.text, view.begin)

    def of(self, disguise: Disguise) -> "Patterns":
        """The rules that find something under a disguise."""
        if disguise not in self._under:
            self._under[disguise] = patterns(tuple(each for each in self.rules if _finds(disguise, each)))
        return self._under[disguise]

    def _seen(self, view: View) -> tuple[list[Named], list[Disguise], bool]:
        """The rules that find something, the disguises that may be there, and whether it may be written backwards."""
        found = self._set.match((view.text + EDGE).encode())
        if found is None:
            return list(self.rules), list(DISGUISES), True
        first = len(self.rules)
        rules = [self.rules[number] for number in sorted(found) if number < first]
        disguises = [each for place, each in enumerate(DISGUISES, first) if place in found]
        return rules, disguises, first + len(DISGUISES) in found

    @cached_property
    def mirror(self) -> "Patterns | None":
        """The rules for what may be written backwards."""
        rules = tuple((name, rule.mirrored) for name, rule in self.rules if is_turned(rule))
        return Patterns(rules) if rules else None

    @cached_property
    def _set(self) -> Together:
        triggers = [(each, need_of(each)) for each in (*(disguise.trigger for disguise in DISGUISES), TRIGGER)]
        return Together([*((rule.full, rule.need) for _, rule in self.rules), *triggers])

    @cached_property
    def _tail(self) -> Endings:
        rules = [rule for _, rule in self.rules]
        free, bordered = ([each.beginning for each in rules if bool(each.before) is kind] for kind in (False, True))
        return Endings(free, bordered)


def _shown(view: View, disguise: Disguise) -> Iterator[Shown]:
    """What is to be read again as a text of its own: runs that say something by themselves, or all of a text in which
    letters stand for others."""
    parts: Iterable[View] = ()
    if disguise in (ENCODED, SPACED):
        parts = (alone for alone in view.alone() if len(alone.text) > SHORT)
    elif disguise in (LOOKALIKE, LEET) and sum(map(ne, view.text, view.source.text)) >= FEW:
        parts = (view,)
    for each in parts:
        yield Shown(*each.original(each.begin, len(each.text)), each.text[each.begin :], disguise.name)


def _finds(disguise: Disguise, named: Named) -> bool:
    return named[1].entity == DECOY or disguise.finds(named[1].entity)


@lru_cache(maxsize=256)
def patterns(rules: tuple[Named, ...]) -> Patterns:
    """Policies with the same rules share what is compiled."""
    return Patterns(rules)

"""A text as someone might read it: some runs replaced by what they stand for, and every place leading back."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from streams.screening.normal import Normal

EDGE = "\n"
"""Stands for the neighbour of the first and of the last character."""
CONTEXT = 48
"""So many characters before a find say what it is; a stream remembers as many of what has left."""


class Run(NamedTuple):
    """``[start, end)`` of the view stands for ``[left, right)`` of its source."""

    start: int
    end: int
    left: int
    right: int
    name: str


class Token(NamedTuple):
    """A run of a text, and what it stands for under which disguise; without a name it stands for itself, and is
    only not to be cut."""

    left: int
    right: int
    text: str
    name: str


@dataclass(frozen=True)
class View:
    """``text`` begins with ``begin`` characters that have already been judged: context and borders for the rest."""

    text: str
    begin: int
    source: "View | Normal"
    runs: tuple[Run, ...] = ()
    whole: tuple[tuple[int, int], ...] = ()
    """Spans of the source that no cut may go through."""

    @classmethod
    def of(cls, normal: Normal, before: str) -> "View":
        return cls(before + normal.text, len(before), normal)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that ``[start, end)`` comes from: of a run all or nothing."""
        if isinstance(self.source, Normal):
            return self.source.original(start - self.begin, end - self.begin)
        return self.source.original(self.left(start), self.right(end) if end > start else self.left(start))

    def left(self, place: int) -> int:
        """Where in the source the character at ``place`` begins."""
        run = self._run(place)
        if run is None:
            return place
        return run.left if place < run.end else run.right + place - run.end

    def right(self, end: int) -> int:
        """Where in the source the character before ``end`` ends."""
        run = self._run(end - 1)
        if run is None:
            return end
        return run.right if end <= run.end else run.right + end - run.end

    def alone(self) -> "Iterator[View]":
        """What each run says, by itself."""
        for run in self.runs:
            text = EDGE + self.text[run.start : run.end]
            yield View(text, len(EDGE), self.source, (run._replace(start=len(EDGE), end=len(text)),))

    def names(self, start: int, end: int) -> tuple[str, ...]:
        """The disguises of the runs in ``[start, end)``, from the outermost, each once."""
        first = bisect_right(self._starts, start) - 1
        chosen = self.runs[max(first, 0) : bisect_right(self._starts, end - 1)]
        names = [run.name for run in chosen if run.end > start]
        if isinstance(self.source, View):
            names = [*self.source.names(self.left(start), self.right(end)), *names]
        return tuple(dict.fromkeys(names))

    def context(self, place: int) -> str:
        """What is read right before ``place``, that which was there to read all along."""
        run = self._run(place)
        if run is None or isinstance(self.source, Normal):
            return self.text[max(0, place - CONTEXT) : place]
        if place < run.end:
            return (self.source.context(run.left) + self.text[run.start : place])[-CONTEXT:]
        return self.source.context(self.left(place))

    def until(self, place: int) -> "View":
        """The view without what comes from ``place`` on."""
        return View(self.text[:place], self.begin, self.source, self.runs)

    def outside(self, place: int) -> int:
        """A place of the source, or the beginning of the span that it lies in."""
        at = bisect_left(self.whole, place, key=lambda span: span[0]) - 1
        return self.whole[at][0] if at >= 0 and place < self.whole[at][1] else place

    @cached_property
    def _starts(self) -> list[int]:
        return [run.start for run in self.runs]

    def _run(self, place: int) -> Run | None:
        """The last run that begins at ``place`` or before."""
        at = bisect_right(self._starts, place) - 1
        return self.runs[at] if at >= 0 else None


def replaced(source: View, tokens: Iterable[Token]) -> View | None:
    """The view with the tokens, which are in order, in their places; none without tokens."""
    parts, runs, whole, place, length = list[str](), list[Run](), list[tuple[int, int]](), 0, 0
    for token in tokens:
        whole.append((token.left, token.right))
        if not token.name:
            continue
        parts += [source.text[place : token.left], token.text]
        start = length + token.left - place
        length, place = start + len(token.text), token.right
        runs.append(Run(start, length, token.left, token.right, token.name))
    if not whole:
        return None
    return View("".join([*parts, source.text[place:]]), source.begin, source, tuple(runs), tuple(whole))

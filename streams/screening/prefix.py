"""From a pattern to one that matches every beginning of what it matches.

A stream has to hold back the text that may still become a finding: the longest tail that ``prefixes(pattern)``
matches at its end. The patterns understood are characters, ``\\`` escapes, classes, groups without a name,
alternatives and repeats: a subset of RE2's syntax, in which every beginning can be written down.

Counts above ``EXACT`` become "any number", which keeps the automaton small: more is held back, never less.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

EXACT = 3
Node = Union["Char", "Repeat", "Sequence", "Choice"]


@dataclass(frozen=True)
class Char:
    """One character: a literal, an escape or a class."""

    source: str


@dataclass(frozen=True)
class Repeat:
    body: Node
    low: int
    high: int | None


@dataclass(frozen=True)
class Sequence:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    options: tuple[Node, ...]


def prefixes(pattern: str) -> str:
    """A pattern for the non-empty beginnings of what ``pattern`` matches, whole matches included.

    Raises:
        ValueError: the pattern uses something outside the subset, or repeats something that may be empty.
    """
    return _begin(parse(pattern))


def parse(pattern: str) -> Node:
    """The pattern as a tree.

    Raises:
        ValueError: the pattern uses something outside the subset.
    """
    reader = _Reader(pattern)
    node = reader.choice()
    if reader.at < len(pattern):
        raise ValueError(f"cannot read {pattern!r} at {reader.at}")
    return node


def mirrored(pattern: str) -> str:
    """A pattern for the reverse of what ``pattern`` matches.

    Raises:
        ValueError: the pattern uses something outside the subset.
    """
    reader = _Reader(pattern)
    node = reader.choice()
    if reader.at < len(pattern):
        raise ValueError(f"cannot read {pattern!r} at {reader.at}")
    return _mirror(node)


def _mirror(node: Node) -> str:
    match node:
        case Char(source):
            return source
        case Repeat(body, low, high):
            return f"(?:{_mirror(body)}){{{low},{'' if high is None else high}}}"
        case Sequence(parts):
            return "".join(map(_mirror, reversed(parts)))
        case Choice(options):
            return f"(?:{'|'.join(map(_mirror, options))})"


def _whole(node: Node) -> str:
    match node:
        case Char(source):
            return source
        case Repeat(body, low, high):
            return f"(?:{_whole(body)}){_times(min(low, 1), high)}"
        case Sequence(parts):
            return "".join(map(_whole, parts))
        case Choice(options):
            return f"(?:{'|'.join(map(_whole, options))})"


def _begin(node: Node) -> str:
    match node:
        case Char(source):
            return source
        case Repeat(Char(source), _, high):
            return f"{source}{_times(1, high)}"
        case Repeat(body, _, high):
            return f"(?:{_whole(body)}){_times(0, high and high - 1)}{_begin(body)}"
        case Sequence(parts):
            return _begin_sequence(parts)
        case Choice(options):
            return f"(?:{'|'.join(map(_begin, options))})"


def _times(low: int, high: int | None) -> str:
    return f"{{{low},{high if high is not None and high <= EXACT else ''}}}"


def _begin_sequence(parts: tuple[Node, ...]) -> str:
    """Built from the end, so that long words need no recursion."""
    pattern = _begin(parts[-1])
    for part in reversed(parts[:-1]):
        whole = _whole(part)
        pattern = f"{whole}(?:{pattern})?" if isinstance(part, Char) else f"(?:{_begin(part)}|{whole}{pattern})"
    return pattern


class _Reader:
    """A recursive-descent reader of the subset."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def choice(self) -> Node:
        options = [self.sequence()]
        while self._next("|"):
            options.append(self.sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Node:
        parts = tuple(self._parts())
        if not parts:
            raise ValueError(f"empty alternative in {self.pattern!r} at {self.at}")
        return parts[0] if len(parts) == 1 else Sequence(parts)

    def _parts(self) -> Iterator[Node]:
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            atom = self._atom()
            low, high = self._repeat()
            yield atom if (low, high) == (1, 1) else Repeat(atom, low, high)

    def _atom(self) -> Node:
        start = self.at
        if self._next("(?:"):
            node = self.choice()
            if not self._next(")"):
                raise ValueError(f"unclosed group in {self.pattern!r}")
            return node
        if self.pattern[start] in "()*+?{}^$":
            raise ValueError(f"{self.pattern[start]!r} in {self.pattern!r} at {start} is not understood here")
        end = self._class_end(start) if self.pattern[start] == "[" else self._character_end(start)
        self.at = end + 1
        source = self.pattern[start : self.at]
        if source in (r"\b", r"\B", r"\A", r"\z"):
            raise ValueError(f"{source} in {self.pattern!r}: borders are given beside the pattern")
        return Char(source)

    def _class_end(self, start: int) -> int:
        at = start + 1
        while self.pattern[at] != "]" or at == start + 1:
            at += 2 if self.pattern[at] == "\\" else 1
        return at

    def _character_end(self, start: int) -> int:
        """``a``, ``\\n``, ``\\x0a`` or ``\\x{10ffff}``."""
        if not self.pattern.startswith("\\", start):
            return start
        if self.pattern.startswith("\\x{", start):
            return self.pattern.index("}", start)
        return start + (3 if self.pattern.startswith("\\x", start) else 1)

    def _repeat(self) -> tuple[int, int | None]:
        for sign, bounds in (("?", (0, 1)), ("*", (0, None)), ("+", (1, None))):
            if self._next(sign):
                return bounds
        if not self._next("{"):
            return 1, 1
        end = self.pattern.index("}", self.at)
        low, comma, high = self.pattern[self.at : end].partition(",")
        self.at = end + 1
        return int(low), int(low) if not comma else int(high) if high else None

    def _next(self, text: str) -> bool:
        if not self.pattern.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

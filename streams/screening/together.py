"""Many patterns over one text: in groups, since an automaton of all would have more states than can be kept, and only
those groups whose patterns may match in it."""

from collections.abc import Sequence
from typing import Any

import re2

from streams.screening.detector import options
from streams.screening.need import Need, had_by
from streams.screening.view import EDGE

GROUP = 240
MEMORY = 2**27
"""Bytes for the automaton of a group; it starts anew when they are full."""


class Together:
    """Which patterns match somewhere in a text; each comes with what it needs there."""

    def __init__(self, patterns: Sequence[tuple[str, Need]]) -> None:
        self._groups = list[tuple[Need, list[int], Any]]()
        for kind in Need:
            chosen = [number for number, (_, need) in enumerate(patterns) if need is kind]
            for start in range(0, len(chosen), GROUP):
                numbers = chosen[start : start + GROUP]
                self._groups.append((kind, numbers, _group([patterns[each][0] for each in numbers])))

    def match(self, data: bytes) -> list[int] | None:
        """The numbers of the patterns that match in ``data``, which ends in an edge; ``None`` where that failed."""
        found, had = list[int](), had_by(data)
        for kind, numbers, group in self._groups:
            if kind in had:
                matched = group.Match(data)
                if not matched or 0 not in matched:
                    return None
                found += [numbers[each - 1] for each in matched if each]
        return found


class Endings:
    """Where the longest end of a text begins that one of the patterns matches; ``behind`` are patterns that begin with
    the character before."""

    def __init__(self, patterns: Sequence[str], behind: Sequence[str] = ()) -> None:
        self._groups = [(0, each) for each in _endings(patterns)] + [(1, each) for each in _endings(behind)]

    def start(self, text: str, begin: int) -> int:
        """The first ``begin`` characters, one at least, come before what is asked about."""
        found = ((skipped, group.search(text, max(begin - skipped, 0))) for skipped, group in self._groups)
        return min((each.start() + skipped for skipped, each in found if each), default=len(text))


def _endings(patterns: Sequence[str]) -> list[Any]:
    groups = (patterns[start : start + GROUP] for start in range(0, len(patterns), GROUP))
    return [re2.compile(f"(?:{'|'.join(group)})\\z", options(MEMORY)) for group in groups]


def _group(patterns: Sequence[str]) -> Any:
    """Pattern 0 is the edge, which every text has: without it the match failed."""
    together = re2.Set.SearchSet(options(MEMORY))
    for pattern in (EDGE, *patterns):
        together.Add(pattern)
    together.Compile()
    return together

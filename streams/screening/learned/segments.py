"""A text in segments, for detectors that judge sentences: the same ones however the text arrives.

From its start a text is cut behind the first sentence end or newline that comes after ``LEAST`` characters, else
behind the last space before ``MOST``, else there. What comes later moves no cut.
"""

import re
from collections.abc import Iterator

LEAST = 100
MOST = 400
_END = re.compile(r"[。！？!?\n]|[.;；…]\s")
"""One or two characters, so that an end is known when it is there."""

Segment = tuple[int, str]
"""Where it begins in the text, and the segment."""


def segments(text: str) -> Iterator[Segment]:
    """All segments of a whole text but blank ones."""
    segmenter = Segmenter()
    for segment in (*segmenter.feed(text), (segmenter.start, segmenter.rest)):
        if segment[1].strip():
            yield segment


class Segmenter:
    """The segments of a text that arrives in pieces. ``rest``, which begins at ``start``, is still open."""

    def __init__(self) -> None:
        self.start = 0
        self.rest = ""

    def feed(self, piece: str) -> list[Segment]:
        """The segments that ``piece`` closes."""
        text, place, closed = self.rest + piece, 0, []
        while end := _end(text, place):
            closed.append((self.start, text[place:end]))
            self.start += end - place
            place = end
        self.rest = text[place:]
        return [segment for segment in closed if segment[1].strip()]


def _end(text: str, start: int) -> int:
    """Where the segment from ``start`` ends; 0 while that is open."""
    found = _END.search(text, start + LEAST - 1, start + MOST)
    if found:
        return found.end()
    if len(text) - start < MOST:
        return 0
    space = text.rfind(" ", start + LEAST, start + MOST)
    return space + 1 if space >= 0 else start + MOST

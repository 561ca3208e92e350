"""From tokens to text that may be shown: whole characters only, and never a part of a stop string."""

from collections.abc import Callable, Sequence

UNKNOWN = "\ufffd"
MOST_HELD = 8
"""Tokens held back for a character that is not whole yet; UTF-8 needs four bytes, so four tokens, at most."""


class Detokenizer:
    """Text of one token after another. ``decode`` makes text of token ids; the two tokens before give it the context
    in which it keeps or drops spaces."""

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._start = self._shown = 0

    def feed(self, token: int) -> str:
        """The text that is whole with this token; empty while a character misses bytes."""
        self._ids.append(token)
        whole = self._decode(self._ids[self._start :])
        if whole.endswith(UNKNOWN) and len(self._ids) - self._shown < MOST_HELD:
            return ""
        known = self._decode(self._ids[self._start : self._shown])
        self._start, self._shown = self._shown, len(self._ids)
        return whole[len(known) :]

    def finish(self) -> str:
        """What is left, without the character that never became whole."""
        known = self._decode(self._ids[self._start : self._shown])
        return self._decode(self._ids[self._start :])[len(known) :].rstrip(UNKNOWN)


class StopStrings:
    """Lets text through up to the first stop string, which is the one that ends first."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self.stopped = False

    def feed(self, text: str) -> str:
        """The text that is in no stop string, whatever follows."""
        if self.stopped:
            return ""
        self._held += text
        found = [(at + len(stop), at) for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            return self._held[: min(found)[1]]
        keep = max((overlap(self._held, stop) for stop in self._stops), default=0)
        safe, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return safe

    def finish(self) -> str:
        """What was held back for a stop string that did not come."""
        return "" if self.stopped else self._held


def overlap(text: str, stop: str) -> int:
    """The length of the longest end of ``text`` that ``stop`` begins with, and that is not all of it."""
    return next((size for size in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:size])), 0)

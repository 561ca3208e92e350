"""Screening of a text that arrives in pieces: what may leave now, with nothing prohibited in it, even in part.

The text is cut where nothing that began before can still become a find and no find lies across. Up to there the
whole text's verdict is settled, and from there it is as if the text began, so only the short tail is looked at again.
Where a learned detector may order something to be kept back, nothing leaves before its segment is over and judged. A
text of which more has to be kept back than the policy says is suspicious: the rest waits for the verdict on the whole.
"""

import sys

from schemas.errors import InternalError
from schemas.policies import ScreeningPolicy
from schemas.screening import Action, Direction, Measure, Verdict
from streams.screening.detector import Hit, moved, outermost
from streams.screening.learned.segments import Segmenter
from streams.screening.normal import normalise
from streams.screening.rulebook import redact
from streams.screening.screener import NOTHING, Own, Screener
from streams.screening.view import CONTEXT, EDGE

OFTEN = 1024
"""While fewer characters are held back, each piece is looked at; from then on only when they have doubled, so that
the cost of a stream stays linear."""


class StreamScreen:
    """One stream. What all calls of ``feed`` and ``finish`` return makes up ``Screener.screen`` of the whole text,
    unless it is blocked: then what was released is a beginning without the prohibited part."""

    def __init__(
        self, screener: Screener, direction: Direction, policy: ScreeningPolicy, version: str, own: Own = NOTHING
    ) -> None:
        self._own = own
        self._screener, self._policy, self._version, self._direction = screener, policy, version, direction
        self._book = screener.book(policy)
        self._patterns = self._book.streamed(direction)
        self._pieces: list[str] = []
        self._released: list[str] = []
        self._held = ""
        self._begin = 0
        self._before = EDGE
        self._patience = 0
        self._segmenter = Segmenter() if self._book.withholds(direction, screener.panel.entities) else None
        self._learned: list[Hit] = []
        self._failed = set[str]()
        self.blocked = False

    def feed(self, delta: str) -> str:
        """The screened text that may leave now that ``delta`` is there; may be empty."""
        self._pieces.append(delta)
        self._held += delta
        if self._segmenter:
            found = self._screener.panel.hits(self._segmenter.feed(delta), self._failed)
            self._learned += [hit for hit in found if self._book.heeds(self._direction, hit)]
        if self.blocked or len(self._held) < self._patience or self._goes_on():
            return ""
        cut, hits = self._settle()
        kept = len(self._held) - cut
        self._patience = sys.maxsize if kept > self._policy.hold_back else 2 * kept if kept > OFTEN else 0
        self.blocked = self._fails() or any(self._action(hit) is Action.BLOCK for hit in hits)
        return "" if self.blocked else self._release(cut, hits)

    def finish(self) -> tuple[str, Verdict]:
        """What is left, and the verdict on the whole text.

        Raises:
            InternalError: what was released is not how the whole screened text begins.
        """
        whole = self._screener.screen(
            "".join(self._pieces), self._direction, self._policy, self._version, own=self._own
        )
        self.blocked = whole.verdict.action is Action.BLOCK
        if self.blocked:
            return "", whole.verdict
        released = "".join(self._released)
        if not whole.text.startswith(released):
            raise InternalError("the released part of a stream differs from the screened whole")
        return whole.text[len(released) :], whole.verdict

    def _goes_on(self) -> bool:
        """Whether one short word is held, which is not over."""
        return self._held.isalnum() and self._held.isascii() and len(self._held) < min(OFTEN, self._policy.hold_back)

    def _settle(self) -> tuple[int, list[Hit]]:
        """Where the held text may be cut, and the hits before that, which no further text can change."""
        hits, walls, _ = self._patterns.read(self._held, self._before, self._failed)
        cut = self._patterns.held(self._held, self._before)
        if self._segmenter:
            cut = min(cut, self._segmenter.start - self._begin)
            learned = [moved(hit, -self._begin) for hit in self._learned]
            hits.extend(learned)
            walls.extend((hit.start, hit.end) for hit in learned)
        for left, right in sorted(walls, key=lambda wall: -wall[1]):
            if left < cut < right:
                cut = left
        return cut, outermost(hit for hit in hits if hit.end <= cut)

    def _fails(self) -> bool:
        return bool(self._failed) and self._policy.on_failure is Measure.BLOCK

    def _redacts(self, hit: Hit) -> bool:
        """What the reader gave is not redacted, nor what the policy lets through."""
        return self._action(hit) is Action.REDACT and self._held[hit.start : hit.end] not in self._own

    def _action(self, hit: Hit) -> Action:
        return self._book.judge(self._direction, hit.entity, hit.score).action

    def _release(self, cut: int, hits: list[Hit]) -> str:
        text = redact(self._held[:cut], filter(self._redacts, hits))
        before = (self._before + self._held[:cut])[-CONTEXT:]
        self._before = before if normalise(before).text else self._before
        self._held = self._held[cut:]
        self._begin += cut
        self._learned = [hit for hit in self._learned if hit.end > self._begin]
        self._released.append(text)
        return text

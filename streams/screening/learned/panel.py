"""All learned detectors of a process, asked together."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from streams.screening.detector import Hit, moved
from streams.screening.learned.port import Classifier
from streams.screening.learned.segments import Segment, segments

log = logging.getLogger(__name__)


class Passage(NamedTuple):
    """A text to judge: one as it came, or what a ``span`` of it says when it is seen through a disguise."""

    text: str
    span: tuple[int, int] | None = None
    disguise: str = ""

    def placed(self, hit: Hit, start: int) -> Hit:
        """A hit in what begins at ``start`` as one in the text as it came."""
        if self.span is None:
            return moved(hit, -start)
        return hit._replace(start=self.span[0], end=self.span[1], detector=f"{hit.detector}/{self.disguise}")


class Panel:
    """Some classifiers; one that raises is named and the others are heard."""

    def __init__(self, classifiers: Sequence[Classifier] = ()) -> None:
        self._classifiers = tuple(classifiers)

    @property
    def entities(self) -> frozenset[str]:
        return frozenset[str]().union(*(each.entities for each in self._classifiers))

    @property
    def versions(self) -> tuple[str, ...]:
        return tuple(f"{each.name}@{each.version}" for each in self._classifiers)

    def found(self, texts: Sequence[Sequence[Passage]], failed: Sequence[set[str]]) -> list[list[Hit]]:
        """What they find in the passages of each text, and the names of those that fail on it. All texts are judged at
        once; when one fails then, text by text, so that none fails on account of another."""
        together = set[str]()
        found = self._together(texts, together)
        if together and len(texts) > 1:
            return [self._together([each], names)[0] for each, names in zip(texts, failed, strict=True)]
        for names in failed:
            names.update(together)
        return found

    def _together(self, texts: Sequence[Sequence[Passage]], failed: set[str]) -> list[list[Hit]]:
        """As if each passage stood behind the one before."""
        asked, owners, at = list[Segment](), dict[int, tuple[int, Passage, int]](), 0
        for number, passages in enumerate(texts):
            for passage in passages:
                for place, segment in segments(passage.text):
                    asked.append((at + place, segment))
                    owners[at + place] = number, passage, at
                at += len(passage.text)
        found: list[list[Hit]] = [[] for _ in texts]
        for hit in self.hits(asked, failed):
            number, passage, start = owners[hit.start]
            found[number].append(passage.placed(hit, start))
        return found

    def hits(self, segments: Sequence[Segment], failed: set[str]) -> list[Hit]:
        """What they find; the names of those that fail go into ``failed``."""
        found: list[Hit] = []
        if not segments:
            return found
        for each in self._classifiers:
            try:
                found += [hit._replace(version=each.version) for hit in each.find(segments)]
            except Exception:
                log.exception("the detector %s failed", each.name)
                failed.add(each.name)
        return found

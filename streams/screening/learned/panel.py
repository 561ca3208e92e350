"""All learned detectors of a process, asked together."""

import logging
from collections.abc import Sequence

from streams.screening.detector import Hit
from streams.screening.learned.port import Classifier
from streams.screening.learned.segments import Segment

log = logging.getLogger(__name__)


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

"""Whether every record that clients published was decided about, and every request that was let in came to one end."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from schemas.base import Source
from streams.audit.verifier.log import Entry

LET_IN = frozenset({"admitted", "answered"})
MOST = 1000
"""So many of each kind are named; of all there are counts."""


@dataclass
class Ranges:
    """Offsets that were seen, as ranges that do not touch. Mostly in order, so there are few."""

    spans: list[list[int]] = field(default_factory=list)

    def add(self, offset: int) -> None:
        for at in range(len(self.spans) - 1, -1, -1):
            start, stop = self.spans[at]
            if start <= offset < stop:
                return
            if offset == stop:
                self.spans[at][1] += 1
                self._join(at)
                return
            if offset > stop:
                self.spans.insert(at + 1, [offset, offset + 1])
                self._join(at + 1)
                return
        self.spans.insert(0, [offset, offset + 1])
        self._join(0)

    def _join(self, at: int) -> None:
        if at + 1 < len(self.spans) and self.spans[at][1] == self.spans[at + 1][0]:
            self.spans[at][1] = self.spans.pop(at + 1)[1]

    def missing(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The ranges between two offsets that were not seen."""
        at = start
        for first, last in self.spans:
            if first >= stop:
                break
            if first > at:
                yield at, first
            at = max(at, last)
        if at < stop:
            yield at, stop


@dataclass
class Findings:
    """``undecided``: records that nothing was said about. ``ends`` of a request: more than one."""

    requests: int = 0
    ended: int = 0
    repeated: int = 0
    undecided: list[str] = field(default_factory=list)
    in_flight: list[str] = field(default_factory=list)
    endless: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    beyond: dict[str, int] = field(default_factory=dict)
    """Of each partition how many records retention took before they could be counted."""
    waiting: dict[str, int] = field(default_factory=dict)
    """Of each partition how many records the platform has not come to yet."""

    @property
    def complete(self) -> bool:
        return not (self.undecided or self.endless or self.twice)


@dataclass
class Completeness:
    """Give it all audit records of a partition, ``close`` it, and go on with the next: what is said of one request is
    in one partition. Then hold it against the ends of the topics that clients write to."""

    at: datetime
    patience: timedelta
    """A request that has no end for longer has none."""
    findings: Findings = field(default_factory=Findings)
    _seen: dict[tuple[str, int], Ranges] = field(default_factory=dict)
    _open: dict[str, str] = field(default_factory=dict)
    _ends: dict[str, str] = field(default_factory=dict)

    def see(self, entries: Iterable[Entry], read: Callable[[bytes], dict[str, Any]]) -> None:
        for entry in entries:
            audit = read(entry.value)
            if audit.get("action") == "admission":
                self._admission(audit)
            elif audit.get("action") == "release":
                self._release(audit)

    def close(self) -> None:
        """All of a partition was seen."""
        for request, since in self._open.items():
            young = self.at - datetime.fromisoformat(since) < self.patience
            _name(self.findings.in_flight if young else self.findings.endless, request)
        self._open.clear()
        self._ends.clear()

    def hold(self, topic: str, partition: int, low: int, done: int, high: int) -> None:
        """Every offset that is there, up to what the platform has done, was decided about."""
        seen = self._seen.get((topic, partition), Ranges())
        if low:
            self.findings.beyond[f"{topic}/{partition}"] = low
        if high > done:
            self.findings.waiting[f"{topic}/{partition}"] = high - max(done, low)
        for start, stop in seen.missing(low, done):
            last = f" to {stop - 1}" if stop - start > 1 else ""
            _name(self.findings.undecided, f"{topic}/{partition}@{start}{last}")

    def _admission(self, audit: dict[str, Any]) -> None:
        source = Source.model_validate(audit["source"])
        seen = self._seen.setdefault((source.topic, source.partition), Ranges())
        seen.add(source.offset)
        request = str(audit.get("request_id"))
        if audit.get("status") in LET_IN and request not in self._ends and request not in self._open:
            self.findings.requests += 1
            self._open[request] = str(audit["time"])

    def _release(self, audit: dict[str, Any]) -> None:
        """A redelivery says the same again, under the same id."""
        request, said = str(audit.get("request_id")), str(audit.get("id"))
        before = self._ends.get(request)
        if before is None:
            self._ends[request] = said
            self.findings.ended += 1
            self._open.pop(request, None)
        elif before == said:
            self.findings.repeated += 1
        else:
            _name(self.findings.twice, request)


def _name(names: list[str], name: str) -> None:
    if len(names) < MOST:
        names.append(name)

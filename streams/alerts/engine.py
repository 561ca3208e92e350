"""From audit events to alerts: rules, sliding windows, first sights, and quiet times. Time is the events' own."""

from bisect import insort
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from infra.broker import Record
from schemas.audit import Severity
from streams.alerts.document import AlertDocument, Rule
from streams.audit.conditions import decisions, severity

GROUPS = 10_000
"""Groups, windows and values remembered for each rule; the one not heard of for longest goes first."""
Group = tuple[str, ...]
OWN = "alert"
"""The action of records about alerts themselves, which no rule sees."""


@dataclass(frozen=True)
class Alert:
    """One thing to tell people. ``count`` events since ``since_ms``; ``repeated``: in a quiet time that is over."""

    rule: str
    group: dict[str, str]
    channels: tuple[str, ...]
    severity: Severity
    count: int
    since_ms: int
    until_ms: int
    action: str
    code: str
    request_id: str
    source: str
    repeated: bool = False


@dataclass
class Quiet:
    """A group that was told of. What comes until it ends is counted, and the last of it kept."""

    ends_ms: int
    count: int = 0
    since_ms: int = 0
    last: Alert | None = None

    def add(self, alert: Alert) -> None:
        self.since_ms = self.since_ms or alert.until_ms
        self.last, self.count = alert, self.count + 1

    def summary(self) -> Alert | None:
        if self.last is None:
            return None
        return replace(self.last, count=self.count, since_ms=self.since_ms, repeated=True)


class Watched:
    """One rule with what it remembers."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._times: OrderedDict[Group, list[int]] = OrderedDict()
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._quiet: OrderedDict[Group, Quiet] = OrderedDict()

    def observe(self, audit: dict[str, Any], record: Record, *, history: bool) -> Alert | None:
        if not self.rule.when(audit):
            return None
        group = tuple(value_of(audit, name) for name in self.rule.by)
        count = self._count(audit, group, record.timestamp_ms)
        if history or not count:
            return None
        return self._told(group, self._alert(audit, group, record, count))

    def due(self, now_ms: int) -> Iterator[Alert]:
        """What was counted in quiet times that are over."""
        for group, quiet in list(self._quiet.items()):
            if quiet.ends_ms <= now_ms:
                del self._quiet[group]
                if told := quiet.summary():
                    self._hush(group, now_ms)
                    yield told

    def _count(self, audit: dict[str, Any], group: Group, moment: int) -> int:
        """How many events the rule now speaks of; 0 is none."""
        if self.rule.first_seen:
            value = value_of(audit, self.rule.first_seen.field)
            before = self._seen.pop(value, None)
            _keep(self._seen, value, max(moment, before or 0))
            return int(bool(value) and (before is None or moment - before > self.rule.first_seen.within_s * 1000))
        if not self.rule.rate:
            return 1
        times = self._times.pop(group, [])
        _keep(self._times, group, times)
        insort(times, moment)
        del times[: -self.rule.rate.count]
        full = len(times) == self.rule.rate.count
        return len(times) if full and times[-1] - times[0] <= self.rule.rate.within_s * 1000 else 0

    def _told(self, group: Group, alert: Alert) -> Alert | None:
        """The alert, unless it is a quiet time; when one has just ended, all that was counted in it."""
        quiet = self._quiet.get(group)
        if quiet and alert.until_ms < quiet.ends_ms:
            quiet.add(alert)
            return None
        self._hush(group, alert.until_ms)
        if quiet and quiet.count:
            quiet.add(alert)
            return quiet.summary()
        return alert

    def _hush(self, group: Group, moment: int) -> None:
        self._quiet.pop(group, None)
        _keep(self._quiet, group, Quiet(moment + int(self.rule.quiet_s * 1000)))

    def _alert(self, audit: dict[str, Any], group: Group, record: Record, count: int) -> Alert:
        times = self._times.get(group)
        return Alert(
            rule=self.rule.name,
            group=dict(zip(self.rule.by, group, strict=True)),
            channels=self.rule.channels,
            severity=severity(audit),
            count=count,
            since_ms=times[0] if times else record.timestamp_ms,
            until_ms=record.timestamp_ms,
            action=value_of(audit, "action"),
            code=value_of(audit, "code"),
            request_id=value_of(audit, "request_id"),
            source=str(record.source),
        )


class Engine:
    """All rules of a document over the records of the audit topic."""

    def __init__(self, document: AlertDocument) -> None:
        self._rules = [Watched(rule) for rule in document.rules]

    def observe(self, audit: dict[str, Any], record: Record, *, history: bool = False) -> list[Alert]:
        """What to tell of a record. ``history`` is of before anybody watched: remembered, and told to nobody."""
        if audit.get("action") == OWN:
            return []
        return [alert for rule in self._rules if (alert := rule.observe(audit, record, history=history))]

    def due(self, now_ms: int) -> list[Alert]:
        return [alert for rule in self._rules for alert in rule.due(now_ms)]


def value_of(audit: dict[str, Any], name: str) -> str:
    """A field that events are grouped by; the code is that of the last decision that gives one."""
    if name == "code":
        return next((str(each["code"]) for each in reversed(decisions(audit)) if each.get("code")), "")
    return str(audit.get(name) or "")


def _keep(memory: OrderedDict[Any, Any], key: object, value: object) -> None:
    memory[key] = value
    if len(memory) > GROUPS:
        memory.popitem(last=False)

"""Rules over events: which are told of, when, and how often. Times are seconds."""

from typing import Any

import pytest

from streams.alerts import engine as module
from streams.alerts.engine import Engine
from tests.streams.alerts.making import at, audit, document, rule

RATE = rule(rate={"count": 3, "within_s": 10}, quiet_s=5)
FIRST = rule(name="new-actor", when={}, first_seen={"field": "actor", "within_s": 100}, by=["actor"], quiet_s=1)


def told(given: dict[str, Any], *events: tuple[float, dict[str, Any]]) -> list[int]:
    """The count of what each event brought about, 0 for nothing."""
    engine = Engine(document(given))
    return [sum(alert.count for alert in engine.observe(event, at(second))) for second, event in events]


@pytest.mark.parametrize(
    ("given", "moments", "counts"),
    [
        # each event is told of, but within the quiet time it is counted
        (rule(), [0, 1, 59, 60, 61], [1, 0, 0, 3, 0]),
        # the third within ten seconds
        (RATE, [0, 4, 9], [0, 0, 3]),
        # the window slides
        (RATE, [0, 9, 11, 12], [0, 0, 0, 3]),
        (RATE, [0, 6, 12, 18, 24], [0, 0, 0, 0, 0]),
        # one that comes late is counted where it belongs
        (RATE, [20, 0, 21, 22], [0, 0, 0, 3]),
        # first seen, then known, then forgotten
        (FIRST, [0, 1, 90, 191], [1, 0, 0, 1]),
    ],
)
def test_when_people_are_told(given: dict[str, Any], moments: list[float], counts: list[int]) -> None:
    assert told(given, *((moment, audit()) for moment in moments)) == counts


def test_groups_are_counted_apart() -> None:
    events = [(float(n), audit(tenant=tenant)) for n, tenant in enumerate("abababa")]
    assert told(RATE, *events) == [0, 0, 0, 0, 3, 3, 0]


def test_what_a_quiet_time_counted_is_told_when_it_ends() -> None:
    engine = Engine(document(rule()))
    for second in range(5):
        engine.observe(audit(request_id=f"r{second}"), at(second, offset=second))
    assert engine.due(59_000) == []
    [alert] = engine.due(60_000)
    assert (alert.count, alert.repeated, alert.request_id) == (4, True, "r4")
    assert (alert.since_ms, alert.until_ms, alert.source) == (1000, 4000, "t.audit:0:4")
    assert engine.due(10**9) == []  # nothing more came: nothing to tell


def test_a_new_quiet_time_begins_with_what_was_told() -> None:
    engine = Engine(document(rule()))
    for second in (0, 1):
        engine.observe(audit(), at(second))
    assert len(engine.due(60_000)) == 1
    assert engine.observe(audit(), at(61)) == []
    assert [alert.count for alert in engine.due(120_000)] == [1]


def test_alerts_about_alerts_are_none() -> None:
    assert told(rule(when={"outcome": ["*"]}), (0, audit(action="alert"))) == [0]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GROUPS", 10)
    engine = Engine(document(RATE, FIRST))
    for number in range(1000):
        engine.observe(audit(tenant=f"t{number}", actor=f"k{number}"), at(0))
    for watched in engine._rules:
        assert max(len(watched._times), len(watched._seen), len(watched._quiet)) <= 10

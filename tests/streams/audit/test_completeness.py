"""Every record decided about, every request that was let in at one end; else it is named."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.audit.completeness import MOST, Completeness, Ranges
from streams.audit.exported import decoded
from streams.audit.verifier.log import Entry

AT = datetime(2026, 1, 2, tzinfo=UTC)
LONG_AGO, JUST_NOW = "2026-01-01T00:00:00Z", "2026-01-01T23:59:59Z"


def admission(offset: int, request: str, status: str = "admitted", time: str = LONG_AGO) -> dict[str, Any]:
    source = {"topic": "requests", "partition": 0, "offset": offset}
    return {
        "id": f"in:{offset}",
        "action": "admission",
        "request_id": request,
        "status": status,
        "time": time,
        "source": source,
    }


def release(result: int, request: str) -> dict[str, Any]:
    return {"id": f"out:{result}", "action": "release", "request_id": request, "status": "completed", "time": LONG_AGO}


def counted(*partitions: list[dict[str, Any]], high: int, done: int | None = None, low: int = 0) -> Completeness:
    count = Completeness(AT, timedelta(minutes=5))
    for audits in partitions:
        count.see([Entry(at, orjson.dumps(audit)) for at, audit in enumerate(audits)], decoded)
        count.close()
    count.hold("requests", 0, low, high if done is None else done, high)
    return count


def test_all_is_well() -> None:
    count = counted(
        [admission(0, "a"), release(0, "a"), admission(1, "b", "refused"), admission(2, "a", "dropped")],
        [admission(3, "c"), release(1, "c"), release(1, "c")],
        high=4,
    )

    findings = count.findings
    assert findings.complete
    assert (findings.requests, findings.ended, findings.repeated) == (2, 2, 1)


@pytest.mark.parametrize(
    ("audits", "what", "named"),
    [
        ([admission(0, "a"), release(0, "a")], "undecided", ["requests/0@1 to 2"]),
        ([admission(0, "a"), release(0, "a"), admission(2, "b"), release(1, "b")], "undecided", ["requests/0@1"]),
        ([*(admission(n, "a", "dropped") for n in range(3)), admission(0, "x")], "endless", ["x"]),
        ([*(admission(n, "a", "dropped") for n in range(3)), release(0, "y"), release(1, "y")], "twice", ["y"]),
    ],
)
def test_what_is_wrong_is_named(audits: list[dict[str, Any]], what: str, named: list[str]) -> None:
    findings = counted(audits, high=3).findings

    assert not findings.complete
    assert getattr(findings, what) == named


def test_what_is_young_waiting_or_beyond_retention_is_no_fault() -> None:
    count = counted([admission(5, "a", time=JUST_NOW)], low=5, done=6, high=9)

    assert count.findings.complete
    assert count.findings.in_flight == ["a"]
    assert count.findings.waiting == {"requests/0": 3}
    assert count.findings.beyond == {"requests/0": 5}


def test_names_are_bounded() -> None:
    count = counted([admission(2 * n, "a", "dropped") for n in range(5000)], high=10_000)

    assert len(count.findings.undecided) == MOST
    assert not count.findings.complete


@given(st.lists(st.integers(0, 60), max_size=60), st.integers(0, 30), st.integers(0, 60))
def test_ranges_are_those_of_a_set(offsets: list[int], start: int, stop: int) -> None:
    ranges = Ranges()
    for offset in offsets:
        ranges.add(offset)

    missing = [each for first, last in ranges.missing(start, stop) for each in range(first, last)]
    assert missing == [each for each in range(start, stop) if each not in set(offsets)]
    assert all(one[1] < other[0] for one, other in zip(ranges.spans, ranges.spans[1:], strict=False))

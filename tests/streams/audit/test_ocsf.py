"""Each record is an event of its class, with all that the class requires and nothing that it does not know."""

import json
from typing import Any

import orjson
import pytest

from infra.broker import Record
from streams.audit.formats import ocsf

NASTY = 'x\r\n\u2028\x00"}]{\n'
BASE: dict[str, Any] = {
    "id": "in:a:0:1", "request_id": "r-1", "tenant": "acme", "actor": "key-1", "time": "2026-11-18T11:06:40Z",
}  # fmt: skip
COMMON = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"}
OPTIONAL = {"activity_name", "status_id", "status_code", "status_detail", "message", "unmapped"}
OF_CLASS = {
    2004: {"finding_info", "evidences"},
    3001: {"user", "actor"},
    3002: {"user", "service", "actor"},
    3004: {"entity", "actor"},
    6002: {"app"},
    6003: {"api", "actor", "src_endpoint"},
}
"""What each class of 1.3.0 requires, or wants one of, and what we add that it knows."""


def event(**audit: Any) -> dict[str, Any]:
    said = {**BASE, **audit}
    record = Record("headrace.audit", 2, 7, b"r-1", orjson.dumps(said), (), 1_795_000_000_123)
    found: dict[str, Any] = json.loads(ocsf(record, said))
    return found


def refused(code: str) -> list[dict[str, Any]]:
    return [{"stage": "admission", "outcome": "refused", "code": code}]


@pytest.mark.parametrize(
    ("action", "status", "code", "kind", "activity", "state"),
    [
        ("admission", "admitted", "", 6003, 1, 1),
        ("admission", "refused", "rate_limit_exceeded", 6003, 1, 2),
        ("admission", "refused", "forbidden", 6003, 1, 2),  # known, and not allowed
        ("admission", "refused", "invalid_api_key", 3002, 1, 2),
        ("admission", "refused", "key_revoked", 3002, 1, 2),
        ("admission", "refused", "bad_signature", 3002, 1, 2),
        ("admission", "blocked", "injection", 2004, 1, 1),  # a new finding
        ("release", "blocked", "harm", 2004, 1, 1),
        ("release", "completed", "stop", 6003, 99, 1),
        ("release", "failed", "upstream_failed", 6003, 99, 2),
        ("handover", None, "", 6003, 99, 1),
        ("key", "issued", "", 3001, 1, 1),
        ("key", "revoked", "", 3001, 5, 1),
        ("access", "granted", "request", 3004, 2, 1),
        ("access", "denied", "request", 3004, 2, 2),
        ("registry", "live", "", 3004, 3, 1),
        ("training", "failed", "", 3004, 3, 2),
        ("erasure", "purged", "", 3004, 4, 1),
        ("erasure", "refused", "", 3004, 4, 2),
        ("checkpoint", "troubled", "audit_damaged", 2004, 1, 1),
        ("checkpoint", "well again", "", 2004, 3, 4),  # resolved
        ("start", "started", "", 6002, 3, 1),
        (None, None, "", 6003, 99, 1),
    ],
)
def test_what_each_record_is(
    action: str | None, status: str | None, code: str, kind: int, activity: int, state: int
) -> None:
    found = event(action=action, status=status, decisions=refused(code))

    assert (found["class_uid"], found["activity_id"], found["status_id"]) == (kind, activity, state)
    assert (found["type_uid"], found["category_uid"]) == (kind * 100 + activity, kind // 1000)
    assert found.keys() >= COMMON | OF_CLASS[kind]
    assert found.keys() <= COMMON | OPTIONAL | OF_CLASS[kind]
    assert found.get("status_code") == status
    assert found.get("status_detail", "") == code


@pytest.mark.parametrize(
    ("severity", "number"), [("info", 1), ("low", 2), ("medium", 3), ("high", 4), ("critical", 5), (None, 1)]
)
def test_severity(severity: str | None, number: int) -> None:
    assert event(action="release", severity=severity)["severity_id"] == number


def test_where_it_stands_and_whose_it_is() -> None:
    found = event(action="admission", status="admitted")

    assert found["time"] == 1_795_000_000_123
    assert found["metadata"] == {
        "version": "1.3.0",
        "product": {"name": "Headrace", "vendor_name": "Headrace"},
        "uid": "in:a:0:1",
        "correlation_uid": "r-1",
        "original_time": "2026-11-18T11:06:40Z",
        "logged_time": 1_795_000_000_123,
        "log_name": "headrace.audit",
        "sequence": 7,
    }
    assert found["actor"]["user"] == {"uid": "key-1", "org": {"uid": "acme"}}
    assert found["unmapped"]["audit"]["request_id"] == "r-1"
    assert "org" not in event(action="admission", tenant=None)["actor"]["user"]


@pytest.mark.parametrize("name", [*BASE, "action", "status"])
def test_nasty_text_stays_in_its_field(name: str) -> None:
    found = event(**{"action": "admission", "status": "admitted", name: NASTY})
    assert found["unmapped"]["audit"][name] == NASTY


def test_nothing_is_null() -> None:
    assert None not in event(action="release").values()
    assert None not in event(action="release")["metadata"].values()

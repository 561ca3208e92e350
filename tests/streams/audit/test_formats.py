"""Records as other systems take them; nothing in a record can pass for another one."""

import json
import re
from typing import Any

import orjson
import pytest

from infra.broker import Record
from streams.audit.exported import decoded
from streams.audit.formats import FORMATS, WRITERS, Format, elasticsearch, jsonl, syslog

NASTY = 'x\r\n<134>1 2026-01-01T00:00:00Z evil - - - "\u2028\x00\x1b[31m\ufeff}]{"create":{}}\n'
BASE: dict[str, Any] = {"id": "in:a:0:1", "request_id": "r-1", "tenant": "acme", "actor": "key-1"}
RFC5424 = re.compile(rb"<(\d{1,3})>1 (\S+) (\S{1,255}) headrace - ([!-~]{1,32}) - \xef\xbb\xbf(.*)", re.DOTALL)


def record(audit: dict[str, Any]) -> Record:
    return Record("headrace.audit", 2, 7, b"r-1", orjson.dumps(audit), (), 1_795_000_000_123)


def audits() -> list[dict[str, Any]]:
    """Each field nasty in turn, and all kinds of actions."""
    nasty = [{**BASE, "action": "admission", "status": "admitted", name: NASTY} for name in (*BASE, "action", "status")]
    kinds = [
        {**BASE, "action": action, "status": status}
        for action, status in (
            ("admission", "admitted"),
            ("release", "blocked"),
            ("release", "completed"),
            ("key", "revoked"),
            ("key", "issued"),
            ("access", "denied"),
            ("registry", "live"),
            ("erasure", "completed"),
            ("checkpoint", "troubled"),
        )
    ]
    return [*nasty, *kinds, {}, {"action": None}]


@pytest.mark.parametrize("form", FORMATS)
def test_one_record_is_one_record(form: Format) -> None:
    for audit in audits():
        lines = WRITERS[form](record(audit), audit).rstrip(b"\n").split(b"\n")
        assert len(lines) == (2 if form == "elasticsearch" else 1)
        assert not any(byte < 32 for line in lines for byte in line)


def test_json_lines_carry_all() -> None:
    audit = audits()[0]
    said = json.loads(jsonl(record(audit), audit))

    assert said == {
        "topic": "headrace.audit",
        "partition": 2,
        "offset": 7,
        "time": "2026-11-18T11:06:40.123+00:00",
        "audit": audit,
    }


def test_bulk_lines_have_an_id_of_their_place() -> None:
    action, document = map(json.loads, elasticsearch(record(BASE), BASE).splitlines())

    assert action == {"create": {"_index": "headrace-audit-2026.11", "_id": "headrace.audit:2:7"}}
    assert document["@timestamp"].startswith("2026-11-18T11:06:40.123")
    assert document["severity"] == "info"


@pytest.mark.parametrize(("severity", "priority"), [("info", 110), ("low", 109), ("high", 107), ("critical", 106)])
def test_syslog_is_that_of_rfc_5424(severity: str, priority: int) -> None:
    audit = {**BASE, "action": "admission", "severity": severity}
    found = RFC5424.fullmatch(syslog(record(audit), audit))

    assert found
    assert int(found[1]) == priority
    assert found[2] == b"2026-11-18T11:06:40.123Z"
    assert found[4] == b"admission"
    assert json.loads(found[5])["audit"] == audit


def test_nasty_fields_do_not_break_syslog() -> None:
    for audit in audits():
        assert RFC5424.fullmatch(syslog(record(audit), audit))


@pytest.mark.parametrize("value", [b"", b"junk", b"[1]", b"\xff", b"null"])
def test_what_is_no_record_has_no_fields(value: bytes) -> None:
    assert decoded(value) == {}

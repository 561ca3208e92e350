"""Audit records as other systems take them: JSON lines, Elasticsearch's bulk format, syslog, and OCSF."""

import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import orjson

from infra.broker import Record
from schemas.audit import Severity
from streams.audit.conditions import severity
from streams.audit.ocsf import event

Format = Literal["jsonl", "ocsf", "elasticsearch", "syslog"]
FORMATS: tuple[Format, ...] = get_args(Format)
FACILITY = 13
"""Log audit (RFC 5424, table 1)."""
SYSLOG: Mapping[Severity, int] = {"info": 6, "low": 5, "medium": 4, "high": 3, "critical": 2}
INDEX = "headrace-audit"
BOM = "\ufeff"


def jsonl(record: Record, audit: dict[str, Any]) -> bytes:
    """The record, where it stands, and when."""
    return orjson.dumps({**_place(record), "audit": audit}, option=orjson.OPT_APPEND_NEWLINE)


def elasticsearch(record: Record, audit: dict[str, Any]) -> bytes:
    """Two lines for ``_bulk`` of Elasticsearch and OpenSearch. The id is the record's place, so what is sent again is
    refused as a duplicate (409), not indexed twice."""
    moment = _moment(record)
    action = {"create": {"_index": f"{INDEX}-{moment:%Y.%m}", "_id": str(record.source)}}
    document = {"@timestamp": moment.isoformat(), **_place(record), "severity": severity(audit), "audit": audit}
    return orjson.dumps(action) + b"\n" + orjson.dumps(document) + b"\n"


def syslog(record: Record, audit: dict[str, Any]) -> bytes:
    """One message (RFC 5424), without a frame. JSON escapes what could end a line, so nothing can be forged."""
    priority = FACILITY * 8 + SYSLOG[severity(audit)]
    moment = _moment(record).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    action = "".join(char for char in str(audit.get("action") or "-") if "!" <= char <= "~")[:32] or "-"
    head = f"<{priority}>1 {moment} {_host()} headrace - {action} - "
    return head.encode() + BOM.encode() + jsonl(record, audit).rstrip(b"\n")


def ocsf(record: Record, audit: dict[str, Any]) -> bytes:
    """One event of the Open Cybersecurity Schema Framework."""
    return orjson.dumps(event(record, audit), option=orjson.OPT_APPEND_NEWLINE)


def _place(record: Record) -> dict[str, Any]:
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    return {**place, "time": _moment(record).isoformat(timespec="milliseconds")}


def _moment(record: Record) -> datetime:
    return datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)


def _host() -> str:
    return socket.gethostname()[:255] or "-"


WRITERS: Mapping[Format, Callable[[Record, dict[str, Any]], bytes]] = {
    "jsonl": jsonl,
    "ocsf": ocsf,
    "elasticsearch": elasticsearch,
    "syslog": syslog,
}

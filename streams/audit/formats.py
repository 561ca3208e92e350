"""Audit records as other systems take them: JSON lines, Elasticsearch's bulk format, syslog, and OCSF."""

import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import orjson

from infra.broker import Record
from schemas.audit import Severity
from streams.audit.conditions import decisions, severity

Format = Literal["jsonl", "ocsf", "elasticsearch", "syslog"]
FORMATS: tuple[Format, ...] = get_args(Format)
FACILITY = 13
"""Log audit (RFC 5424, table 1)."""
SYSLOG: Mapping[Severity, int] = {"info": 6, "low": 5, "medium": 4, "high": 3, "critical": 2}
OCSF: Mapping[Severity, int] = {"info": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
OCSF_VERSION = "1.3.0"
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
    """One event of the Open Cybersecurity Schema Framework (schema.ocsf.io)."""
    category, kind, activity = _class(audit)
    told: list[str] = [str(each.get("code") or "") for each in decisions(audit)]
    event = {
        "category_uid": category,
        "class_uid": kind,
        "activity_id": activity,
        "type_uid": kind * 100 + activity,
        "time": record.timestamp_ms,
        "severity_id": OCSF[severity(audit)],
        "status_id": 2 if audit.get("status") in ("refused", "blocked", "failed", "denied", "troubled") else 1,
        "status_code": audit.get("status"),
        "status_detail": ", ".join(filter(None, told)) or None,
        "message": f"{audit.get('action')} of {audit.get('request_id')}: {audit.get('status')}",
        "actor": {"user": {"uid": str(audit.get("actor") or "unknown"), "org": {"uid": audit.get("tenant")}}},
        "metadata": {
            "version": OCSF_VERSION,
            "uid": str(audit.get("id") or record.source),
            "correlation_uid": audit.get("request_id"),
            "logged_time": record.timestamp_ms,
            "log_name": record.topic,
            "sequence": record.offset,
            "product": {"name": "Headrace", "vendor_name": "Headrace"},
        },
        **_object(kind, audit),
        "unmapped": {"audit": audit, "partition": record.partition},
    }
    return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)


def _class(audit: dict[str, Any]) -> tuple[int, int, int]:
    """Category, class and activity: Detection Finding for what screening stopped or the log itself shows, Account
    Change for keys, Entity Management for what is configured, trained, erased or read, else API Activity."""
    action, status = audit.get("action"), audit.get("status")
    if status == "blocked" or action == "checkpoint":
        return 2, 2004, 1
    if action == "key":
        return 3, 3001, 5 if status == "revoked" else 1
    if action == "access":
        return 3, 3004, 2
    if action in ("registry", "training", "erasure"):
        return 3, 3004, 4 if action == "erasure" else 3
    return 6, 6003, 1 if action == "admission" else 99


def _object(kind: int, audit: dict[str, Any]) -> dict[str, Any]:
    """What the class wants beside what all have."""
    request, action = audit.get("request_id"), str(audit.get("action"))
    if kind == 2004:
        return {"finding_info": {"uid": str(audit.get("id")), "title": f"{action} {audit.get('status')}"}}
    if kind == 3001:
        return {"user": {"uid": request}}
    if kind == 3004:
        return {"entity": {"uid": request, "type": action}}
    return {"api": {"operation": action, "request": {"uid": request}}, "src_endpoint": {"name": "kafka"}}


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

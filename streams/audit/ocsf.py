"""Audit records as events of the Open Cybersecurity Schema Framework (schema.ocsf.io, version 1.3.0)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from infra.broker import Record
from schemas.audit import Severity
from streams.audit.conditions import decisions, severity

VERSION = "1.3.0"
PRODUCT = {"name": "Headrace", "vendor_name": "Headrace"}
SEVERITIES: Mapping[Severity, int] = {"info": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
FAILED = frozenset({"refused", "blocked", "failed", "denied", "troubled"})
UNPROVED = frozenset({"invalid_api_key", "key_revoked", "bad_signature"})
"""Reasons for which nobody knows who it was."""
NEW, RESOLVED = 1, 4


class Kind(NamedTuple):
    """A class and what is done in it; the class's number begins with its category's."""

    uid: int
    activity: int
    name: str


FINDING, CLOSED = Kind(2004, 1, "Create"), Kind(2004, 3, "Close")
CREATED, DISABLED = Kind(3001, 1, "Create"), Kind(3001, 5, "Disable")
LOGON = Kind(3002, 1, "Logon")
READ, UPDATED, DELETED = Kind(3004, 2, "Read"), Kind(3004, 3, "Update"), Kind(3004, 4, "Delete")
STARTED = Kind(6002, 3, "Start")
ASKED = Kind(6003, 1, "Create")


def event(record: Record, audit: dict[str, Any]) -> dict[str, Any]:
    """The event of an audit record, which it carries whole as ``unmapped``. What is not known is left out."""
    kind = kind_of(audit)
    made = {
        "category_uid": kind.uid // 1000,
        "class_uid": kind.uid,
        "activity_id": kind.activity,
        "activity_name": kind.name,
        "type_uid": kind.uid * 100 + kind.activity,
        "time": record.timestamp_ms,
        "severity_id": SEVERITIES[severity(audit)],
        "status_id": 2 if audit.get("status") in FAILED else 1,
        "status_code": _text(audit.get("status")),
        "status_detail": ", ".join(_codes(audit)) or None,
        "message": f"{audit.get('action')} of {audit.get('request_id')}: {audit.get('status')}",
        "metadata": _metadata(record, audit),
        **_object(kind, audit),
        "unmapped": {"audit": audit, "partition": record.partition},
    }
    return {name: value for name, value in made.items() if value is not None}


def kind_of(audit: dict[str, Any]) -> Kind:
    """Detection Finding for what screening stopped or the log itself shows, Authentication for who proved nothing,
    Account Change for keys, Entity Management for what is configured, trained, erased or read, Application Lifecycle
    for processes, else API Activity."""
    action, status = audit.get("action"), audit.get("status")
    if status == "blocked" or action == "checkpoint":
        return CLOSED if status == "well again" else FINDING
    if action == "key":
        return DISABLED if status == "revoked" else CREATED
    if action == "admission":
        return LOGON if UNPROVED & set(_codes(audit)) else ASKED
    by_action = {"access": READ, "registry": UPDATED, "training": UPDATED, "erasure": DELETED, "start": STARTED}
    return by_action.get(str(action), Kind(6003, 99, str(action or "Other")))


def _metadata(record: Record, audit: dict[str, Any]) -> dict[str, Any]:
    made = {
        "version": VERSION,
        "product": PRODUCT,
        "uid": str(audit.get("id") or record.source),
        "correlation_uid": _text(audit.get("request_id")),
        "original_time": _text(audit.get("time")),
        "logged_time": record.timestamp_ms,
        "log_name": record.topic,
        "sequence": record.offset,
    }
    return {name: value for name, value in made.items() if value is not None}


def _object(kind: Kind, audit: dict[str, Any]) -> dict[str, Any]:
    """What the class wants beside what all have."""
    request, action = str(audit.get("request_id")), str(audit.get("action"))
    actor = {"user": _user(audit)}
    api = {"operation": action, "request": {"uid": request}}
    if kind.uid == FINDING.uid:  # whose status is where people are with it
        info = {"uid": str(audit.get("id")), "title": f"{action} {audit.get('status')}"}
        state = RESOLVED if kind == CLOSED else NEW
        return {"finding_info": info, "evidences": [{"actor": actor, "api": api}], "status_id": state}
    wanted: dict[int, dict[str, Any]] = {
        CREATED.uid: {"user": {"uid": request}},
        LOGON.uid: {"user": _user(audit), "service": {"name": PRODUCT["name"]}},
        READ.uid: {"entity": {"uid": request, "type": action}},
        STARTED.uid: {"app": {**PRODUCT, "feature": {"name": request}}},
        ASKED.uid: {"api": api, "src_endpoint": {"name": "kafka"}},
    }
    return {**wanted[kind.uid], **({} if kind == STARTED else {"actor": actor})}


def _user(audit: dict[str, Any]) -> dict[str, Any]:
    tenant = audit.get("tenant")
    return {"uid": str(audit.get("actor") or "unknown"), **({"org": {"uid": str(tenant)}} if tenant else {})}


def _codes(audit: dict[str, Any]) -> list[str]:
    return [str(each["code"]) for each in decisions(audit) if each.get("code")]


def _text(value: object) -> str | None:
    return None if value is None else str(value)

"""What happened, for people, and nothing in it that a page or a table would take for more than text."""

import json
from datetime import UTC, datetime
from typing import Any

from streams.audit.report import RISKIEST, Report, as_html, as_markdown, as_object

NASTY = "<script>alert(1)</script>|\n# x"


def made(*audits: dict[str, Any]) -> Report:
    report = Report(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    for audit in audits:
        report.see(audit)
    return report


def admission(request: str, actor: str, status: str, **more: Any) -> dict[str, Any]:
    return {"action": "admission", "request_id": request, "actor": actor, "tenant": "acme", "status": status, **more}


def refused(code: str) -> list[dict[str, Any]]:
    return [{"stage": "admission", "outcome": "refused", "code": code}]


def test_all_is_counted() -> None:
    report = made(
        admission("r1", "alice", "admitted"),
        {
            "action": "release",
            "request_id": "r1",
            "actor": "release",
            "tenant": "acme",
            "status": "blocked",
            "severity": "high",
        },
        admission("r2", "bob", "refused", decisions=refused("rate_limit_exceeded"), severity="low"),
        admission("r3", "bob", "refused", decisions=refused("quota_exceeded")),
        admission("r4", "carol", "admitted", decisions=[{"stage": "screening", "outcome": "redact", "code": "phone"}]),
        {},
    )

    assert as_object(report) | {"from": None, "to": None} == {
        "from": None,
        "to": None,
        "events": 6,
        "by_severity": {"critical": 0, "high": 1, "medium": 0, "low": 1, "info": 4},
        "by_action": {
            "admission: admitted": 2,
            "release: blocked": 1,
            "admission: refused": 2,
            "unreadable: ": 1,
        },
        "by_tenant": {"acme": 5, "none": 1},
        "riskiest_users": {"acme/alice": 11, "acme/bob": 3},
        "limit_violations": {"acme: rate_limit_exceeded": 1, "acme: quota_exceeded": 1},
        "refused": {"blocked": 1, "rate_limit_exceeded": 1, "quota_exceeded": 1},
        "redacted": {"acme: phone": 1},
    }


def test_users_of_one_key_are_told_apart() -> None:
    """By pseudonym, whichever of their data keys was in use."""
    ends = [
        {"action": "release", "request_id": f"r{number}", "actor": "release", "tenant": "acme", "status": "blocked"}
        for number in range(3)
    ]
    users = ("a" * 64 + ".1", "a" * 64 + ".2", "b" * 64 + ".1")
    asked = [admission(f"r{number}", "key-1", "admitted", subject=user) for number, user in enumerate(users)]

    risks = as_object(made(*asked, *ends))["riskiest_users"]
    assert risks == {f"acme/key-1/{'a' * 12}": 2, f"acme/key-1/{'b' * 12}": 1}


def test_ten_users_at_most() -> None:
    report = made(*(admission(f"r{n}", f"user-{n}", "refused", severity="high") for n in range(30)))

    assert len(as_object(report)["riskiest_users"]) == RISKIEST


def test_names_stay_text() -> None:
    report = made(admission("r", NASTY, "refused", tenant=NASTY, severity="critical", decisions=refused(NASTY)))

    page, table = as_html(report), as_markdown(report)
    assert "<script" not in page
    assert "<script" not in table
    assert all(line.count("|") == 3 for line in table.splitlines() if line.startswith("|"))
    assert "# x" not in table.splitlines()
    json.dumps(as_object(report), default=str)


def test_nothing_happened() -> None:
    assert as_markdown(made()).count("None.") == 6
    assert "None." in as_html(made())

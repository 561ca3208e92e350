"""Which audit records fit."""

from typing import Any

import pytest

from schemas.errors import InvalidField
from streams.audit.conditions import Condition, severity


def audit(**changes: Any) -> dict[str, Any]:
    decisions = [
        {"stage": "admission", "outcome": "allowed", "code": "", "detail": {}},
        {"stage": "screening", "outcome": "block", "code": "secret 密钥", "detail": {"level": "high"}},
    ]
    return {
        "action": "admission",
        "tenant": "acme",
        "actor": "k1",
        "status": "blocked",
        "decisions": decisions,
        **changes,
    }


@pytest.mark.parametrize(
    ("texts", "fits"),
    [
        ([], True),
        (["action=admission"], True),
        (["action=release"], False),
        # one of several
        (["action=release", "action=adm*"], True),
        # all fields
        (["action=admission", "tenant=acme"], True),
        (["action=admission", "tenant=globex"], False),
        # a decision fits as a whole, or not at all
        (["stage=screening", "outcome=block"], True),
        (["stage=admission", "outcome=block"], False),
        (["code=*密钥*"], True),
        # at least so severe
        (["severity=high"], True),
        (["severity=critical"], False),
    ],
)
def test_fits(texts: list[str], fits: bool) -> None:
    assert Condition.parse(texts)(audit()) is fits


@pytest.mark.parametrize("text", ["", "action", "action=", "colour=red", "severity=terrible"])
def test_what_is_no_condition_is_told(text: str) -> None:
    with pytest.raises(InvalidField, match="filter: "):
        Condition.parse([text])


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        # said by the record
        (audit(severity="critical"), "critical"),
        (audit(severity="Informational"), "info"),
        (audit(severity="error"), "high"),
        (audit(severity="?"), "info"),
        # else the worst of the decisions
        (audit(), "high"),
        (audit(decisions=[]), "info"),
        # whatever a stranger wrote
        (audit(decisions="x"), "info"),
        (audit(decisions=[1, {"detail": {"level": []}}, {"detail": None}]), "info"),
        ({}, "info"),
    ],
)
def test_severity(event: dict[str, Any], expected: str) -> None:
    assert severity(event) == expected

"""What counts as loosening: anything that one policy stops, marks or hides and the other does not."""

from typing import Any

import pytest

from schemas.loosening import MOST, loosened
from schemas.policies import PolicyDocument, merge

BASE: dict[str, Any] = {
    "name": "test",
    "routing": {"default": "echo"},
    "screening": {
        "actions": {
            "prompt": {
                "pii": {"action": "redact", "threshold": 0.5},
                "EMAIL": "flag",
                "list": "block",
                "secret": {"action": "block", "flag": 0.2},
            }
        },
        "words": {"list": {"words": ["alpha beta", "gamma delta"]}},
    },
    "tenants": {"acme": {"screening": {"actions": {"prompt": {"PHONE": "block"}}}}},
}


def changed(change: dict[str, Any]) -> list[str]:
    documents = [PolicyDocument.model_validate(each) for each in (BASE, merge(BASE, change))]
    return loosened(documents[0], documents[1])


def prompt(**table: object) -> dict[str, Any]:
    return {"screening": {"actions": {"prompt": table}}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, None),
        (prompt(EMAIL="redact"), None),  # stricter
        (prompt(pii={"action": "redact", "threshold": 0.3}), None),
        (prompt(injection="block"), None),  # new
        ({"routing": {"default": "other"}}, None),
        ({"screening": {"message": {"zh": "不", "en": "no"}}}, None),
        (prompt(EMAIL="allow"), "screening.actions.prompt.EMAIL: flag → allow"),
        (prompt(PHONE="flag"), "screening.actions.prompt.PHONE: redact → flag"),
        (
            prompt(pii={"action": "redact", "threshold": 0.6}),
            "prompt.IBAN: from a score of 0.5 → 0.6",
        ),
        (prompt(pii={"action": "redact", "languages": {"zh": "allow"}}), "prompt.IBAN: redact → allow"),
        ({"screening": {"words": {"list": {"words": ["alpha beta"]}}}}, "words.list: 1 of 2 words are gone"),
        ({"screening": {"remote": "placeholders"}}, "screening.remote: as_screened → placeholders"),
        ({"bounds": {"turns": 300}}, "bounds.turns: 256 → 300"),
        ({"bounds": {"information": 0}}, "bounds.information: 0.01 → 0"),
        ({"bounds": {"turns": 3, "messages": 8, "output_tokens": 9, "information": 0.1}}, None),  # stricter
        ({"tenants": {"acme": {"bounds": {"turns": 300}}}}, "tenants.acme.bounds.turns: 256 → 300"),
        (prompt(list={"action": "block", "flag": 0.3}), None),  # stricter
        (prompt(harm={"action": "block", "flag": 0.2}), None),
        (prompt(secret="block"), "prompt.PASSWORD: flagged from a score of 0.2 → 0.5"),
        (prompt(secret={"action": "block", "flag": 0.3}), "prompt.PASSWORD: flagged from a score of 0.2 → 0.3"),
        (prompt(secret={"threshold": 0.2, "flag": None}), None),
        ({"screening": {"on_failure": "flag"}}, "screening.on_failure: block → flag"),
        ({"tenants": {"acme": prompt(PHONE="redact")}}, "tenants.acme.screening.actions.prompt.PHONE: block → redact"),
        ({"tenants": {"other": prompt(PHONE="allow")}}, "tenants.other.screening.actions.prompt.PHONE: redact → allow"),
    ],
)
def test_loosening_is_found(change: dict[str, Any], told: str | None) -> None:
    found = changed(change)
    assert bool(found) == (told is not None)
    assert told is None or any(told in line for line in found)


def test_what_is_told_is_bounded() -> None:
    old = PolicyDocument.model_validate(merge(BASE, prompt(harm="block", payload="block", secret="block")))
    bare = PolicyDocument.model_validate({**BASE, "screening": {}, "tenants": {}})
    assert len(loosened(old, bare)) == MOST

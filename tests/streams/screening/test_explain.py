"""Why a text is treated so, for people."""

import pytest

from schemas.policies import PolicyDocument
from schemas.screening import Direction
from streams.screening.explain import explained

DOCUMENT = PolicyDocument.model_validate(
    {
        "name": "test",
        "routing": {"default": "echo"},
        "screening": {
            "actions": {
                "prompt": {
                    "EMAIL": "redact",
                    "ID_CN": {"action": "block", "threshold": 0.99, "flag": 0.2},
                    "pii": {"action": "block", "threshold": 0.99},
                }
            }
        },
    }
)


@pytest.mark.parametrize(
    ("text", "direction", "marked", "sentence"),
    [
        ("write to a@b.com", "prompt", "write to ⟦a@b.com⟧", "screening.actions.prompt.EMAIL says redact"),
        (
            "卡号4111111111111111。",
            "prompt",
            "卡号⟦4111111111111111⟧。",
            "screening.actions.prompt.pii says block from a score of 0.99: allow",
        ),
        (
            "身份证11010519491231002X",
            "prompt",
            "身份证⟦11010519491231002X⟧",
            "screening.actions.prompt.ID_CN says block from a score of 0.99 and flag from 0.2: flag",
        ),
        ("write to a@b.com", "output", "write to ⟦a@b.com⟧", "the policy says nothing of it: allow"),
        (
            f"{'x ' * 50}a@b.com{' y' * 50}",
            "prompt",
            f"…{'x ' * 12}⟦a@b.com⟧{' y' * 12}…",
            "screening.actions.prompt.EMAIL says redact",
        ),
    ],
)
def test_each_finding_is_marked_and_reasoned(text: str, direction: Direction, marked: str, sentence: str) -> None:
    _, (reason,) = explained(text, direction, DOCUMENT, None)
    assert (reason.marked, reason.sentence) == (marked, sentence)


def test_a_long_finding_is_cut_in_the_middle() -> None:
    _, (reason,) = explained(f"{'x' * 60}@{'b' * 60}.{'c' * 60}.com", "prompt", DOCUMENT, None)
    assert "…" in reason.marked
    assert len(reason.marked) < 130


def test_a_masked_one_shows_no_value_and_no_neighbours() -> None:
    _, reasons = explained("Ann has 13800138000 and a@b.com", "prompt", DOCUMENT, None, masked=True)
    assert [each.marked for each in reasons if each.finding.entity in ("PHONE", "EMAIL")] == [
        "⟦138****8000⟧",
        "⟦a***@b.com⟧",
    ]

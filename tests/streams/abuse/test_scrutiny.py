import pytest

from infra.policies import default_policy
from schemas.policies import ScreeningPolicy
from schemas.screening import Action, Finding, Verdict
from streams.abuse.scrutiny import stricter
from streams.screening.screener import Screener


def verdict(category: str | None, action: Action = Action.ALLOW, score: float = 0.3) -> Verdict:
    found = [] if category is None else [{"category": category, "entity": "X", "start": 0, "end": 1, "score": score}]
    findings = tuple(Finding.model_validate({"detector": "d", **each}) for each in found)
    return Verdict(action=action, findings=findings, policy="p1", rules="r1", reason="because")


@pytest.mark.parametrize(
    ("given", "held"),
    [
        (verdict("injection"), True),  # below its threshold
        (verdict("payload", Action.REDACT), True),
        (verdict("harm", Action.LOCAL_ONLY), True),
        (verdict("pii", Action.LOCAL_ONLY), False),  # no attack
        (verdict(None), False),
        (verdict("harm", Action.BLOCK), False),  # blocked anyway
    ],
)
def test_what_is_held(given: Verdict, held: bool) -> None:
    found = stricter(given)
    assert (found != given) is held
    if held:
        assert (found.action, found.measure) == (Action.BLOCK, "review")
        assert found.reason.startswith("review: under scrutiny")


def test_a_payload_that_policy_only_notes_is_held() -> None:
    policy = ScreeningPolicy.model_validate({"actions": {"prompt": {"payload": "flag"}}})
    found = Screener().screen("' OR 1=1 --", "prompt", policy, "v1").verdict
    assert found.action is Action.ALLOW
    assert stricter(found).action is Action.BLOCK
    ordinary = Screener().screen("what a nice day", "prompt", default_policy().screening, "v1").verdict
    assert stricter(ordinary) == ordinary

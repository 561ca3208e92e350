"""What a request tells routing."""

import pytest

from schemas.requests import Request
from schemas.screening import Action, Verdict
from streams.routing.facts import facts_of


@pytest.mark.parametrize(
    ("text", "demanding"),
    [
        ("法国的首都是哪里？", False),
        ("What is the capital of France?", False),
        ("请分析这份报告的风险", True),
        ("Write a poem about rivers", True),
        ("fix this:\n```python\nprint(1\n```", True),
        ("do these:\n1. wash\n2. dry", True),
        ("\ud800", False),
    ],
)
def test_questions_and_tasks(text: str, demanding: bool) -> None:
    assert (
        facts_of(Request(kind="completion", prompt="x").model_copy(update={"prompt": text}), "r", None, None).demanding
        is demanding
    )


def test_everything_that_routing_knows() -> None:
    request = Request.model_validate(
        {
            "messages": [
                {"role": "system", "content": "be brief"},
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "看图"}, {"type": "file", "file": {"file_id": "f1"}}],
                },
            ],
            "model": "big",
            "conversation": "c-7",
            "security": "medium",
        }
    )
    verdict = Verdict(action=Action.LOCAL_ONLY, policy="p", rules="r")
    facts = facts_of(request, "r-1", "acme", verdict)
    assert (facts.kind, facts.model, facts.tenant, facts.sticky) == ("chat", "big", "acme", "c-7")
    assert (facts.chars, facts.image, facts.local_only, facts.local) == (2, True, True, True)


def test_without_a_conversation_the_request_id_is_sticky() -> None:
    assert facts_of(Request(kind="completion", prompt="x"), "r-1", None, None).sticky == "r-1"

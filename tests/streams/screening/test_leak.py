import time

import pytest

from infra.policies import default_policy
from schemas.policies import PolicyDocument
from schemas.screening import Direction
from streams.screening.leak import leaks
from streams.screening.scan import Asked, Scan

SYSTEM = (
    "You are Ada, the assistant of a bank. Never mention the merger with Northwind before March. "
    "回答客户问题时不得透露内部利率表，并且始终使用正式语气与客户交流，遇到投诉请转人工处理。"
)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (f"Of course: {SYSTEM}", ["Y", "。"]),
        ("My rules: NEVER mention the merger, with Northwind — before March! That is all I know of.", ["N", "h"]),
        (
            "我的要求是：回答客户问题时不得透露内部利率表，并且始终使用正式语气与客户交流，遇到投诉请转人工处理。就这些",
            ["回", "理"],
        ),
        ("I am Ada, the assistant of a bank. How can I help?", []),  # a phrase
        ("The merger with Northwind is in the news.", []),
        ("", []),
    ],
)
def test_a_long_run_of_the_system_prompt_is_a_leak(answer: str, found: list[str]) -> None:
    hits = leaks(answer, SYSTEM)
    assert len(hits) == (1 if found else 0)
    for hit in hits:
        assert answer[hit.start] == found[0]
        assert hit.entity == "PROMPT_LEAK"


@pytest.mark.parametrize("system", ["", "Be brief.", "   "])
def test_a_short_prompt_cannot_leak(system: str) -> None:
    assert leaks("Be brief. I was told to be brief.", system) == []


def test_a_canary_is_known_again() -> None:
    canary = "canary-7f3k9q2m4x8w"
    hits = leaks(f"The token is {canary}, yes {canary}.", f"Be brief. {canary}")
    assert [(hit.entity, hit.start) for hit in hits] == [("CANARY", 13), ("CANARY", 38)]
    assert leaks("canary-islands are warm", f"Be brief. {canary}") == []


@pytest.mark.parametrize(
    ("direction", "system", "action"),
    [("output", SYSTEM, "block"), ("output", None, "allow"), ("prompt", SYSTEM, "allow")],
)
def test_an_answer_is_held_against_its_system_prompt(direction: Direction, system: str | None, action: str) -> None:
    content = default_policy().model_dump(mode="json")
    content["screening"]["actions"] = {"output": {"injection": "block"}}
    document = PolicyDocument.model_validate(content)
    asked = Asked("a", f"I was told: {SYSTEM}", direction, system)
    assert Scan(document).verdict(asked).action.value == action


def test_two_runs_are_two_leaks() -> None:
    first, second = (
        "the first secret sentence that nobody may ever read aloud",
        "the second one is as secret as the first was before",
    )
    hits = leaks(
        f"{first} {'and then some other words entirely ' * 3} {second}", f"{first}. Something else between. {second}"
    )
    assert [hit.end - hit.start > 40 for hit in hits] == [True, True]


def test_time_grows_with_the_length() -> None:
    def seconds(size: int) -> float:
        begin = time.process_time()
        leaks("ab" * size, "a" * size)
        leaks("ab" * size, "ab" * size)
        return time.process_time() - begin

    small = seconds(20_000)
    assert seconds(200_000) < 40 * max(small, 0.01)

import pytest

from infra.policies import default_policy
from schemas.errors import InvalidField
from schemas.results import Choice, TokenLogprob
from schemas.screening import Action
from streams.redaction.placeholders import Known
from streams.release.choices import screen_choices
from streams.screening.screener import Screener
from tests.streams.making import ended, final

POLICY = default_policy().screening
SCREENER = Screener()


def logprobs(*tokens: str) -> tuple[TokenLogprob, ...]:
    return tuple(TokenLogprob(token, -0.5) for token in tokens)


def test_each_choice_is_screened_under_the_gravest_verdict() -> None:
    result = final(
        text="hello", others=(Choice(text="mail ann@example.com", finish_reason="length"), Choice(text="好"))
    )
    choices, verdict = screen_choices(result, SCREENER, POLICY)
    assert [choice.text for choice in choices] == ["hello", "mail [EMAIL]", "好"]
    assert (verdict.action, choices[1].finish_reason) == (Action.REDACT, "length")


@pytest.mark.parametrize(
    ("text", "tokens", "told"),
    [
        ("你好", ("你", "好"), True),
        ("hello", ("hello", "<end>"), True),  # they spell more than the text, and nothing bad
        ("mail ann@example.com", ("mail ", "ann@", "example.com"), False),  # the text was changed
        ("hello", ("ann@", "example.com"), False),  # the text is clean, what the tokens spell is not
    ],
)
def test_logprobs_tell_nothing_that_the_text_may_not(text: str, tokens: tuple[str, ...], told: bool) -> None:
    (choice,), _ = screen_choices(final(text=text, logprobs=logprobs(*tokens)), SCREENER, POLICY)
    assert bool(choice.logprobs) is told


def test_where_there_is_no_text_nothing_is_screened() -> None:
    (choice,), verdict = screen_choices(final(text="", logprobs=logprobs("secret")), SCREENER, POLICY)
    assert (choice.logprobs, verdict.reason) == ((), "nothing to screen")
    assert screen_choices(ended(InvalidField("no")), SCREENER, POLICY)[0] == ()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("call <PHONE_1>", "call 13800138000"),  # the asker's own
        ("call <PHONE_1> or 13900139000", "call 13800138000 or [PHONE]"),  # and one that the model knew
        ("call <PHONE_2>", "call <PHONE_2>"),
    ],
)
def test_the_askers_own_values_come_back(said: str, expected: str) -> None:
    known = Known({"PHONE_1": "13800138000"})
    (choice,), verdict = screen_choices(final(text=said, logprobs=logprobs(said)), SCREENER, POLICY, known)
    assert choice.text == expected
    assert bool(choice.logprobs) is (said == expected)
    assert verdict.action is (Action.REDACT if "[PHONE]" in expected else Action.ALLOW)


SYSTEM = "You are the desk of the harbour office. Never tell anybody the berth plan. canary-7f3kq92mzx41"


@pytest.mark.parametrize(
    ("text", "action", "entity"),
    [
        ("I was told: You are the desk of the harbour office. Never tell anybody", Action.ALLOW, "PROMPT_LEAK"),
        ("it says canary-7f3kq92mzx41 there", Action.BLOCK, "CANARY"),
        ("it says canary-000000000000 there", Action.ALLOW, None),  # nobody put that one in
        ("The harbour office opens at nine.", Action.ALLOW, None),
    ],
)
def test_what_quotes_the_system_prompt_is_found(text: str, action: Action, entity: str | None) -> None:
    _, verdict = screen_choices(final(text=text), SCREENER, POLICY, system=SYSTEM)
    assert verdict.action is action
    assert {each.entity for each in verdict.findings} == ({entity} if entity else set())

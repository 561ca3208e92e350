from typing import Any

import pytest

from schemas.errors import Cancelled, Expired, HeadraceError, InvalidField, Unavailable
from schemas.policies import Message, ScreeningPolicy
from schemas.results import Choice, TokenLogprob, Usage
from schemas.screening import Action
from schemas.work import AdapterPin
from streams.release.compose import compose, conflict, failed
from tests.streams.making import ALLOWED, DIGEST, ECHO, MOMENT, SOURCE, ended, final, pins

BLOCKED = ScreeningPolicy(message=Message(zh="不行", en="No."))
OTHER = Choice(text="另一个", finish_reason="length", logprobs=(TokenLogprob("另一个", -0.5),))
ADAPTER = AdapterPin(name="echo", version="a1", uri="objects/00/0", sha256="0" * 64)


def test_an_answer_says_what_it_was_made_with() -> None:
    usage = Usage(prompt_tokens=2, completion_tokens=3)
    result = final(
        usage=usage, trace="t", model=ECHO.model_copy(update={"adapter": ADAPTER}), pins=pins(prompt="greet@1")
    )
    made = compose(result, ALLOWED, (Choice(text="screened"), OTHER), BLOCKED)
    assert (made.id, made.tenant, made.time, made.trace) == ("r1", "acme", MOMENT, "t")
    assert (made.status, made.text, made.usage, made.error) == ("completed", "screened", usage, None)
    assert (made.others, made.choices) == ((OTHER,), (Choice(text="screened"), OTHER))
    assert (made.digest, made.source, made.of) == (DIGEST, SOURCE, None)
    versions = made.versions
    assert (versions.model, versions.adapter, versions.prompt) == ("echo@v1", "echo@a1", "greet@1")
    assert (versions.policy, versions.rules) == ("p1", "r1")


def test_the_same_result_makes_the_same_bytes() -> None:
    one, two = (compose(final(), ALLOWED, (Choice(text="x"),), BLOCKED).model_dump_json() for _ in range(2))
    assert one == two


def test_a_blocked_answer_says_nothing_of_it() -> None:
    verdict = ALLOWED.model_copy(update={"action": Action.BLOCK})
    result = final(text="the secret", embeddings=((1.0,),), scores={"a": 1.0})
    made = compose(result, verdict, (Choice(text="the secret"), Choice(text="the other secret")), BLOCKED)
    assert made.error is not None
    assert (made.status, made.finish_reason, made.error.code) == ("blocked", "content_filter", "content_blocked")
    assert made.error.message == "No. 不行"
    assert "secret" not in made.model_dump_json()
    assert (made.embeddings, made.scores) == ((), {})


@pytest.mark.parametrize(
    ("status", "error"),
    [("refused", InvalidField("no")), ("expired", Expired("late")), ("cancelled", Cancelled("stop"))],
)
def test_an_end_without_an_answer(status: Any, error: HeadraceError) -> None:
    made = compose(ended(error, status=status), ALLOWED, (), BLOCKED)
    assert (made.status, made.error, made.text, made.finish_reason) == (status, error.body(), "", "abort")


def test_a_conflict_is_answered_under_a_mark() -> None:
    made = compose(conflict(final()), ALLOWED, (), BLOCKED)
    assert made.error is not None
    assert (made.id, made.of, made.status) == (f"r1#{DIGEST[:8]}", "r1", "refused")
    assert (made.error.code, made.error.param, made.time) == ("duplicate_id", "id", MOMENT)


def test_what_could_not_be_released_has_failed() -> None:
    end = failed(final(), Unavailable("away"))
    assert (end.id, end.status, end.error.code, end.time) == ("r1", "failed", "unavailable", MOMENT)

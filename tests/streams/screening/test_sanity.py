"""What blocks ordinary sentences is refused, with the reason."""

from collections.abc import Sequence

import pytest

from infra.policies import default_policy
from schemas.errors import InvalidField
from schemas.policies import PolicyDocument
from streams.screening.detector import Hit
from streams.screening.sanity import check_daily_work
from streams.screening.screener import Screener


class Anxious:
    """Suspects everything a little."""

    name, version, entities = "anxious", "1", frozenset({"HATE"})

    def find(self, segments: Sequence[tuple[int, str]]) -> list[Hit]:
        return [Hit(start, start + len(text), "HATE", 0.1, "anxious", "1") for start, text in segments]


def document(treatment: object, tenant: bool = False) -> PolicyDocument:
    screening = {"actions": {"prompt": {"harm": treatment}}}
    return PolicyDocument.model_validate(
        {
            "name": "test",
            "routing": {"default": "echo"},
            "screening": {} if tenant else screening,
            "tenants": {"acme": {"screening": screening}} if tenant else {},
        }
    )


def test_the_shipped_policy_lets_daily_work_through() -> None:
    check_daily_work(default_policy(), Screener())


@pytest.mark.parametrize(
    ("treatment", "tenant", "told"),
    [
        ({"action": "block", "threshold": 0.0}, False, "- screening.actions.prompt: block: 1 HATE"),
        ({"action": "review", "threshold": 0.05}, False, "review: 1 HATE in '"),
        ({"action": "block", "threshold": 0.0}, True, "- tenants.acme.screening.actions.prompt"),
        ({"action": "allow", "languages": {"zh": {"action": "block", "threshold": 0}}}, False, "今天"),
        ({"action": "flag", "threshold": 0.0}, False, None),
        ({"action": "block", "threshold": 0.5}, False, None),
    ],
)
def test_ordinary_sentences_come_through(treatment: object, tenant: bool, told: str | None) -> None:
    made, screener = document(treatment, tenant), Screener([Anxious()])
    if told is None:
        check_daily_work(made, screener)
        return
    with pytest.raises(InvalidField) as caught:
        check_daily_work(made, screener)
    assert told in caught.value.message

import pytest

from streams.screening.attacks.payloads import PAYLOADS
from streams.screening.attacks.sql import is_comparison
from tests.streams.screening.ordinary import ORDINARY


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts_hold_no_payload(text: str) -> None:
    assert [(each.name, each.find(text)) for each in PAYLOADS if each.find(text)] == []


@pytest.mark.parametrize(
    ("span", "constant"),
    [
        ("' or '1'='1", True),
        ("1 or 2>1", True),
        ("' or ''='", True),
        ("' or 17-7=10+0", True),
        ("' or a=a", True),
        ("' or a='b", False),  # a column
        (") or ''!=", False),  # code
        ("' or 'a'='b", False),
    ],
)
def test_constants_are_told_from_columns(span: str, constant: bool) -> None:
    assert is_comparison(span) is constant

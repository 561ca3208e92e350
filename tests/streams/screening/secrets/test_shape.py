import pytest

from streams.screening.secrets import SECRETS
from streams.screening.secrets.shape import is_made_by_chance, is_stand_in
from tests.streams.screening.ordinary import ORDINARY


@pytest.mark.parametrize(
    ("value", "yes"),
    [
        ("aB3dE5gH7jK9mN1pQ3sT", True),
        ("3f8a1c9e5b7d2046e8c1a5f90b6d4e27", True),
        ("550e8400-e29b-41d4-a716-446655440000", True),
        ("k3x9q7z2w8v4", True),
        ("k3x9q7z2w8v", False),  # too short
        ("user_login_token_v2_name", False),
        ("getUserByIdV2Token", False),
        ("2024-01-01T00-00-00", False),
        ("gpt-4o-mini-2024-07-18", False),
        ("aaaaaaaaaaaaaaaa1111", False),
        ("abcdefghijklmnop1234", False),
    ],
)
def test_chance(value: str, yes: bool) -> None:
    assert is_made_by_chance(value) is yes


@pytest.mark.parametrize(
    ("value", "yes"),
    [
        ("your-key", True),
        ("${TOKEN}", True),
        ("<secret>", True),
        ("xxxxxx", True),
        ("changeme", True),
        ("hu8jko9l", False),
    ],
)
def test_stand_ins(value: str, yes: bool) -> None:
    assert is_stand_in(value) is yes


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts_hold_no_secret(text: str) -> None:
    assert [(each.name, each.find(text)) for each in SECRETS if each.find(text)] == []

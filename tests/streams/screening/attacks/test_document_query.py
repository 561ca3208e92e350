import pytest

from streams.screening.attacks.sql import DOCUMENT_QUERY

ATTACKS = [
    '{"username": {"$ne": null}, "password": {"$ne": null}}',
    "login[$ne]=x&pass[$ne]=y",
    '{"$gt": ""}',
    "$where: 'this.a == 1'",
    "' && this.password.match(/.*/)//",
    "' || 'a'=='a",
    "|| 1==1",
    "';sleep(4000);",
]
ORDINARY = [
    "db.users.find({ age: { $gt: 18, $ne: null } })",
    '{ "price": { "$gt": 10 } }',
    "if (a == 'x' || b == 'y') return;",
    'var x = "a"; var y = "b";',
    "what does $where do in MongoDB?",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in DOCUMENT_QUERY.find(text)} == {"SQL_INJECTION"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert DOCUMENT_QUERY.find(text) == []

import pytest

from streams.screening.attacks.header import HEADER

ATTACKS = [
    "%0d%0aSet-Cookie:a=b",
    "/x%0D%0ALocation:%20http://evil.example",
    "%E5%98%8A%E5%98%8DSet-Cookie:a=b",
    "a@b.c%0aBcc:%20d@e.f",
]
ORDINARY = [
    "HTTP/1.1 200 OK",
    "Set-Cookie: a=b",
    "line one%0Aline two",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in HEADER.find(text)} == {"HEADER_INJECTION"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert HEADER.find(text) == []

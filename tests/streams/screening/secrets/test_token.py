from base64 import b64encode

import pytest

from streams.screening.secrets.token import TOKEN
from tests.streams.screening.secrets.making import BODY

LOGIN = b64encode(b"bob:s3cr3t-pass").decode()
CASES = [
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc123_-DEF", ["JWT"]),
    ("令牌eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc123_-DEF过期了", ["JWT"]),
    (f"eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..{BODY}.{BODY}.{BODY}", ["JWT"]),  # encrypted, without a key
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.", []),  # no signature
    ("eyJub3BlIjoxfQ12.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc123_-DEF", []),  # the header names no algorithm
    ("eyJeyJeyJeyJ.eyJeyJeyJeyJ.eyJeyJeyJeyJ", []),  # no JSON
    (f"Authorization: Basic {LOGIN}", ["PASSWORD"]),
    (f'"headers": {{"authorization": "basic {LOGIN}"}}', ["PASSWORD"]),
    (f'{{"auths": {{"docker.example.com": {{"auth": "{LOGIN}"}}}}}}', ["PASSWORD"]),
    (f"Authorization: Bearer {BODY}", ["API_KEY"]),
    (f"curl -H 'Authorization: token {BODY}' https://api.example.com", ["API_KEY"]),
    ("Authorization: Bearer <token>", []),
    ("Authorization: Bearer ${TOKEN}", []),
    ("the bearer understands international-law-and-order", []),
    ("Basic Authentication is simple", []),
    ("Basic information about the company", []),
    ("auth: required-for-everyone", []),
]


@pytest.mark.parametrize(("text", "entities"), CASES)
def test_tokens(text: str, entities: list[str]) -> None:
    assert [each.entity for each in TOKEN.find(text)] == entities

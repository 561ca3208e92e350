import pytest

from streams.screening.secrets.issued import SECRETS

LONG = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6"
CASES = [
    ("AKIAIOSFODNN7EXAMPLE", ["AWS_KEY"]),
    ("密钥AKIAIOSFODNN7EXAMPLE是", ["AWS_KEY"]),  # between Chinese characters
    (f"ghp_{LONG}", ["GITHUB_TOKEN"]),
    (f"github_pat_{LONG}", ["GITHUB_TOKEN"]),
    ("xoxb-123456789012-abcdefABCDEF", ["SLACK_TOKEN"]),
    ("https://hooks.slack.com/services/T0000AAAA/B0000AAAA/abcdefghijklmnop1234", ["SLACK_TOKEN"]),
    (f"sk-{LONG}", ["API_KEY"]),
    (f"sk-proj-{LONG}", ["API_KEY"]),
    (f"AIza{LONG[:35]}", ["API_KEY"]),
    (f"hr-a1b2c3d4-{LONG}", ["HEADRACE_KEY"]),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc123_-DEF", ["JWT"]),
    ("postgresql://app:s3cr3t@db.example.com:5432/x", ["CONNECTION_STRING"]),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----", ["PRIVATE_KEY"]),
    ("password = 'Hunter2Hunter2'", ["PASSWORD"]),
    ("密码是Abc12345xyz", ["PASSWORD"]),
    ('{"API_KEY": "0123456789abcdef"}', ["PASSWORD"]),
    ("the password: must be changed", []),  # words are no password
    ("密码：请输入八位以上", []),
    ("token: undefined", []),
    ("risk-management-and-compliance-team2", []),  # sk- inside a word
    ("sk-learn-is-a-library-for-machine-learning", []),  # no digits
    ("hr-department-handbook-for-everyone", []),
    ("AKIA is a prefix", []),
    ("-----BEGIN PUBLIC KEY-----", []),
    ("https://example.com:8080/a@b", []),
    ("如何防止暴力破解密码？", []),
]


@pytest.mark.parametrize(("text", "entities"), CASES)
def test_credentials(text: str, entities: list[str]) -> None:
    assert [each.entity for each in SECRETS.find(text)] == entities


def test_a_private_key_is_found_to_its_end() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nAbc+/=\n-----END PRIVATE KEY-----"
    (found,) = SECRETS.find(f"see {key}, and more")
    assert (found.start, found.end) == (4, 4 + len(key))

import random
import zlib

import pytest

from streams.screening.detector import Rule, Rules
from streams.screening.secrets.cloud import CLOUD
from streams.screening.secrets.code_hosts import CODE_HOSTS
from streams.screening.secrets.messaging import MESSAGING
from streams.screening.secrets.models import MODELS
from streams.screening.secrets.monitoring import MONITORING
from streams.screening.secrets.payment import PAYMENT
from streams.screening.secrets.shape import ALPHABET, is_checksummed
from tests.streams.screening.secrets.making import BODY, HEX, example

TABLES = (CLOUD, CODE_HOSTS, MODELS, MESSAGING, PAYMENT, MONITORING)
ROWS = [(each, rule) for each in TABLES for rule in each.rules if rule.check is not is_checksummed]


@pytest.mark.parametrize(("detector", "rule"), ROWS)
def test_what_an_issuer_gives_out_is_found_wherever_it_stands(detector: Rules, rule: Rule) -> None:
    chance = random.Random(rule.pattern)
    made = [each for each in (example(rule.pattern, chance) for _ in range(100)) if rule.check(each)]
    assert made, "nothing of what the pattern allows passes the check"
    for key in made[:5]:
        for text in (key, f"key={key}", f"密钥是{key}，请保密", f'{{"k": "{key}"}}', f"see {key}."):
            assert rule.entity in {found.entity for found in detector.find(text)}, text


CASES = [
    (CLOUD, "AKIAIOSFODNN7EXAMPLE", ["AWS_KEY"]),
    (CLOUD, "密钥AKIAIOSFODNN7EXAMPLE是", ["AWS_KEY"]),  # between Chinese characters
    (CLOUD, "ＡＫＩＡＩＯＳＦＯＤＮＮ７ＥＸＡＭＰＬＥ", ["AWS_KEY"]),  # wide forms
    (CLOUD, "AKIAIOSFODNN7EXAMPLE1", []),  # one too many
    (CLOUD, "XAKIAIOSFODNN7EXAMPLE", []),  # inside a word
    (CLOUD, "AKIAAAAAAAAAAAAAAAAA", []),
    (CLOUD, "AKIA is a prefix", []),
    (CODE_HOSTS, f"ghp_{BODY}", ["GITHUB_TOKEN"]),
    (CODE_HOSTS, f"github_pat_{BODY}", ["GITHUB_TOKEN"]),
    (CODE_HOSTS, "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", []),
    (CODE_HOSTS, "ghp_short", []),
    (MODELS, f"sk-{BODY}", ["API_KEY"]),
    (MODELS, f"sk-proj-{BODY}", ["API_KEY"]),
    (MODELS, f"sk-{HEX}", ["API_KEY"]),
    (MODELS, f"hr-a1b2c3d4-{BODY}", ["HEADRACE_KEY"]),
    (MODELS, "risk-management-and-compliance-team2", []),  # sk- inside a word
    (MODELS, "sk-learn-is-a-library-for-machine-learning", []),  # words
    (MODELS, "sk-your-api-key-goes-here-1234567890", []),
    (MODELS, "hr-department-handbook-for-everyone", []),
    (MODELS, "app-configuration-module1", []),
    (MESSAGING, "xoxb-123456789012-abcdefABCDEF", ["SLACK_TOKEN"]),
    (MESSAGING, "https://hooks.slack.com/services/T0000AAAA/B0000AAAA/abcdefghijklmnop1234", ["SLACK_TOKEN"]),
    (MESSAGING, "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDE.aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF", ["API_KEY"]),
    (MESSAGING, "the client's xoxo-signature and sk_buff", []),
    (PAYMENT, f"sk_live_{BODY[:24]}", ["API_KEY"]),
    (PAYMENT, "sk_live_xxxxxxxxxxxxxxxx", []),
    (PAYMENT, "live_streaming_of_the_annual_meeting", []),
    (MONITORING, f"dt0c01.{'ABCD2345' * 3}.{'EFGH6789' * 8}", ["API_KEY"]),
    (MONITORING, "NRAK-SHORT", []),
]


@pytest.mark.parametrize(("detector", "text", "entities"), CASES)
def test_marks(detector: Rules, text: str, entities: list[str]) -> None:
    assert [each.entity for each in detector.find(text)] == entities


def test_a_checksum_makes_a_token_sure() -> None:
    """A token of GitHub's documentation with its checksum, and the same with a character changed."""
    body = "0" * 6 + BODY[:24]
    token = f"ghp_{body}{_checksum(body)}"
    assert [each.score for each in CODE_HOSTS.find(token)] == [0.99]
    assert [each.score for each in CODE_HOSTS.find(token[:-1] + ("a" if token[-1] != "a" else "b"))] == [0.95]


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
    return digits

import pytest

from streams.screening.secrets.vendor import VENDOR
from tests.streams.screening.secrets.making import BODY, HEX

CASES = [
    (f"aws_secret_access_key = {BODY}/+aB", "AWS_KEY"),
    (f"SecretAccessKey: {BODY}/+aB", "AWS_KEY"),
    (f"DATADOG_APP_KEY={HEX}{HEX[:8]}", "API_KEY"),
    ("heroku auth: 12345678-1a2b-3c4d-5e6f-1234567890ab", "API_KEY"),
    (f"微信 wx appsecret 是 {HEX}", "API_KEY"),
    (f"TWILIO_AUTH={HEX}", "API_KEY"),
    (f"here is the key: {BODY}", "HIGH_ENTROPY"),
    (f"凭证如下：{BODY}", "HIGH_ENTROPY"),
    (f"commit {HEX}", None),
    ("SecretAccessKey: 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", None),  # a digest
    (f"google_app_id = {HEX}", None),
    (f"public key: MIIBIjANBgkqhkiG9w0{BODY}", None),
    ("the key is in the second-drawer-of-the-desk", None),
    (f"token: {HEX}", None),  # no capitals: what it is depends on more than a word
]


@pytest.mark.parametrize(("text", "entity"), CASES)
def test_keys_by_context(text: str, entity: str | None) -> None:
    found = {each.entity for each in VENDOR.find(text)}
    assert entity in found if entity else not found

"""Made-up credentials in the form of their issuers, in configuration, code, logs and talk."""

import base64
import json
import string
import zlib
from collections.abc import Callable, Iterator

from benchmarks.labelled.values import Values

_ALNUM = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits
_B64 = _ALNUM + "+/"


def _github(prefix: str, body: str) -> str:
    """With the checksum that new tokens end in."""
    alphabet, number, check = (
        string.digits + string.ascii_uppercase + string.ascii_lowercase,
        zlib.crc32(body.encode()),
        "",
    )
    while number:
        number, digit = divmod(number, 62)
        check = alphabet[digit] + check
    return prefix + body + check.rjust(6, "0")


def _jwt(values: Values) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": values.digits(10), "name": values.letters(8)})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, values.letters(43, _ALNUM + "-_")])


ISSUED: dict[str, Callable[[Values], str]] = {
    "AWS id": lambda v: "AKIA" + v.letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "GitHub": lambda v: _github("ghp_", v.letters(30)),
    "GitHub, fine": lambda v: f"github_pat_{v.letters(22)}_{v.letters(59)}",
    "GitLab": lambda v: "glpat-" + v.letters(20, _ALNUM + "-_"),
    "OpenAI": lambda v: f"sk-proj-{v.letters(48)}T3BlbkFJ{v.letters(48)}",
    "Anthropic": lambda v: f"sk-ant-api03-{v.letters(93, _ALNUM + '-_')}AA",
    "Hugging Face": lambda v: "hf_" + v.letters(34, string.ascii_letters),
    "Google": lambda v: "AIza" + v.letters(35, _ALNUM + "-_"),
    "Slack": lambda v: f"xoxb-{v.digits(12)}-{v.digits(13)}-{v.letters(24)}",
    "Slack hook": lambda v: (
        f"https://hooks.slack.com/services/T{v.letters(10, _UPPER)}/B{v.letters(10, _UPPER)}/{v.letters(24)}"
    ),
    "Stripe": lambda v: "sk_live_" + v.letters(24),
    "SendGrid": lambda v: f"SG.{v.letters(22, _ALNUM + '-_')}.{v.letters(43, _ALNUM + '-_')}",
    "Twilio": lambda v: "SK" + v.hexadecimal(32),
    "npm": lambda v: "npm_" + v.letters(36),
    "PyPI": lambda v: "pypi-AgEIcHlwaS5vcmc" + v.letters(70, _ALNUM + "-_"),
    "Telegram": lambda v: f"{v.digits(10)}:AA{v.letters(33, _ALNUM + '-_')}",
    "Alibaba": lambda v: "LTAI5t" + v.letters(18),
    "Tencent": lambda v: "AKID" + v.letters(32),
    "Shopify": lambda v: "shpat_" + v.hexadecimal(32),
    "DigitalOcean": lambda v: "dop_v1_" + v.hexadecimal(64),
    "Vault": lambda v: "hvs." + v.letters(90, _ALNUM + "-_"),
    "Databricks": lambda v: "dapi" + v.hexadecimal(32),
    "Grafana": lambda v: f"glsa_{v.letters(32)}_{v.hexadecimal(8)}",
    "JWT": _jwt,
    "private key": lambda v: (
        f"-----BEGIN RSA PRIVATE KEY-----\n{v.letters(64, _B64)}\n{v.letters(64, _B64)}\n-----END RSA PRIVATE KEY-----"
    ),
    "PostgreSQL": lambda v: f"postgresql://app:{v.letters(14)}@db.internal:5432/orders",
    "MongoDB": lambda v: f"mongodb+srv://svc:{v.letters(16)}@cluster0.ab1cd.mongodb.net/prod",
    "Redis": lambda v: f"redis://:{v.letters(20)}@cache.internal:6379/0",
    "basic auth": lambda v: f"https://deploy:{v.letters(16)}@git.example.com/org/repo.git",
    "WeCom hook": lambda v: (
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={'-'.join(v.hexadecimal(n) for n in (8, 4, 4, 4, 12))}"
    ),
    "DingTalk hook": lambda v: f"https://oapi.dingtalk.com/robot/send?access_token={v.hexadecimal(64)}",
    "Azure storage": lambda v: f"AccountName=a;AccountKey={v.letters(86, _B64)}==;EndpointSuffix=core.windows.net",
}

PLACES = (
    "export TOKEN={}",
    '{{"endpoint": "https://api.example.com", "key": "{}"}}',
    "I get a 401 with {} in the header, why?",
    "client = Client('{}')  # works on my machine",
    "2024-05-02 09:11:04 DEBUG sending request with {}",
    "这个 {} 为什么调用总是失败？",
    "curl -H 'Authorization: Bearer {}' https://api.example.com/v1/me",
)

GENERIC: tuple[tuple[str, Callable[[Values], str]], ...] = (
    ("DB_PASSWORD={}", lambda v: v.letters(8) + "!" + v.digits(3)),
    ("spring.datasource.password={}", lambda v: v.letters(16)),
    ('password: "{}"', lambda v: v.letters(6) + "#" + v.digits(4) + v.letters(4)),
    ("my password is {}, why can't I log in?", lambda v: v.pick(["Summer", "Winter", "Dragon"]) + v.digits(4) + "!"),
    ("数据库密码是{}，连不上", lambda v: v.letters(6) + "@" + v.digits(4)),
    ("api_secret = '{}'", lambda v: v.letters(40)),
    ("aws_secret_access_key = {}", lambda v: v.letters(40, _B64)),
    ("client_secret: {}", lambda v: v.letters(34, _ALNUM + "~_-.")),
    ("Authorization: Basic {}", lambda v: base64.b64encode(f"admin:{v.letters(12)}".encode()).decode()),
    ("machine git.example.com login ann password {}", lambda v: v.letters(20)),
    ('ENCRYPTION_KEY="{}"', lambda v: v.hexadecimal(64)),
    ("口令：{}", lambda v: v.letters(5) + v.digits(5)),
)


def credentials(values: Values) -> Iterator[tuple[str, tuple[int, int], str]]:
    """Texts, the place of the secret, and what it is."""
    for kind, make in ISSUED.items():
        for place in PLACES[:: 1 if len(kind) % 2 else 2]:
            yield (*_put(place, make(values)), kind)
    for place, make in GENERIC:
        for _ in range(4):
            yield (*_put(place, make(values)), place.format(""))


def _put(place: str, value: str) -> tuple[str, tuple[int, int]]:
    text = place.format(value)
    start = text.index(value)
    return text, (start, start + len(value))

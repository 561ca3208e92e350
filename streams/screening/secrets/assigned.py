"""Passwords and keys by the name they are given to: in code, settings, commands, and talk in Chinese and English."""

import re
from collections.abc import Iterator

from streams.screening.detector import Rule, Rules
from streams.screening.secrets.connection import is_password
from streams.screening.secrets.shape import Check, is_made_by_chance, wordiness

_PASSWORDS = r"(?:pass(?:word|wd|phrase|code)|pwd|密码|口令)"
_KEYS = (
    r"(?:(?:api|access|secret|auth|app|application|private|encrypt(?:ion)?|sign(?:ing)?|client|service|master|account"
    r"|storage|shared|session|consumer|webhook|license|admin|deploy|jwt|hmac|aes|subscription|functions?|host)"
    r"[ _.-]?(?:key|pwd)|secret|credentials?|密钥|秘钥|令牌|凭证|授权码)"
)
_TOKENS = (
    r"(?:access|auth(?:entication|orization)?|api|refresh|bearer|bot|session|app|deploy|admin|github|gitlab|git|slack|npm"
    r"|pypi|hf|pat|personal|private|user|service|vault|jwt|oauth2?|webhook|registry|ci|integration|identity|security"
    r"|secret|push|login)[ _.-]?token"
)
_NAME_END = r"(?:_(?:prod|dev|test|live|staging|value|base64|2|1))?\\?[\"'`\])*]{0,3}\s{0,3}"
_SIGN = rf"{_NAME_END}(?:=>|:=|==|->|[=:>]|是|为|is\s|was\s)[\s>]{{0,3}}"
_QUOTED = rf"{_NAME_END}(?:=>|:=|==|->|[=:>,(]|是|为|is\s|was\s)?[\s(>]{{0,3}}\\?[\"'`]"
_ANY = r"[A-Za-z0-9!#$%&()*+./:=?@\\\[\]^_{|}~-]{5,128}"
_PLAIN = r"[A-Za-z0-9_+/=.~-]{12,512}"
_CODE = re.compile(
    r"[()\[\]{}]|^[$@%&/-]|^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|^[A-Za-z_]*(?:pass|pwd|token|secret|key)[A-Za-z_]*[0-9]?$|::|//",
    re.I,
)
_TECHNICAL = re.compile(
    r"(?:sha|md|aes|rsa|utf|base|oauth|http|bcrypt|argon|pbkdf|v|int|uint|float|varchar|char|str)-?[0-9]", re.I
)


def is_quoted_password(value: str) -> bool:
    """Whether a value is letters with digits or signs, digits alone, or letters as by chance, and no stand-in."""
    if len(value) < 5 or not is_password(value) or _TECHNICAL.match(value) or value[0] in "$%&":
        return False
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    if digits:
        return letters > 0 or (digits == len(value) and 6 <= digits <= 12)
    if letters < len(value):
        return letters > 0 and re.search(r"[_./:|=?&%\\ -]", value) is None
    return letters > 9 and wordiness(value) < 0.3


def is_bare_password(value: str) -> bool:
    """The same without quotes, where it may be code, and letters alone are a word."""
    value = value.rstrip(".,:;?)")
    return not _CODE.search(value) and any(map(str.isdigit, value)) and is_quoted_password(value)


def is_bare_key(value: str) -> bool:
    """Whether a value was made by chance and is no code."""
    return not _CODE.search(value) and is_made_by_chance(value.rstrip(".,"), 14)


def _password(name: str, before: str = "") -> Iterator[Rule]:
    return _pair("PASSWORD", name, _ANY, before, is_quoted_password, is_bare_password)


def _key(name: str, before: str = "") -> Iterator[Rule]:
    return _pair("API_KEY", name, _PLAIN, before, is_made_by_chance, is_bare_key)


def _pair(entity: str, name: str, value: str, before: str, quoted: Check, bare: Check) -> Iterator[Rule]:
    """A rule for values in quotes, and one for those without."""
    yield Rule(entity, value, 0.85, before, ignore_case=True, check=quoted, lead=name + _QUOTED)
    yield Rule(entity, value, 0.8, before, ignore_case=True, check=bare, lead=name + _SIGN)


ASSIGNED = Rules(
    "assigned_secret",
    (
        *_password(_PASSWORDS),
        *_password("pass", before="A-Za-z0-9"),
        *_key(_KEYS),
        *_key(_TOKENS),
        *_key("token", before="A-Za-z0-9_-"),
        Rule("API_KEY", _PLAIN, 0.8, check=is_bare_key, lead="_TOKEN" + _SIGN),
        Rule("PASSWORD", _ANY, 0.75, "A-Za-z0-9", "", True, is_bare_password, rf"--?{_PASSWORDS}\s{{1,2}}[\"']?"),
    ),
)

"""Passwords and keys by the name they are given to: in code, settings, commands, and talk in Chinese and English."""

import re
from functools import cache
from typing import Any

import re2

from streams.screening.detector import Rule, Rules, options
from streams.screening.secrets.connection import is_password
from streams.screening.secrets.shape import is_made_by_chance, wordiness

_PASSWORDS = r"(?:pass(?:word|wd|phrase|code)|pwd|密码|口令)"
_TOKENS = (
    r"(?:access|auth(?:entication|orization)?|api|refresh|bearer|bot|session|app|deploy|admin|github|gitlab|git|slack|npm"
    r"|pypi|hf|pat|personal|private|user|service|vault|jwt|oauth2?|webhook|registry|ci|integration|identity|security"
    r"|secret|push|login)[ _.-]?token"
)
_KEYS = (
    r"(?:(?:api|access|secret|auth|app|application|private|encrypt(?:ion)?|sign(?:ing)?|client|service|master|account"
    r"|storage|shared|session|consumer|webhook|license|admin|deploy|jwt|hmac|aes|subscription|function|functions|host)"
    r"[ _.-]?(?:key|pwd)|secret|credentials?|密钥|秘钥|令牌|凭证|授权码)"
)
_SIGN = (
    r"(?:_(?:prod|dev|test|live|staging|value|base64|2|1))?\\?[\"'`\])*]{0,3}\s{0,3}"
    r"(?:=>|:=|==|->|[=:>,(]|是|为|is\s|was\s)[\s(>]{0,3}\\?"
)
_QUOTE = "[\"'`]?"
_ANY = r"[A-Za-z0-9!#$%&()*+./:=?@\\\[\]^_{|}~-]"
_PLAIN = r"[A-Za-z0-9_+/=.~-]"
_CODE = re.compile(
    r"[()\[\]{}]|^[$@%&]|^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|^[A-Za-z_]*(?:pass|pwd|token|secret|key)[A-Za-z_]*[0-9]?$|::|//|^/",
    re.I,
)
_TECHNICAL = re.compile(
    r"(?:sha|md|aes|rsa|utf|base|oauth|http|bcrypt|argon|pbkdf|v|int|uint|float|varchar|char|str)-?[0-9]", re.I
)


@cache
def _reader() -> Any:
    return re2.compile(
        rf"(?i)(?:--?)?(?:{_PASSWORDS}|{_TOKENS}|{_KEYS}|_?token|pass)(?:{_SIGN}|\s{{1,2}})({_QUOTE})(.*)", options()
    )


def _parts(span: str) -> tuple[str, str]:
    """The quote and the value; what follows a comma or a bracket is a value only in quotes."""
    found = _reader().fullmatch(span)
    if found is None or (not found[1] and re.search(r"[,(]\s*$", span[: found.start(1)])):
        return "", ""
    return found[1], found[2]


def is_assigned_password(span: str) -> bool:
    """Whether the value is a password: letters with digits or signs, and no code, variable or stand-in."""
    quote, value = _parts(span)
    value = value if quote else value.rstrip(".,:;?)")
    if len(value) < 5 or not is_password(value) or (not quote and _CODE.search(value)) or _TECHNICAL.match(value):
        return False
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    if letters and digits:
        return True
    if digits:
        return digits == len(value) and 6 <= digits <= 12
    signs = len(value) - letters
    return bool(quote) and (
        (signs > 0 and not re.search(r"[_./:|=?&%\\ -]", value)) or (len(value) > 9 and wordiness(value) < 0.3)
    )


def is_assigned_key(span: str) -> bool:
    """Whether the value was made by chance, and is no code."""
    quote, value = _parts(span)
    if not quote and _CODE.search(value):
        return False
    return is_made_by_chance(value.rstrip(".,"), 12 if quote or "=" in span else 16)


def _key(name: str, before: str = "", ignore_case: bool = True) -> Rule:
    pattern = rf"{name}{_SIGN}{_QUOTE}{_PLAIN}{{12,512}}"
    return Rule("API_KEY", pattern, 0.8, before, ignore_case=ignore_case, check=is_assigned_key)


ASSIGNED = Rules(
    "assigned_secret",
    (
        Rule(
            "PASSWORD",
            rf"{_PASSWORDS}{_SIGN}{_QUOTE}{_ANY}{{5,128}}",
            0.8,
            ignore_case=True,
            check=is_assigned_password,
        ),
        Rule(
            "PASSWORD",
            rf"pass{_SIGN}{_QUOTE}{_ANY}{{5,128}}",
            0.75,
            "A-Za-z0-9",
            ignore_case=True,
            check=is_assigned_password,
        ),
        _key(_KEYS),
        _key(_TOKENS),
        _key("token", before="A-Za-z0-9_-"),
        _key("_TOKEN", ignore_case=False),
        Rule(
            "PASSWORD",
            rf"--?{_PASSWORDS}\s{{1,2}}{_QUOTE}{_ANY}{{5,128}}",
            0.75,
            "A-Za-z0-9",
            ignore_case=True,
            check=is_assigned_password,
        ),
    ),
)

"""Credentials: keys of well-known issuers by their marks, private keys, tokens, and passwords in plain sight."""

from collections.abc import Callable

from streams.screening.detector import Rule, Rules, passes

_WORD = "A-Za-z0-9"
_NAMES = r"(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?key|token|密码|口令|密钥)"
_VALUE = r"[A-Za-z0-9!@#$%^&*_+/=.~-]{8,128}"


def is_random(span: str) -> bool:
    """Letters and digits mixed, as keys are and words are not."""
    body = span[3:]
    return any(each.isdigit() for each in body) and any(each.isalpha() for each in body) and len(set(body)) >= 8


def is_password(span: str) -> bool:
    """A value with letters and digits in it that is no placeholder."""
    value = span.split("=" if "=" in span else ":" if ":" in span else " ", 1)[-1] if span.isascii() else span
    return any(each.isdigit() for each in value) and any(each.isascii() and each.isalpha() for each in value)


def _key(entity: str, pattern: str, check: Callable[[str], bool] = passes) -> Rule:
    return Rule(entity, pattern, score=0.95, before=_WORD, check=check)


SECRETS = Rules(
    "secrets",
    (
        Rule("AWS_KEY", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}", score=0.95, before=_WORD, after=_WORD),
        _key("GITHUB_TOKEN", r"(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})"),
        _key("SLACK_TOKEN", r"xox[abposre]-[A-Za-z0-9-]{10,250}"),
        _key("SLACK_TOKEN", r"hooks\.slack\.com/services/T[A-Za-z0-9]{6,20}/B[A-Za-z0-9]{6,20}/[A-Za-z0-9]{16,40}"),
        _key("API_KEY", r"sk-[A-Za-z0-9_-]{20,200}", check=is_random),
        _key(
            "API_KEY",
            r"(?:AIza[A-Za-z0-9_-]{35}|[rs]k_live_[A-Za-z0-9]{16,99}|hf_[A-Za-z0-9]{30,60}|glpat-[A-Za-z0-9_-]{20,60})",
        ),
        _key("HEADRACE_KEY", r"hr-[A-Za-z0-9]{4,64}-[A-Za-z0-9_-]{16,200}", check=is_random),
        Rule(
            "PRIVATE_KEY",
            r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\:,]*"
            r"(?:-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?",
            score=0.99,
        ),
        _key("JWT", r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
        _key(
            "CONNECTION_STRING",
            r"(?:postgres|postgresql|mysql|mariadb|mongodb|mongodb\+srv|rediss?|amqps?|mssql|https?|s?ftp)"
            r"://[A-Za-z0-9._%+~-]{0,64}:[A-Za-z0-9._%+~!$&*=#-]{3,128}@[A-Za-z0-9.-]{1,128}",
        ),
        _key("CONNECTION_STRING", r"AccountKey=[A-Za-z0-9+/]{40,128}={0,2}"),
        Rule(
            "PASSWORD",
            rf"{_NAMES}[\"']?\s{{0,2}}(?:=|:|是|为)\s{{0,2}}[\"']?{_VALUE}",
            score=0.7,
            before=_WORD,
            ignore_case=True,
            check=is_password,
        ),
    ),
)

"""Tokens that carry their own structure: JWT and JWE, and the headers that carry credentials."""

import binascii
import json
from base64 import b64decode, urlsafe_b64decode

from streams.screening.detector import Rule, Rules
from streams.screening.secrets.shape import is_made_by_chance, is_stand_in

_PART = "[A-Za-z0-9_-]"


def _json(part: str) -> object:
    """The JSON in a base-64 part, or nothing."""
    try:
        return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None


def is_jwt(span: str) -> bool:
    """Whether the header is a JSON object that names its algorithm."""
    header = _json(span.partition(".")[0])
    return isinstance(header, dict) and ("alg" in header or "enc" in header)


def is_user_and_password(encoded: str) -> bool:
    """Whether the text is ``user:password`` in base 64."""
    try:
        user, colon, password = b64decode(encoded + "=" * (-len(encoded) % 4)).decode().partition(":")
    except (binascii.Error, ValueError):
        return False
    return bool(user and colon and password) and (user + password).isprintable() and not is_stand_in(password)


def has_basic(span: str) -> bool:
    return is_user_and_password(span.rstrip("\"'\\").replace('"', " ").replace("'", " ").split()[-1])


def has_bearer(span: str) -> bool:
    """Whether the last word is a token; a scheme before it makes a shorter one enough."""
    value = span.rsplit(maxsplit=1)[-1].strip("\"'")
    return is_made_by_chance(value, 16) or (len(value) > 30 and not is_stand_in(value) and not value.isalpha())


TOKEN = Rules(
    "token",
    (
        Rule(
            "JWT",
            rf"eyJ{_PART}{{8,}}\.(?:eyJ{_PART}{{8,}}\.{_PART}{{8,}}|{_PART}*\.{_PART}{{8,}}\.{_PART}{{8,}}\.{_PART}{{8,}})",
            0.99,
            before="A-Za-z0-9._-",
            check=is_jwt,
        ),
        Rule("PASSWORD", r"basic\s{1,2}[A-Za-z0-9+/]{8,256}={0,2}", 0.9, "A-Za-z0-9", "A-Za-z0-9+/=", True, has_basic),
        Rule(
            "PASSWORD",
            r"\"?_?auth[\"']?\s{0,2}[:=]\s{0,2}[\"']?[A-Za-z0-9+/]{8,256}={0,2}",
            0.9,
            "A-Za-z0-9",
            "A-Za-z0-9+/=",
            True,
            lambda span: is_user_and_password(span.replace(":", "=", 1).split("=", 1)[1].strip(" \"'")),
        ),
        Rule("API_KEY", r"bearer\s{1,2}[A-Za-z0-9._~+/=-]{16,512}", 0.85, "A-Za-z0-9", "", True, has_bearer),
        Rule(
            "API_KEY",
            r"authorization[\"']?\s{0,2}[:=]\s{0,2}[\"']?(?:token|apikey|api-key|key|splunk|digest)\s{1,2}[A-Za-z0-9._~+/=-]{16,512}",
            0.85,
            "A-Za-z0-9",
            "",
            True,
            has_bearer,
        ),
    ),
)

"""Tokens that carry their own structure: JWT and JWE, and the headers that carry credentials."""

import binascii
import json
from base64 import b64decode, urlsafe_b64decode

from streams.screening.detector import Rule, Rules
from streams.screening.secrets.shape import Check, is_made_by_chance, is_stand_in

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


def is_bearer(value: str) -> bool:
    """Whether the value is a token; behind a scheme a long one needs no more than signs or digits."""
    return is_made_by_chance(value, 16) or (len(value) > 30 and not is_stand_in(value) and not value.isalpha())


def _header(entity: str, value: str, lead: str, check: Check) -> Rule:
    return Rule(entity, value, 0.9, "A-Za-z0-9", "A-Za-z0-9+/=", True, check, lead)


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
        _header("PASSWORD", r"[A-Za-z0-9+/]{8,256}={0,2}", r"basic\s{1,2}", is_user_and_password),
        _header(
            "PASSWORD", r"[A-Za-z0-9+/]{8,256}={0,2}", r"_?auth[\"']?\s{0,2}[:=]\s{0,2}[\"']?", is_user_and_password
        ),
        _header("API_KEY", r"[A-Za-z0-9._~+/=-]{16,512}", r"bearer\s{1,2}", is_bearer),
        _header(
            "API_KEY",
            r"[A-Za-z0-9._~+/=-]{16,512}",
            r"authorization[\"']?\s{0,2}[:=]\s{0,2}[\"']?(?:token|apikey|api-key|key|splunk|digest)\s{1,2}",
            is_bearer,
        ),
    ),
)

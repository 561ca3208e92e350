"""Masks that keep the form of a value, for logs and for people who look at what was found: ``138****8000``.

What identifies somebody is gone, and enough is left to tell two values apart. Lengths and separators stay.
"""

from collections.abc import Callable

STAR = "*"
KEPT: dict[str, tuple[int, int]] = {
    "PHONE": (3, 4),
    "CREDIT_CARD": (4, 4),
    "BANK_CARD_CN": (4, 4),
    "ID_CN": (3, 2),
    "IBAN": (4, 2),
    "SSN": (0, 4),
    "USCC_CN": (2, 2),
    "PASSPORT": (1, 2),
    "LICENSE_PLATE_CN": (2, 1),
    "MAC": (2, 0),
}
"""How many characters, separators apart, are shown of each kind at the beginning and at the end."""
MOST_SHOWN = 0.65
"""The part of a value that is shown at most."""


def masked(entity: str, value: str) -> str:
    """The value with what matters starred out; a kind that has no form of its own shows nothing but its length."""
    special = _SPECIAL.get(entity.upper())
    if special:
        return special(value)
    first, last = KEPT.get(entity.upper(), (0, 0))
    return starred(value, first, last)


def starred(value: str, first: int, last: int) -> str:
    """Letters and digits starred but for so many at both ends; of a short value none is shown."""
    places = [at for at, each in enumerate(value) if each.isalnum()]
    if first + last > MOST_SHOWN * len(places):
        first = last = 0
    hidden = set(places[first : len(places) - last])
    return "".join(STAR if at in hidden else each for at, each in enumerate(value))


def _email(value: str) -> str:
    """``a***@example.com``: the domain says where to ask, the number of stars nothing."""
    name, at, domain = value.rpartition("@")
    return f"{name[:1]}{STAR * 3}@{domain}" if at else starred(value, 0, 0)


def _ip(value: str) -> str:
    """The network stays: ``203.0.*.*``, ``2001:db8:*``."""
    if ":" in value:
        return ":".join([*value.split(":")[:2], STAR])
    return ".".join([*value.split(".")[:2], STAR, STAR])


def _person(value: str) -> str:
    """``王*``, ``J*** D**``."""
    return " ".join(word[:1] + STAR * (len(word) - 1) for word in value.split(" "))


def _secret(value: str) -> str:
    """A prefix names the issuer; the number of stars does not give the length away."""
    prefix = value[:4] if len(value) >= 20 else ""
    return prefix + STAR * 8


_SPECIAL: dict[str, Callable[[str], str]] = {
    "EMAIL": _email,
    "IP": _ip,
    "PERSON": _person,
    **dict.fromkeys(
        ("JWT", "PASSWORD", "HIGH_ENTROPY", "API_KEY", "AWS_KEY", "GITHUB_TOKEN", "SLACK_TOKEN", "HEADRACE_KEY"),
        _secret,
    ),
    **dict.fromkeys(("PRIVATE_KEY", "CONNECTION_STRING"), lambda _value: STAR * 8),
}

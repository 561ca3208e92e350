"""E-mail addresses (RFC 5321 in its common form), also between Chinese characters."""

from streams.screening.detector import Rule, Rules

_LOCAL = r"[A-Za-z0-9._%+-]{1,64}"
_DOMAIN = r"(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}"

EMAIL = Rules("email", (Rule("EMAIL", rf"{_LOCAL}@{_DOMAIN}", score=0.95),))

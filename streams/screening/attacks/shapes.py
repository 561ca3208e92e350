"""Pieces that patterns of attacks share."""

from collections.abc import Iterator

from streams.screening.detector import Rule

GAP = r"(?:[\s+]|%20|%09|%0a|/\*[^*\n]{0,20}\*/)"
"""What stands for a space in SQL and in URLs."""
_APART = r"[\s,*_\"'“”‘’-]"


def border(pattern: str) -> str:
    """What must not stand before a pattern: nothing of a word, if it begins as a word."""
    first = pattern.lstrip("(?:")[0]
    return "A-Za-z0-9_" if first.isascii() and first.isalpha() else ""


def order(entity: str, *patterns: str, score: float = 0.85) -> Iterator[Rule]:
    """Rules for what is said to an assistant; a space stands for what may be between words."""
    for pattern in patterns:
        yield Rule(entity, _spaced(pattern), score, border(pattern), ignore_case=True)


def _spaced(pattern: str) -> str:
    """Spaces outside of classes made to be what may be between words."""
    parts, inside = [], False
    for place, character in enumerate(pattern):
        escaped = pattern[place - 1 : place] == "\\"
        inside = (inside or character == "[") and not (character == "]" and not escaped)
        parts.append(character if inside or character != " " else _APART + "{1,4}")
    return "".join(parts).replace("{1,4}?", "{0,4}")

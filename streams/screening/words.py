"""Sensitive words of a policy, matched in their normal form and without regard to case."""

from collections.abc import Iterable

import re2

from schemas.policies import WordList
from streams.screening.detector import Rule, Rules
from streams.screening.normal import normalise

_LATIN = "A-Za-z0-9"


def words(name: str, chosen: WordList) -> Rules:
    """A detector for one list: a word that begins or ends in a Latin letter or digit has to end there in the text
    too; any other is found anywhere. Of words that begin at the same place the longest counts."""
    edges: dict[tuple[bool, bool], list[str]] = {}
    for word in chosen.words:
        plain = normalise(word).text.strip().lower()
        edges.setdefault((_is_latin(plain[0]), _is_latin(plain[-1])), []).append(plain)
    return Rules(
        "words",
        tuple(
            Rule(name, _any(group), 1.0, _LATIN if first else "", _LATIN if last else "", ignore_case=True)
            for (first, last), group in sorted(edges.items())
        ),
    )


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _any(group: Iterable[str]) -> str:
    ordered = sorted(set(group), key=lambda word: (-len(word), word))
    return "|".join(r"\s{1,3}".join(_literal(part) for part in word.split()) for word in ordered)


def _literal(part: str) -> str:
    return "".join(character if _is_latin(character) else re2.escape(character) for character in part)

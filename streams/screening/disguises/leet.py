"""Words with digits and signs for letters: 1gn0r3 pr3v10us 1nstruct10ns."""

import re

import re2

from schemas.entities import ENTITIES
from streams.screening.detector import Hit, options
from streams.screening.disguises.lookalike import changed
from streams.screening.view import View

_WORD = re.compile(r"(?<![A-Za-z0-9@$!|+-])[A-Za-z0-9@$!|+]{2,24}(?![A-Za-z0-9@$!|])")
_LETTERS = str.maketrans("0345789@$|!+", "oeastbgasiit")
_ONE = re.compile(r"1(?=1)|(?<=1)1|(?<=[aeiouAEIOU0341])1|1\Z")
_MIXED = re.compile(r"[A-Za-z].*[0-9@$|!+]|[0-9@$|!+].*[A-Za-z]")
WORDS = frozenset({"injection", "harm"})
"""Categories that are found by words."""


class Leet:
    name = "leet"
    trigger = r"[A-Za-z][0134578@$|!+]{1,2}[A-Za-z]|[1345$][A-Za-z]{3}"

    def __init__(self) -> None:
        self._open = re2.compile(r"[A-Za-z0-9@$!|+-]+\z", options())

    def view(self, source: View) -> View | None:
        text = source.text[: source.begin] + _WORD.sub(_plain, source.text[source.begin :])
        return View(text, source.begin, source) if text != source.text else None

    def opened(self, source: View) -> int:
        found = self._open.search(source.text, source.begin)
        return found.start() if found else len(source.text)

    def finds(self, entity: str) -> bool:
        return by_words(entity)

    def admits(self, hit: Hit, view: View) -> bool:
        return changed(hit, view)


def by_words(entity: str) -> bool:
    """Whether an entity is found by what words say; those of a policy's lists are."""
    return entity not in ENTITIES or ENTITIES[entity].category in WORDS


def _plain(found: re.Match[str]) -> str:
    """A word in letters: ``1`` is an l at the end, doubled or after a vowel, else an i."""
    word = found.group()
    if not _MIXED.search(word):
        return word
    return _ONE.sub("l", word).replace("1", "i").translate(_LETTERS)

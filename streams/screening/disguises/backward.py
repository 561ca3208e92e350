"""Words each written backwards: erongi lla suoiverp snoitcurtsni."""

import re
from collections.abc import Iterator

import re2

from streams.screening.detector import Hit, options
from streams.screening.disguises.leet import by_words
from streams.screening.view import Token, View, replaced

ANCHORS = (
    "ignore disregard forget override bypass previous instructions prompt system reveal jailbreak pretend developer "
    "unrestricted unfiltered kill bomb weapon suicide"
)
"""Words that a hit in English cannot do without."""
_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,24}(?![A-Za-z])")


class Backward:
    name = "backward"
    trigger = "(?i:" + "|".join(word[::-1] for word in ANCHORS.split()) + ")"

    def __init__(self) -> None:
        self._trigger = re2.compile(self.trigger, options())
        self._open = re2.compile(r"[A-Za-z]+\z", options())

    def view(self, source: View) -> View | None:
        return replaced(source, self._tokens(source))

    def opened(self, source: View) -> int:
        found = self._open.search(source.text, source.begin)
        return found.start() if found else len(source.text)

    def finds(self, entity: str) -> bool:
        return by_words(entity)

    def admits(self, hit: Hit, view: View) -> bool:

        said = view.source.text[view.left(hit.start) : view.right(hit.end)]
        return self._trigger.search(said) is not None

    def _tokens(self, source: View) -> Iterator[Token]:
        for found in _WORD.finditer(source.text, source.begin):
            yield Token(found.start(), found.end(), found.group()[::-1], self.name)

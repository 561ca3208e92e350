"""Letters shifted by thirteen places."""

import codecs

import re2

from streams.screening.detector import Hit, options
from streams.screening.disguises.leet import by_words
from streams.screening.view import View

_TABLE = {code: codecs.encode(chr(code), "rot13") for code in range(128) if chr(code).isalpha()}
_ANCHORS = (
    "ignore disregard forget override bypass previous instruction prompt system reveal jailbreak pretend developer "
    "unrestricted unfiltered kill bomb weapon suicide"
)


class Rot13:
    """Admits what one of the words that a hit cannot do without stands in, or the end of an e-mail address."""

    name = "rot13"
    trigger = (
        "(?i:" + "|".join(codecs.encode(word, "rot13") for word in _ANCHORS.split()) + ")"
        r"|@[A-Za-z0-9.-]{1,63}\.(?:pbz|bet|arg|rqh|tbi|pa|hx|vb)"
    )

    def __init__(self) -> None:
        self._trigger = re2.compile(self.trigger, options())

    def view(self, source: View) -> View | None:
        return View(source.text.translate(_TABLE), source.begin, source)

    def opened(self, source: View) -> int:
        return len(source.text)

    def finds(self, entity: str) -> bool:
        return by_words(entity) or entity == "EMAIL"

    def admits(self, hit: Hit, view: View) -> bool:

        return self._trigger.search(view.source.text[hit.start : hit.end]) is not None

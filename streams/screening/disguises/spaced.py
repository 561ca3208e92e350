"""Letters set apart: i g n o r e, a-l-l, 忽 略 以 上."""

import re
from collections.abc import Iterator

import re2

from streams.screening.detector import Hit, options
from streams.screening.disguises.leet import by_words
from streams.screening.view import Token, View, replaced

_HAN = "\u4e00-\u9fff"
_LATIN = "A-Za-z0-9@_"
_ONE = rf"(?:[{_LATIN}.](?![{_LATIN}])|[{_HAN}](?![{_HAN}]))"
_RUN = re.compile(
    rf"(?<![{_LATIN}{_HAN}]){_ONE}([ ._*|·~/-]){_ONE}(?:(?:\1|\1? {{1,3}}\1?){_ONE}){{2,300}}(?![{_LATIN}])"
)


class Spaced:
    name = "spaced"
    trigger = (
        rf"[{_LATIN}.][ ._*|·~/-][{_LATIN}.][ ._*|·~/-]{{1,5}}[{_LATIN}.][ ._*|·~/-]{{1,5}}[{_LATIN}.][ ._*|·~/-]"
        rf"|[{_HAN}][ ._*|·~/-][{_HAN}][ ._*|·~/-]{{1,5}}[{_HAN}]"
    )

    def __init__(self) -> None:
        one, apart = rf"(?:[{_LATIN}.]|[{_HAN}])", "[ ._*|·~/-]"
        latin, han = rf"(?:\A|[^{_LATIN}])([{_LATIN}.]", rf"(?:\A|[^{_HAN}])([{_HAN}]"
        rest = rf"(?:{apart}{{1,5}}{one})*{apart}{{0,5}})\z"
        self._open = re2.compile(f"(?:{latin}{rest}|{han}{rest})", options())

    def view(self, source: View) -> View | None:
        return replaced(source, self._tokens(source))

    def opened(self, source: View) -> int:
        found = self._open.search(source.text, max(source.begin - 1, 0))
        if found is None:
            return len(source.text)
        return int(max(found.start(1), found.start(2), source.begin))

    def finds(self, entity: str) -> bool:
        return by_words(entity) or entity == "EMAIL"

    def admits(self, hit: Hit, view: View) -> bool:
        return bool(view.names(hit.start, hit.end))

    def _tokens(self, source: View) -> Iterator[Token]:
        for found in _RUN.finditer(source.text, source.begin):
            yield Token(found.start(), found.end(), _joined(found.group(), found.group(1)), self.name)


def _joined(run: str, apart: str) -> str:
    """The letters together; where more stands between them than usual, a word ends."""
    letters = run[0]
    for gap, letter in re.findall(rf"({re.escape(apart)}? {{1,3}}{re.escape(apart)}?|{re.escape(apart)})(.)", run[1:]):
        letters += letter if gap == apart else " " + letter
    return letters

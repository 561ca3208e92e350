"""Numbers in other clothes: digits set apart by anything, in Chinese, or spelled out in English.

A run of digits counts as a whole. What stands in tables, lists and dates is no number unless the text before says
so, or a checksum and an unusual way of writing do.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import re2

from streams.screening.detector import Hit, options
from streams.screening.disguises.sureness import NUMBERS, is_said
from streams.screening.view import Token, View, replaced

_HAN = dict(
    zip("零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两洞拐貳參陸兩", "0012345678912345678912072362", strict=True)
)
_WORDS = {
    word: str(value)
    for value, words in enumerate(("zero oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
    for word in words.split()
}
_HAN_CLASS = "".join(_HAN)
_SPELLED = "(?:" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_PLAIN = f"0-9{_HAN_CLASS}"
_WORD = rf"(?<![A-Za-z])(?i:{_SPELLED})(?![A-Za-z])"
_DIGIT = rf"(?:[{_PLAIN}]|{_WORD}|(?<=[0-9OoIl])[OoIl](?![A-HJ-NP-Za-km-np-z]))"
_FIRST = rf"(?<![{_PLAIN}])(?:[{_PLAIN}]|{_WORD}|(?<![A-Za-z])[OoIl](?=[0-9]))"
_RUN = re.compile(rf"{_FIRST}(?:[\W_]{{0,4}}{_DIGIT}){{8,39}}(?:[\W_]{{0,4}}[Xx](?![A-Za-z]))?")
_PART = re.compile(rf"(?i:{_SPELLED})|[{_PLAIN}OoIlXx]")
_WHOLE = frozenset({10, 11, 13, 14, 15, 16, 17, 18, 19})
"""So many digits make one number; fewer or more may be several."""
_LISTS = frozenset(",;、\n，；")


class Numerals:
    name = "numerals"
    trigger = (
        rf"[{_PLAIN}](?:[^0-9A-Za-z\x{{3400}}-\x{{9fff}}]{{0,4}}[{_PLAIN}OoIl]){{8}}"
        rf"|(?i:{_SPELLED}[^0-9A-Za-z]{{1,4}}{_SPELLED}[^0-9A-Za-z]{{1,4}}{_SPELLED})|[OoIl][0-9OoIl]{{7}}"
    )

    def __init__(self) -> None:
        first, digit = rf"(?:[OoIl]?[{_PLAIN}]|(?i:{_SPELLED}))", rf"(?:[{_PLAIN}OoIl]|(?i:{_SPELLED}))"
        begun = "|".join(sorted({word[:size] for word in _WORDS for size in range(1, len(word))}))
        gap = r"[^0-9A-Za-z\x{3400}-\x{9fff}]{0,4}"
        self._open = re2.compile(
            rf"(?:{first}(?:{gap}{digit})*{gap}(?:(?i:{begun})|[Xx])?|(?i:{begun})|[OoIl])\z", options()
        )

    def view(self, source: View) -> View | None:
        return replaced(source, self._tokens(source))

    def opened(self, source: View) -> int:
        found = self._open.search(source.text, source.begin)
        return found.start() if found else len(source.text)

    def finds(self, entity: str) -> bool:
        return entity in NUMBERS

    def admits(self, hit: Hit, view: View) -> bool:
        if not view.names(hit.start, hit.end):
            return False
        left, right = view.left(hit.start), view.right(hit.end)
        if hit.entity == "ID_CN" or is_said(hit.entity, _context(view, left)):
            return True
        return _is_unusual(view.source.text[left:right], strict=hit.entity == "PHONE")

    def _tokens(self, source: View) -> Iterator[Token]:
        for found in _RUN.finditer(source.text, source.begin):
            numbers = [span for span in _numbers(found.group(), found.start()) if _is_hidden(source.text[slice(*span)])]
            for left, right in numbers:
                yield Token(left, right, _form(_digits(source.text[left:right]), source.context(left)), self.name)
            if not numbers:
                yield Token(*found.span(), "", "")


def _is_hidden(said: str) -> bool:
    return not (said.isascii() and said.isdigit())


def _context(view: View, left: int) -> str:
    return view.source.context(left) if isinstance(view.source, View) else ""


def _digits(run: str) -> str:
    return "".join(_value(found.group()) for found in _PART.finditer(run))


def _value(digit: str) -> str:
    if digit in "OoIlXx":
        return {"O": "0", "o": "0", "I": "1", "l": "1"}.get(digit, "X")
    return digit if digit.isdigit() else _HAN.get(digit) or _WORDS[digit.lower()]


def _numbers(run: str, start: int) -> Iterator[tuple[int, int]]:
    """The spans in a run that each may be one number: the whole, or what stands between the rarer separators."""
    places = [found.span() for found in _PART.finditer(run)]
    gaps = [run[left:right] for (_, left), (right, _) in pairwise(places)]
    usual = Counter(gaps).most_common(1)[0][0]
    if len(places) in _WHOLE or len(set(gaps)) == 1:
        yield start + places[0][0], start + places[-1][1]
        return
    first = 0
    for place, gap in enumerate([*gaps, ""], 1):
        if place == len(places) or gap not in ("", usual):
            if place - first in _WHOLE:
                yield start + places[first][0], start + places[place - 1][1]
            first = place


def _form(digits: str, context: str) -> str:
    """Digits as the rules know them: those of North American numbers and of social security numbers in groups."""
    if len(digits) == 9 and is_said("SSN", context):
        return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
    national = digits[1:] if len(digits) == 11 and digits[:2] in ("12", "10") else digits
    if len(national) == 10 and is_said("PHONE", context):
        return f"{national[:3]}-{national[3:6]}-{national[6:]}"
    return digits


def _is_unusual(said: str, strict: bool) -> bool:
    """Whether nobody writes tables, lists or dates this way."""
    if not said.isascii():
        return all(not each.isascii() for each in said if each.isalnum()) or not _LISTS & set(said)
    if any(each.isalpha() and each not in "OoIlXx" for each in said):
        return True
    gaps = re.findall(r"[^0-9OoIlXx]+", said)
    groups = [len(each) for each in re.split(r"[^0-9OoIlXx]+", said)]
    if strict or _LISTS & set("".join(gaps)):
        return False
    return max(groups) <= 2 or not set("".join(gaps)) <= set(" .-:")

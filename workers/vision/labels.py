"""Labels and values in one line of text: where a field's name stands, and what of the rest can be its value."""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from workers.vision.fields import FIELDS, Sort

CHARS = 500

_NUMBER = r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d{1,4})?|[-−]?\d+(?:\.\d{1,4})?"
_MONEY = r"(?:¥|\$|€|£|us\$|hk\$|rmb|cny|usd|eur|gbp|hkd)"
_NOISE = r"[\s::;.,。、=*/|-]"
_ASIDE = r"\([^()]{0,24}\)"
_CAPITALS = r"(?>(?:人民币)?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿圆元角分整正]+)"
_PERCENT = r"\d{1,3}(?:\.\d{1,3})?\s*%"
_DATE = (
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|[a-z]{3,9}\.?\s*\d{1,2}(?:st|nd|rd|th)?\s*,?\s*\d{4}|\d{1,2}\s*[a-z]{3,9}\.?,?\s*\d{4}"
)
_AMOUNT = rf"(?:{_MONEY}\s*)?(?:{_NUMBER})(?!\d|\s*%)(?:\s*(?:{_MONEY}|元|圆))?"


def _whole(before: str, value: str, after: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{before})*?(?P<value>{value})(?:{after})*", re.IGNORECASE)


_VALUES: dict[Sort, re.Pattern[str]] = {
    "amount": _whole(
        rf"{_NOISE}|{_ASIDE}|{_PERCENT}|{_CAPITALS}|{_MONEY}(?!\s*[-−]?\d)",
        _AMOUNT,
        rf"{_NOISE}|{_MONEY}|{_ASIDE}|整|正",
    ),
    "date": _whole(rf"{_NOISE}|{_ASIDE}", _DATE, rf"{_NOISE}|\d\d:\d\d"),
    "code": _whole(rf"{_NOISE}|{_ASIDE}|[#№]", r"(?=\S*\d)[a-z0-9][a-z0-9/_-]{1,63}", _NOISE),
    "percent": _whole(rf"{_NOISE}|{_ASIDE}", _PERCENT, _NOISE),
    "text": _whole(_NOISE, r"[^\s::;.,。、=*/|-].{0,199}", _NOISE),
}
_EMPTY = re.compile(rf"(?:{_NOISE}|{_ASIDE}|{_CAPITALS}|{_MONEY})*", re.IGNORECASE)


@dataclass(frozen=True)
class Label:
    """A name of a field in a line, from ``start`` to ``end``."""

    field: str
    name: str
    start: int
    end: int


def normal(text: str) -> str:
    """Full-width forms as their plain ones (Unicode NFKC), at most 500 characters."""
    return unicodedata.normalize("NFKC", text[:CHARS]).replace("￥", "¥").strip()[:CHARS]


@cache
def pattern_of(name: str) -> re.Pattern[str]:
    """A name with spaces wherever a recogniser may put or drop them; Latin names at the edges of words only."""
    spaced = r"\s*".join(re.escape(char) for char in _flat(name))
    return re.compile(spaced if name[0] > "\x7f" else rf"(?<![a-z]){spaced}(?![a-z])")


def _flat(text: str) -> str:
    return "".join(char.lower()[:1] for char in text if not char.isspace())


def _by_first() -> dict[str, list[tuple[str, str, str]]]:
    """Names with their fields by first character, the longest first."""
    table: dict[str, list[tuple[str, str, str]]] = {}
    for key, field in FIELDS.items():
        for name in field.names:
            table.setdefault(name[0], []).append((_flat(name), name, key))
    return {first: sorted(names, key=lambda one: -len(one[0])) for first, names in table.items()}


_NAMES = _by_first()


def labels(text: str) -> list[Label]:
    """The names of known fields in a normal line, each the longest at its place, but not within other words."""
    places = [at for at, char in enumerate(text) if not char.isspace()]
    flat = _flat(text)
    found: list[Label] = []
    at = 0
    while at < len(flat):
        label = next(_starting(text, flat, places, at), None)
        if label and _begins(text[: label.start], text[label.start], found):
            found.append(label)
            at += len(_flat(label.name))
        else:
            at += 1
    return found


def _starting(text: str, flat: str, places: list[int], at: int) -> Iterator[Label]:
    for form, name, key in _NAMES.get(flat[at], ()):
        if flat.startswith(form, at):
            end = places[at + len(form) - 1] + 1
            if form[-1] > "\x7f" or not text[end : end + 1].isascii() or not text[end : end + 1].isalpha():
                yield Label(key, name, places[at], end)


def _begins(before: str, first: str, found: list[Label]) -> bool:
    """No word stands right before it, except the same label in another language."""
    gap = before.rstrip(" /|(")
    if found and found[-1].end == len(gap):
        return True
    return not (before if first > "\x7f" else gap)[-1:].isalpha()


def only_labels(text: str, found: list[Label]) -> bool:
    """Whether a line holds names and nothing else, so that its value must stand beside or below it."""
    ends = [0, *(label.end for label in found)]
    starts = [*(label.start for label in found), len(text)]
    return bool(found) and all(_EMPTY.fullmatch(text, end, start) for end, start in zip(ends, starts, strict=True))


def after(sort: Sort, text: str, label: Label, found: list[Label]) -> str | None:
    """The value behind a label, up to the next one; free text needs a colon before it, and before the next label."""
    rest = [other for other in found if other.start >= label.end]
    if sort == "text":
        if not text[label.end :].lstrip().startswith(":"):
            return None
        rest = [other for other in rest if text[other.end :].lstrip().startswith(":")]
    return value_of(sort, text[label.end : rest[0].start if rest else len(text)])


def value_of(sort: Sort, text: str) -> str | None:
    """The value that all of ``text`` is, but for punctuation and asides around it; ``None`` when it is more or less."""
    match = _VALUES[sort].fullmatch(text)
    return match["value"].strip(" ;,。、") if match else None


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """``("项目经理", "王芳")`` for each colon in a normal line; what looks like a time of day is left out."""
    parts = text.split(":")
    for number, (left, right) in enumerate(itertools.pairwise(parts)):
        name = left.rpartition(" ")[2] if number else left
        last = number == len(parts) - 2
        value, _, following = (right, "", "") if last else right.rstrip().rpartition(" ")
        if 0 < len(name.strip()) <= 40 and value.strip() and not following.isdigit():
            yield name.strip(), value.strip()

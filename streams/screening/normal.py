"""One form for texts that look alike: wide letters and digits, other scripts' digits, invisible characters.

Each character is treated by itself (Unicode NFKC, digits to ASCII, invisible ones removed), so a text cut
anywhere has the same form as the whole, and every place of it leads back to the original.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

_PLANES = (range(0x80, 0x3400), range(0xA000, 0xAC00), range(0xD800, 0xE000), range(0xF900, 0x10000))
_BEYOND = (range(0x1D400, 0x1D800), range(0x1F100, 0x1F200), range(0x2F800, 0x2FA20), range(0xE0000, 0xE01F0))

_TAGS = {code + 0xE0000: code for code in range(0x20, 0x7F)}
_TAGGED = re.compile("[\U000e0020-\U000e007e]")
COMMON = tuple(zip("，：；？！（）％０１２３４５６７８９", ",:;?!()%0123456789", strict=True))
"""What Chinese texts are full of, each one character as before: done first, most texts need nothing more."""


@dataclass(frozen=True)
class Normal:
    """The text as it is compared. ``offsets[i]`` is where its character ``i`` stands in the original, with the
    original's length at the end; ``None`` when every character kept its place."""

    text: str
    offsets: list[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that ``[start, end)`` was made from."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1 if end > start else self.offsets[end]


def normalise(text: str) -> Normal:
    if text.isascii():
        return Normal(text)
    for wide, narrow in COMMON:
        text = text.replace(wide, narrow)
    table, changing, moving = _tables()
    if changing.search(text.encode(errors="surrogatepass")) is None:
        return Normal(text)
    if moving.isdisjoint(text):
        return Normal(text.translate(table))
    parts, offsets = [], []
    for place, character in enumerate(text):
        form = table.get(ord(character), character)
        parts.append(form)
        offsets += [place] * len(form)
    return Normal("".join(parts), [*offsets, len(text)])


def unmasked(text: str) -> str | None:
    """The text with the letters that tag characters hide, each in its place, where there are any."""
    return text.translate(_TAGS) if not text.isascii() and _TAGGED.search(text) else None


@cache
def _tables() -> tuple[dict[int, str], Any, frozenset[str]]:
    """The form of each character that has another one, a pattern for those characters, and those that change the
    length."""
    table = {ord(character): form for character, form in _forms() if form != character}
    members = "".join(rf"\x{{{code:x}}}" for code in table)
    return table, re2.compile(f"[{members}]"), frozenset(chr(code) for code, form in table.items() if len(form) != 1)


def _forms() -> Iterator[tuple[str, str]]:
    for codes in (*_PLANES, *_BEYOND):
        for code in codes:
            yield chr(code), _form(chr(code))


def _form(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    if category in ("Cf", "Mn", "Me") or character in "\u115f\u1160\u3164\uffa0":
        return ""
    digit = unicodedata.digit(character, None)
    return str(digit) if digit is not None else unicodedata.normalize("NFKC", character)

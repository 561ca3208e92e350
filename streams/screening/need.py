"""What a text must have for a pattern to match in it, so that most patterns need not be looked for in most texts."""

from collections.abc import Iterator
from enum import Enum
from string import ascii_letters, digits

from streams.screening.prefix import Char, Choice, Node, Repeat, Sequence, parse

MARKS = "<>{}[]\\|$&=*^~`#@/+_%"
_FOLDED = "\u017f\u212a"
"""What a pattern that ignores case takes for an s and a k."""
_ESCAPES = {"d": digits, "w": f"{ascii_letters}{digits}_", "n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_OTHERS = "sSdDwWpPbBaAzZQEC"


class Need(Enum):
    """One character at least of a kind; from the rarest in what people write to none."""

    MARK = MARKS
    DIGIT = digits
    WIDE = "beyond ASCII"
    LETTER = ascii_letters
    NOTHING = ""
    __hash__ = object.__hash__  # that of ``Enum`` is a function of Python, and sets of these are made for each text

    def holds(self, first: int, last: int) -> bool:
        """Whether all characters with these codes are of the kind."""
        if self is Need.WIDE:
            return first >= 0x80 and not any(first <= ord(each) <= last for each in _FOLDED)
        return last < 0x80 and all(chr(code) in self.value for code in range(first, last + 1))


_WANTED = tuple(each for each in Need if each is not Need.NOTHING)
_ABSENT = {each: each.value.encode() for each in (Need.MARK, Need.DIGIT, Need.LETTER)}


def need_of(*patterns: str) -> Need:
    """What patterns that stand one behind the other need; nothing where that is not known."""
    try:
        nodes = [parse(each) for each in patterns if each]
    except ValueError:
        return Need.NOTHING
    return next((kind for kind in _WANTED if any(_needs(node, kind) for node in nodes)), Need.NOTHING)


def had_by(data: bytes) -> set[Need]:
    """What a text in UTF-8 has."""
    had = {Need.NOTHING} | {kind for kind, some in _ABSENT.items() if len(data.translate(None, some)) < len(data)}
    if not data.isascii():
        had.add(Need.WIDE)
        if any(each.encode() in data for each in _FOLDED):
            had.add(Need.LETTER)
    return had


def _needs(node: Node, kind: Need) -> bool:
    match node:
        case Char(source):
            spans = list(_spans(source))
            return bool(spans) and all(kind.holds(first, last) for first, last in spans)
        case Repeat(body, low, _):
            return low > 0 and _needs(body, kind)
        case Sequence(parts):
            return any(_needs(part, kind) for part in parts)
        case Choice(options):
            return all(_needs(option, kind) for option in options)


def _spans(source: str) -> Iterator[tuple[int, int]]:
    """The codes of the characters that a literal, an escape or a class matches: all there are, where it is unknown."""
    everything = (0, 0x10FFFF)
    if source == "." or source.startswith("[^"):
        yield everything
        return
    inside = source[1:-1] if source.startswith("[") and len(source) > 1 else source
    at = 0
    while at < len(inside):
        said, at = _said(inside, at)
        if said is None:
            yield everything
        elif len(said) == 1 and inside[at : at + 1] == "-" and at + 1 < len(inside) and inside is not source:
            last, at = _said(inside, at + 1)
            yield (ord(said), ord(last)) if last and len(last) == 1 else everything
        else:
            yield from ((ord(each), ord(each)) for each in said)


def _said(inside: str, at: int) -> tuple[str | None, int]:
    """What the character or the escape at a place stands for, ``None`` for what is not told, and the place behind."""
    if inside[at] != "\\":
        return inside[at], at + 1
    if inside.startswith("\\x{", at):
        end = inside.index("}", at)
        return chr(int(inside[at + 3 : end], 16)), end + 1
    if inside.startswith("\\x", at):
        return chr(int(inside[at + 2 : at + 4], 16)), at + 4
    sign = inside[at + 1]
    return _ESCAPES.get(sign) or (None if sign in _OTHERS else sign), at + 2

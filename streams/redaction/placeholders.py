"""Names that stand for values, as in ``<PHONE_1>``, and the values put back where a model says the names.

Models change such names a little, so case, width, spaces, hyphens for underscores, escapes and missing brackets are
borne with (a name without brackets has to be as it was given). Only names of one mapping are known: any other stays.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Self

import re2

from schemas.requests import ResponseFormat
from streams.screening.prefix import prefixes

LITERAL = "LITERAL"
"""Stands for what looks like a name and is none: somebody wrote it."""
MOST_NUMBER = 9_999
_OPEN = r"(?:<|＜|〈|‹|&lt;|&LT;|\\u003[cC])"
_CLOSE = r"(?:>|＞|〉|›|&gt;|&GT;|\\u003[eE])"
_SPACE = r"[ \t　]{0,2}"
_JOINT = r"(?:[_ －＿-]|\\_)"
_DIGITS = r"[0-9０-９]{1,4}"
_JOINTS = str.maketrans({each: "_" for each in " -－＿"} | {"\\": ""})
_OUTER = "<＜〈‹>＞〉› \t　"
_ESCAPES = ("&lt;", "&gt;", "\\u003c", "\\u003e")


class Name(NamedTuple):
    """One place where a text says a name; ``bracketed`` ones end with their bracket."""

    start: int
    end: int
    name: str
    bracketed: bool


def named(entity: str, number: int) -> str:
    return f"{entity}_{number}"


def shown(name: str) -> str:
    """How a model is told a name."""
    return f"<{name}>"


class Forms:
    """What names of some entities look like in a text."""

    def __init__(self, entities: tuple[str, ...]) -> None:
        bracketed = f"{_OPEN}{_SPACE}(?:{'|'.join(map(_loose, entities))}){_JOINT}{_DIGITS}{_SPACE}{_CLOSE}"
        bare = "(?:" + "|".join(each.replace("_", r"(?:_|\\_)") for each in entities) + r")(?:_|\\_)[0-9]{1,4}"
        options = re2.Options()
        options.never_nl, options.log_errors = False, False
        self._names: Any = re2.compile(rf"(?P<bracketed>{bracketed})|\b{bare}\b", options)
        self._beginning: Any = re2.compile(rf"(?:(?:{prefixes(bracketed)})|\b(?:{prefixes(bare)}))\z", options)

    def names(self, text: str) -> Iterator[Name]:
        """In order, in time linear in the text's length."""
        data, byte, place = searchable(text).encode(), 0, 0
        for found in self._names.finditer(data):
            start = place + len(data[byte : found.start()].decode())
            said = found.group().decode()
            byte, place = found.end(), start + len(said)
            yield Name(start, place, canonical(said), found.group("bracketed") is not None)

    def tail(self, text: str) -> int:
        """Where the longest end of ``text`` begins that may still become a name, or a longer one."""
        found = self._beginning.search(searchable(text))
        return found.start() if found else len(text)


@lru_cache(maxsize=256)
def forms(entities: tuple[str, ...]) -> Forms:
    return Forms(entities)


def searchable(text: str) -> str:
    """The text with lone surrogates replaced, character for character."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def canonical(said: str) -> str:
    """``PHONE_1`` for any form of it."""
    name = said.casefold()
    for escape in _ESCAPES:
        name = name.replace(escape, "")
    name = name.strip(_OUTER).translate(_JOINTS).upper()
    name = "".join(chr(ord(each) - 0xFEE0) if "！" <= each <= "～" else each for each in name).upper()
    entity, _, number = name.rpartition("_")
    return named(entity, int(number))


@dataclass(frozen=True)
class Known:
    """Values by their names. ``json`` says that answers are JSON, so that values are escaped as in its strings."""

    values: Mapping[str, str]
    json: bool = False

    @classmethod
    def of(cls, names: Mapping[tuple[str, str], str], form: ResponseFormat) -> Self:
        """What the names of values stand for, in an answer of that form."""
        return cls({name: value for (_, value), name in names.items()}, form.type.startswith("json"))

    @property
    def entities(self) -> tuple[str, ...]:
        return tuple(sorted({name.rpartition("_")[0] for name in self.values}))

    @property
    def own(self) -> frozenset[str]:
        """The values, which their reader may see."""
        return frozenset(self.values.values())

    def value(self, name: Name) -> str | None:
        found = self.values.get(name.name)
        return json.dumps(found, ensure_ascii=False)[1:-1] if found is not None and self.json else found


class Restorer:
    """One stream in which names become values again. However it is cut, the pieces make up the same text."""

    def __init__(self, mapping: Known) -> None:
        self._mapping = mapping
        self._forms = forms(mapping.entities) if mapping.values else None
        self._before, self._held = "", ""

    def feed(self, text: str) -> str:
        """What may leave now; a name that is not over is held back."""
        if self._forms is None:
            return text
        self._held += text
        whole = self._before + self._held
        tail = self._forms.tail(whole)
        names = list(self._forms.names(whole))
        for name in names:
            if name.bracketed and name.start <= tail < name.end:
                tail = name.end
            elif name.start < tail < name.end:
                tail = name.start
        return self._release(whole, max(tail, len(self._before)), names)

    def finish(self) -> str:
        """What was held back."""
        whole = self._before + self._held
        return self._release(whole, len(whole), list(self._forms.names(whole)) if self._forms else [])

    def _release(self, whole: str, cut: int, names: list[Name]) -> str:
        parts, place = [], len(self._before)
        for name in names:
            if place <= name.start and name.end <= cut and (value := self._mapping.value(name)) is not None:
                parts += [whole[place : name.start], value]
                place = name.end
        parts.append(whole[place:cut])
        self._held = whole[cut:]
        self._before = whole[max(0, cut - 1) : cut]
        return "".join(parts)


def restore(text: str, mapping: Known) -> str:
    """The text with values in the places of their names."""
    restorer = Restorer(mapping)
    return restorer.feed(text) + restorer.finish()


def _loose(entity: str) -> str:
    """Any case and width of a name."""
    return "".join(_JOINT if each == "_" else _any(each) for each in entity)


def _any(letter: str) -> str:
    wide = chr(ord(letter) + 0xFEE0)
    if letter.isalpha():
        return f"[{letter.upper()}{letter.lower()}{wide}{wide.lower()}]"
    return f"[{letter}{wide}]"

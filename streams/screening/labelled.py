"""Labelled texts as lines of JSON: what is truly in each, by span or for the whole text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, get_args

from schemas.entities import ENTITIES, canonical
from schemas.errors import HeadraceError, InvalidField
from schemas.screening import Category
from streams.screening.language import language_of
from streams.screening.scan import Asked, asked, bounded, parsed

CATEGORIES: tuple[Category, ...] = get_args(Category)
FIELDS = ("labels", "entities", "findings")
NAMES = ("entity", "label", "type", "category")
"""What the name of a span may stand under."""


class Span(NamedTuple):
    entity: str
    start: int
    end: int


@dataclass(frozen=True)
class Labelled:
    """``labels`` are entities or categories in the text, ``spans`` where they are, as far as that is known; without
    either it is ordinary."""

    asked: Asked
    labels: frozenset[str]
    spans: tuple[Span, ...]
    language: str
    source: str

    @property
    def categories(self) -> frozenset[str]:
        return frozenset(category_named(name) for name in self.labels)


def category_named(name: str) -> str:
    """The category of a label; a name of one's own counts as harm, as a learned detector's does."""
    if name in CATEGORIES:
        return name
    return ENTITIES[name].category if name in ENTITIES else "harm"


def read_labelled(path: Path) -> Iterator[Labelled]:
    """The texts of a file, one after the other. Raises ``InvalidField`` with the number of a line that is none."""
    with path.open("rb") as file:
        for number, line in enumerate(bounded(file), start=1):
            if line.isspace():
                continue
            try:
                yield labelled(parsed(line), number)
            except HeadraceError as error:
                raise InvalidField(f"{path}, line {number}: {error.message}") from error


def labelled(fields: Mapping[str, Any], number: int = 0) -> Labelled:
    """Raises ``InvalidField``."""
    one = asked(dict(fields), number)
    given = next((fields[name] for name in FIELDS if fields.get(name) is not None), ())
    if not isinstance(given, list | tuple):
        raise InvalidField(f"give a list of names or spans as one of {', '.join(FIELDS)}")
    spans = tuple(_span(each, len(one.text)) for each in given if isinstance(each, dict))
    names = [_named(each) for each in given if not isinstance(each, dict)]
    return Labelled(
        one,
        frozenset([*names, *(span.entity for span in spans)]),
        spans,
        str(fields.get("language") or language_of(one.text)),
        str(fields.get("source") or "unknown"),
    )


def _span(fields: Mapping[str, Any], length: int) -> Span:
    name = next((fields[each] for each in NAMES if each in fields), None)
    start, end = fields.get("start"), fields.get("end")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= length:
        raise InvalidField("a span has 'start' and 'end' in characters of its text")
    return Span(_named(name), start, end)


def _named(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise InvalidField("a label is the name of an entity or a category")
    return name.lower() if name.lower() in CATEGORIES else canonical(name)

"""Labelled sentences in English and Chinese: templates filled from a seed, with the spans of the personal data."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from tests.streams.screening.personal import chinese_sentences, english_sentences
from tests.streams.screening.personal.values import Values

Language = Literal["en", "zh"]
SLOT = re.compile(r"\{([a-z0-9_]+)\}")
TEMPLATES = {
    ("en", True): english_sentences.PERSONAL,
    ("en", False): english_sentences.ORDINARY,
    ("zh", True): chinese_sentences.PERSONAL,
    ("zh", False): chinese_sentences.ORDINARY,
}


class Span(NamedTuple):
    start: int
    end: int
    kind: str


class Sentence(NamedTuple):
    """``template`` is its number: the odd ones were not looked at when the rules were written."""

    text: str
    spans: tuple[Span, ...]
    template: int


def sentences(language: Language, personal: bool, seed: int, rounds: int = 1) -> Iterator[Sentence]:
    """Every template, ``rounds`` times; those that are not ``personal`` have no spans."""
    values = Values(seed)
    for _ in range(rounds):
        for number, template in enumerate(TEMPLATES[language, personal]):
            yield fill(template.replace("\\n", "\n"), number, values, personal)


def fill(template: str, number: int, values: Values, personal: bool) -> Sentence:
    text, spans, place = "", [], 0
    for slot in SLOT.finditer(template):
        text += template[place : slot.start()]
        value, place = values.of(slot[1]), slot.end()
        spans.append(Span(len(text), len(text) + len(value), slot[1]))
        text += value
    return Sentence(text + template[place:], tuple(spans) if personal else (), number)

"""A request with names in the places of what is personal or secret."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.policies import ScreeningPolicy
from schemas.requests import Request
from schemas.screening import Direction, Measure
from streams.redaction.numbers import Numbering, Value
from streams.redaction.placeholders import LITERAL, MOST_NUMBER, Known, forms, named, shown
from streams.screening.detector import Hit
from streams.screening.rulebook import Judgement
from streams.screening.screener import Screener
from streams.screening.texts import with_texts

MOST_VALUES = 256
MOST_CHARS = 16_384
"""Of all values together; what is beyond is redacted for good. They travel with every piece of the answer."""
REVERSIBLE = ("pii", "secret")
Text = tuple[str, Direction]


@dataclass(frozen=True)
class Disguise:
    """What a remote model may see of a request, and what its names stand for."""

    request: Request
    known: Known


@dataclass(frozen=True)
class Span:
    """A part of a text that is hidden: behind a name, or for good."""

    hit: Hit
    value: str
    reversible: bool

    @property
    def key(self) -> Value:
        return self.hit.entity.upper(), self.value


async def disguised(
    request: Request, screener: Screener, policy: ScreeningPolicy, number: Numbering
) -> Disguise | None:
    """The request in disguise; ``None`` when there is nothing to hide behind names."""
    spans: dict[Text, list[Span]] = {}

    def look(text: str, direction: Direction) -> str:
        if (text, direction) not in spans:
            hits, judged, _ = screener.found(text, direction, policy)
            spans[text, direction] = list(hidden(text, hits, judged))
        return text

    with_texts(request, look)
    names = await named_in(spans, number)
    if names is None:
        return None
    told = with_texts(request, lambda text, direction: written(text, spans[text, direction], names))
    return Disguise(told, Known.of(names, request.response_format))


async def named_in(spans: dict[Text, list[Span]], number: Numbering) -> dict[Value, str] | None:
    """A name for each value that is hidden; ``None`` when there is nothing to hide behind names. Adds to the spans what
    only looks like a name."""
    if not any(span.reversible for each in spans.values() for span in each):
        return None
    _add_literals(spans)
    return await _names(spans.values(), number)


def hidden(text: str, hits: Iterable[Hit], judged: Iterable[Judgement]) -> Iterable[Span]:
    """The spans that policy redacts or keeps local."""
    for hit, judgement in zip(hits, judged, strict=True):
        reversible = judgement.category in REVERSIBLE
        if judgement.measure is Measure.REDACT or (reversible and judgement.measure is Measure.LOCAL_ONLY):
            yield Span(hit, text[hit.start : hit.end], reversible)


def _add_literals(spans: dict[Text, list[Span]]) -> None:
    """What somebody wrote that looks like one of our names is itself hidden behind one, and so is never another's."""
    entities = {span.key[0] for each in spans.values() for span in each if span.reversible}
    looks = forms(tuple(sorted({*entities, LITERAL})))
    for (text, _), each in spans.items():
        for name in looks.names(text):
            if not any(span.hit.start < name.end and name.start < span.hit.end for span in each):
                hit = Hit(name.start, name.end, LITERAL, 1.0, "placeholder")
                each.append(Span(hit, text[name.start : name.end], True))
        each.sort(key=lambda span: span.hit.start)


async def _names(spans: Iterable[Sequence[Span]], number: Numbering) -> dict[Value, str]:
    """A name for each value, up to the bounds, in the order of the request."""
    wanted: OrderedDict[Value, None] = OrderedDict()
    size = 0
    for span in (span for each in spans for span in each if span.reversible):
        if span.key in wanted:
            continue
        size += len(span.value)
        if len(wanted) == MOST_VALUES or size > MOST_CHARS:
            break
        wanted[span.key] = None
    numbers = await number(list(wanted))
    return {
        (entity, value): named(entity, each)
        for (entity, value), each in zip(wanted, numbers, strict=True)
        if each <= MOST_NUMBER
    }


def written(text: str, spans: Sequence[Span], names: dict[Value, str]) -> str:
    """A text with names for the values in its spans."""
    parts, place = [], 0
    for span in spans:
        if span.hit.start < place:
            continue
        name = names.get(span.key) if span.reversible else None
        parts += [text[place : span.hit.start], shown(name) if name else f"[{span.key[0]}]"]
        place = span.hit.end
    return "".join([*parts, text[place:]])

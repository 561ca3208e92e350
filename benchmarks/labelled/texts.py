"""Labelled texts for measuring: templates with values put in, and lines as they stand.

They were written before detectors were measured on them, and are kept apart from what those are trained on.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.labelled.credentials import credentials
from benchmarks.labelled.hiding import HIDINGS
from benchmarks.labelled.values import Values

FOLDER = Path(__file__).with_name("lines")
_SLOT = re.compile(r"\{([A-Z_0-9]+)\}")
_HIDDEN = frozenset({"EMAIL", "CARD", "SSN", "IBAN", "MOBILE", "ID", "BANK", "PHONE_US"})


@dataclass(frozen=True)
class Text:
    """``spans`` are the places of what must be found, in characters; ``kinds`` says what stands there."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()
    kinds: tuple[str, ...] = ()


def lines(name: str) -> list[str]:
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [line.replace("\\n", "\n") for line in text.splitlines() if line]


def plain(*names: str) -> list[Text]:
    """Lines as they stand."""
    return [Text(line) for name in names for line in lines(name)]


def filled(name: str, times: int, seed: int) -> list[Text]:
    """Each template so many times, with other values each time."""
    values = Values(seed)
    return [fill(template, values) for _ in range(times) for template in lines(name)]


def fill(template: str, values: Values) -> Text:
    parts, spans, kinds, at, place = list[str](), list[tuple[int, int]](), list[str](), 0, 0
    for slot in _SLOT.finditer(template):
        before, value = template[at : slot.start()], values.make(slot[1])
        place += len(before)
        parts += [before, value]
        spans.append((place, place + len(value)))
        kinds.append(slot[1])
        place, at = place + len(value), slot.end()
    return Text("".join([*parts, template[at:]]), tuple(spans), tuple(kinds))


def numbers_only(texts: Sequence[Text]) -> list[Text]:
    """Templates of look-alikes: what was filled in must not be found."""
    return [Text(text.text) for text in texts]


def hidden(seed: int) -> list[Text]:
    """Personal data of both languages, disguised in each way that fits its kind."""
    return list(_hidden(Values(seed)))


def _hidden(values: Values) -> Iterator[Text]:
    for name in ("personal_en", "personal_zh"):
        for template in lines(name):
            text = fill(template, values)
            for (start, end), kind in zip(text.spans, text.kinds, strict=True):
                if kind not in _HIDDEN:
                    continue
                for way, fits in HIDINGS.items():
                    disguised = fits(text.text[start:end])
                    if disguised:
                        before, after = text.text[:start], text.text[end:]
                        yield Text(before + disguised + after, ((start, start + len(disguised)),), (way,))


def harmful(language: str) -> list[Text]:
    """Each line's label is its first word."""
    parted = (line.partition(" ") for line in lines(f"harm_{language}"))
    return [Text(text, ((0, len(text)),), (label,)) for label, _, text in parted]


def secret(seed: int) -> list[Text]:
    """Credentials in the places where people leave them."""
    return [Text(text, (span,), (kind,)) for text, span, kind in credentials(Values(seed))]


def digest(texts: Sequence[Text]) -> str:
    """The first 12 hexadecimal digits of the SHA-256 over the texts and their labels."""
    data = json.dumps([asdict(text) for text in texts], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(data.encode()).hexdigest()[:12]

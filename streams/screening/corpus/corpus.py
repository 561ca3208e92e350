"""The labelled texts from which the default learned detectors are trained, grown from the seeds beside this module.

``python -m streams.screening.corpus.corpus > labelled.jsonl`` writes them; ``held_out`` is never among them.
"""

import json
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from streams.screening.corpus.seeds import Seed, Slots, grow, parse

HELD_OUT = "held_out"
LABELS = ("PROMPT_INJECTION", "VIOLENCE", "HATE", "EXTREMISM", "SELF_HARM", "SEXUAL", "ILLEGAL")
_MOST = ("4",)  # texts of one seed, unless its file says otherwise


class Example(NamedTuple):
    text: str
    labels: tuple[str, ...]
    source: str
    language: str


def examples() -> list[Example]:
    """All texts for training, in a fixed order and each once."""
    return _unique(_all(lambda source: source != HELD_OUT))


def held_out() -> list[Example]:
    """Texts for evaluation only, in a style of their own."""
    return _unique(_all(lambda source: source == HELD_OUT))


def _unique(found: Iterator[Example]) -> list[Example]:
    return list({example.text: example for example in found}.values())


def _all(chosen: Callable[[str], bool]) -> Iterator[Example]:
    here = sorted((files(__package__) / "seeds").iterdir(), key=lambda entry: entry.name)
    shared = {entry.name.split(".")[1]: _read(entry)[0] for entry in here if entry.name.startswith("slots.")}
    for entry in here:
        kind = entry.name.partition(".")[0]
        if entry.name.endswith(".txt") and kind != "slots" and chosen(kind):
            yield from _grown(entry, shared)


def _grown(entry: Traversable, shared: dict[str, Slots]) -> Iterator[Example]:
    source, language, _ = entry.name.split(".")
    slots, seeds = _read(entry)
    most = int(slots.get("most", _MOST)[0])
    for seed in seeds:
        for text in grow(seed.template, {**shared.get(language, {}), **slots}, most):
            yield Example(text, seed.labels, source, language)


def _read(entry: Traversable) -> tuple[Slots, list[Seed]]:
    return parse(entry.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for example in examples():
        sys.stdout.write(json.dumps(example._asdict(), ensure_ascii=False) + "\n")

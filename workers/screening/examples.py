"""Labelled texts: read from JSON lines, checked, and known by one digest."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from schemas.base import Strict
from schemas.errors import InvalidField, TrainingFailed
from schemas.policies import lines

MOST_TEXTS = 1_000_000
MOST_PROBLEMS = 10
MOST_BYTES = 1_000_000
"""Of one line."""

Label = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
Short = Annotated[str, StringConstraints(pattern=r"^[\w.@/-]{1,64}$")]


class Example(Strict):
    """A text with what it is; without labels it is ordinary. A text is of one ``source``: what is learned is measured
    on sources that were left out."""

    text: str = Field(min_length=1, max_length=100_000)
    labels: tuple[Label, ...] = Field(default=(), max_length=32)
    source: Short = "unknown"
    language: Short = "unknown"


def read_examples(path: Path) -> list[Example]:
    """The examples of a file, an object a line.

    Raises:
        InvalidField: some lines are none; the message tells the first of them.
    """
    found, problems = [], list[str]()
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(MOST_BYTES), b""), start=1):
            if not line.strip():
                continue
            try:
                found.append(Example.model_validate_json(line))
            except ValidationError as error:
                problems += [f"line {number}: {problem}" for problem in lines(error)]
            if len(problems) >= MOST_PROBLEMS or number > MOST_TEXTS:
                break
    if problems:
        raise InvalidField(f"{path}: " + "; ".join(problems[:MOST_PROBLEMS]), param="labelled")
    return found


def sound(examples: Sequence[Example], *, ordinary: int = 20, each: int = 10) -> tuple[str, ...]:
    """The labels, in order, of examples that something can be learned from.

    Raises:
        TrainingFailed: there are too few of some kind.
    """
    labels = sorted({label for example in examples for label in example.labels})
    few = [f"{label} has fewer than {each} texts" for label in labels if _count(examples, label) < each]
    if not labels:
        few.append("no text has a label")
    if sum(not example.labels for example in examples) < ordinary:
        few.append(f"fewer than {ordinary} texts are ordinary (without labels)")
    if len({example.source for example in examples}) < 2:
        few.append("all texts are of one source, so nothing can be measured on another")
    if few:
        raise TrainingFailed("; ".join(few))
    return tuple(labels)


def digest_of(examples: Iterable[Example]) -> str:
    """SHA-256 over the examples as sorted lines of JSON."""
    digest = hashlib.sha256()
    for line in sorted(json.dumps(each.model_dump(), sort_keys=True, ensure_ascii=False) for each in examples):
        digest.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def _count(examples: Sequence[Example], label: str) -> int:
    return sum(label in example.labels for example in examples)

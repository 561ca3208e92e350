"""Texts to screen as JSON, one a line, and what is answered: the form for other systems."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from json import loads
from typing import Any, BinaryIO, get_args

import orjson

from schemas.errors import HeadraceError, InvalidField, InvalidJson, TooLarge
from schemas.policies import PolicyDocument, ScreeningPolicy, document_version
from schemas.screening import Direction, Verdict
from streams.screening.detector import Hit
from streams.screening.leak import leaks
from streams.screening.screener import Screener, Task

MAX_LINE = 16 * 2**20
PIECE = 2**16
"""Bytes that are read at a time: their lines are screened together."""
DIRECTIONS: tuple[Direction, ...] = tuple(each for each in get_args(Direction) if each != "image")
Id = str | int


@dataclass(frozen=True)
class Asked:
    """One text, whose it is for the asker, and by which way it comes. ``system`` is the system prompt beside it."""

    id: Id
    text: str
    direction: Direction = "prompt"
    system: str | None = None


class Scan:
    """Screens texts under one policy, as it stands for a tenant."""

    def __init__(self, document: PolicyDocument, tenant: str | None = None, screener: Screener | None = None) -> None:
        self.version = document_version(document)
        self._policy: ScreeningPolicy = document.for_tenant(tenant).screening
        self._screener = screener or Screener()

    def verdict(self, asked: Asked) -> Verdict:
        return self.verdicts([asked])[0]

    def verdicts(self, asked: Sequence[Asked]) -> list[Verdict]:
        tasks = [Task(each.text, each.direction, quoted(each)) for each in asked]
        return [each.verdict for each in self._screener.screen_all(tasks, self._policy, self.version)]

    def answers(self, stream: BufferedIOBase) -> Iterator[list["Answer"]]:
        """For the lines of a stream, as they come together and in order, what is answered to each."""
        number = 1
        for lines in arrived(stream):
            read = [_read(line, place) for place, line in enumerate(lines, number) if line.strip()]
            verdicts = iter(self.verdicts([each for each in read if isinstance(each, Asked)]))
            yield [Answer.of(each, next(verdicts)) if isinstance(each, Asked) else each for each in read]
            number += len(lines)


@dataclass(frozen=True)
class Answer:
    """A line of JSON, and whether the line that it answers could be read."""

    line: bytes
    sound: bool

    @classmethod
    def of(cls, asked: Asked, verdict: Verdict) -> "Answer":
        return cls(orjson.dumps({"id": asked.id, **shape(verdict)}), True)


def quoted(asked: Asked) -> Sequence[Hit]:
    """Where an answer quotes the system prompt beside it."""
    return leaks(asked.text, asked.system) if asked.system and asked.direction == "output" else ()


def _read(line: bytes, number: int) -> Asked | Answer:
    name: Id = number
    try:
        fields = parsed(line)
        name = _id(fields, number)
        return asked(fields, name)
    except HeadraceError as error:
        said = {"code": error.code, "message": error.message}
        return Answer(orjson.dumps({"id": name, "line": number, "error": said}), False)


def arrived(stream: BufferedIOBase) -> Iterator[list[bytes]]:
    """The lines of a stream, those together that one read brings; of one that is too long, only as much as shows it."""
    opened = bytearray()
    while piece := stream.read1(PIECE):
        first, *more = piece.split(b"\n")
        opened += first[: MAX_LINE + 1 - len(opened)]
        if more:
            yield [bytes(opened), *more[:-1]]
            opened = bytearray(more[-1])
    if opened:
        yield [bytes(opened)]


def bounded(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream; of one that is too long, only as much as shows it."""
    while line := stream.readline(MAX_LINE + 1):
        rest = line
        while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE + 1)
        yield line


def parsed(data: bytes) -> dict[str, Any]:
    """The object in a line.

    Raises:
        TooLarge: it has more than ``MAX_LINE`` bytes.
        InvalidJson: it is no JSON, or no object.
    """
    if len(data) > MAX_LINE:
        raise TooLarge(f"a text to screen has at most {MAX_LINE} bytes of JSON")
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        fields = _lone(data, error)
    if not isinstance(fields, dict):
        raise InvalidJson(f"give a JSON object with 'text', not {type(fields).__name__}")
    return fields


def _lone(data: bytes, error: Exception) -> object:
    """Escaped halves of surrogate pairs, which orjson refuses, are text to screen like any other."""
    if rb"\u" not in data:
        raise InvalidJson(f"this is not JSON: {error}") from error
    try:
        return loads(data)
    except (ValueError, RecursionError) as second:
        raise InvalidJson(f"this is not JSON: {error}") from second


def asked(fields: dict[str, Any], name: Id) -> Asked:
    """What is asked in a parsed line, by the ``name`` where it has no id. Raises ``InvalidField``; fields that are not
    known are left alone."""
    text, system, direction = fields.get("text"), fields.get("system"), fields.get("direction") or "prompt"
    if not isinstance(text, str):
        raise InvalidField("'text' is missing, or is no string", param="text")
    if not isinstance(system, str | None):
        raise InvalidField("'system' is a string", param="system")
    chosen = direction.lower() if isinstance(direction, str) else None
    if chosen not in DIRECTIONS:
        raise InvalidField(f"'direction' is one of {', '.join(DIRECTIONS)}", param="direction")
    return Asked(_id(fields, name), text, chosen, system)


def _id(fields: dict[str, Any], default: Id) -> Id:
    name = fields.get("id")
    if name is None or name == "":
        return default
    if isinstance(name, str):
        return name.encode(errors="replace").decode()
    if isinstance(name, bool) or not isinstance(name, int) or abs(name) >= 2**63:
        raise InvalidField("'id' is a string or a whole number", param="id")
    return name


def shape(verdict: Verdict) -> dict[str, Any]:
    """What is answered: what the policy orders, how grave it is, and what was found where."""
    return {
        "action": verdict.measure or verdict.action.value,
        "level": verdict.level,
        "findings": [
            {
                "category": each.category,
                "entity": each.entity,
                "start": each.start,
                "end": each.end,
                "score": each.score,
                "detector": each.detector,
            }
            for each in verdict.findings
        ],
    }

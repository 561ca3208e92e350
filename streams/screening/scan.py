"""Texts to screen as JSON, one a line, and what is answered: the form for other systems."""

from collections.abc import Iterator
from dataclasses import dataclass
from json import loads
from typing import Any, BinaryIO, get_args

import orjson

from schemas.errors import HeadraceError, InvalidField, InvalidJson, TooLarge
from schemas.policies import PolicyDocument, ScreeningPolicy, document_version
from schemas.screening import Direction, Verdict
from streams.screening.leak import leaks
from streams.screening.screener import Screener

MAX_LINE = 16 * 2**20
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
        quoted = leaks(asked.text, asked.system) if asked.system and asked.direction == "output" else ()
        return self._screener.screen(asked.text, asked.direction, self._policy, self.version, quoted).verdict

    def lines(self, stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
        """For each line of a stream, in order, the line to answer, and whether it could be read."""
        for number, line in enumerate(bounded(stream), start=1):
            if not line.isspace():
                yield self._answered(line, number)

    def _answered(self, line: bytes, number: int) -> tuple[bytes, bool]:
        name: Id = number
        try:
            fields = parsed(line)
            name = _id(fields, number)
            return orjson.dumps({"id": name, **shape(self.verdict(asked(fields, name)))}), True
        except HeadraceError as error:
            said = {"code": error.code, "message": error.message}
            return orjson.dumps({"id": name, "line": number, "error": said}), False


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

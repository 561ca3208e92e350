"""What the topics say happened. Reads ``requests`` and ``responses``, and nothing else."""

from collections import defaultdict
from dataclasses import dataclass

import orjson

from infra.broker import Record
from infra.reader import read_all
from infra.settings import Settings
from infra.topics import Names
from streams.admission.decoding import identify


@dataclass(frozen=True)
class Report:
    """``requests`` are distinct ids; ``repeats`` are byte-identical copies of an answer."""

    requests: int
    without_end: int
    two_answers: int
    repeats: int
    missing: tuple[str, ...] = ()
    statuses: tuple[tuple[str, int], ...] = ()
    audit: tuple[str, ...] = ()
    """What is wrong with the audit log."""


async def check(settings: Settings) -> Report:
    """Hold every request on the log against the answers on the log."""
    names = Names(settings.kafka)
    limit = settings.limits.record_bytes
    asked = {_id_of(record, limit) async for record in read_all(settings.kafka, [names("requests")])}
    answers: dict[tuple[str | None, str], list[bytes]] = defaultdict(list)
    statuses: dict[str, int] = defaultdict(int)
    async for record in read_all(settings.kafka, [names("responses")]):
        body = orjson.loads(record.value or b"{}")
        answers[body.get("tenant"), body["id"]].append(record.value or b"")
        statuses[body["status"]] += 1
    ended = {request_id for _, request_id in answers}
    return Report(
        requests=len(asked),
        without_end=len(asked - ended),
        two_answers=sum(len(set(values)) > 1 for values in answers.values()),
        repeats=sum(len(values) - len(set(values)) for values in answers.values()),
        missing=tuple(sorted(asked - ended)[:20]),
        statuses=tuple(sorted(statuses.items())),
    )


def _id_of(record: Record, limit: int) -> str:
    """The id that an answer must have. Of what is too large or no JSON nothing is read: its place names it."""
    value = record.value or b""
    try:
        return identify(record, orjson.loads(value) if len(value) <= limit else None)
    except orjson.JSONDecodeError:
        return identify(record, None)

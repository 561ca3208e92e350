"""What could not be handled: kept with its original bytes, and sent back on request."""

from base64 import b64decode, b64encode

from infra.broker import Publisher, Record
from infra.metrics import Metrics
from schemas.cloudevents import Header, header
from schemas.errors import HeadraceError
from schemas.failures import Failure
from streams.outbox import Outbox

REDRIVEN = "headrace-redriven"


class DeadLetters:
    """The dead letter topic as the stages see it."""

    def __init__(self, outbox: Outbox, metrics: Metrics) -> None:
        self._outbox, self._metrics = outbox, metrics

    async def bury(self, record: Record, error: HeadraceError, attempts: int, subject: str | None = None) -> None:
        """Return when the record is safe on ``deadletter``; what was sealed is kept as it was."""
        await self._outbox.failure(failure_of(record, error, attempts), record, subject)
        self._metrics.deadlettered(record.topic, error.code)


def failure_of(record: Record, error: HeadraceError, attempts: int) -> Failure:
    """The record as a ``Failure``; its id is its place on the log, so a repeat is recognised."""
    return Failure(
        id=f"{record.topic}:{record.partition}:{record.offset}",
        source=record.source,
        key=b64encode(record.key).decode() if record.key is not None else None,
        value=b64encode(record.at_rest or record.value or b"").decode(),
        headers=tuple((name, b64encode(value).decode()) for name, value in record.headers),
        error=error.body(),
        attempts=attempts,
        redriven=redriven(record),
    )


def redriven(record: Record) -> int:
    """How often a record was sent back. Anyone can write that header: what is no count up to 999 says nothing."""
    mark = header(record.headers, REDRIVEN) or ""
    return int(mark) if len(mark) <= 3 and mark.isascii() and mark.isdecimal() else 0


async def redrive(failure: Failure, publisher: Publisher) -> None:
    """Put the original bytes back where they came from, marked with how often that was done."""
    headers: list[Header] = [(name, b64decode(value)) for name, value in failure.headers if name != REDRIVEN]
    await publisher.publish(
        failure.source.topic,
        b64decode(failure.value),
        key=b64decode(failure.key) if failure.key is not None else None,
        headers=[*headers, (REDRIVEN, str(failure.redriven + 1).encode())],
    )

import base64

import pytest

from infra.broker import Record
from infra.metrics import Metrics
from infra.settings import KafkaSettings
from infra.topics import Names
from schemas.errors import InvalidJson
from schemas.failures import Failure
from streams.deadletter.box import REDRIVEN, DeadLetters, failure_of, redrive
from streams.outbox import Outbox
from tests.streams.making import Log

ERROR = InvalidJson("no JSON")
HEADERS = [("ce_id", b"r1"), ("odd", b"\xff\x00")]


def sent(key: bytes | None = b"r1", value: bytes | None = b"\xff no json", redriven: bytes | None = None) -> Record:
    marks = [(REDRIVEN, redriven)] if redriven else []
    return Record("t.requests", 1, 5, key, value, [*HEADERS, *marks], 0)


async def test_a_record_is_kept_with_all_that_it_had() -> None:
    log, metrics = Log(), Metrics()
    await DeadLetters(Outbox(log, Names(KafkaSettings(prefix="t")), "control"), metrics).bury(sent(), ERROR, 3)
    [(topic, key, value, _, _)] = log.said
    failure = Failure.model_validate_json(value or b"")
    assert (topic, key, failure.id) == ("t.deadletter", "t.requests:1:5", "t.requests:1:5")
    assert (failure.error.code, failure.attempts, failure.redriven) == ("invalid_json", 3, 0)
    assert base64.b64decode(failure.value) == b"\xff no json"
    assert b'headrace_deadlettered_total{code="invalid_json",topic="t.requests"} 1.0' in metrics.exposition()[0]


@pytest.mark.parametrize(
    "record",
    [
        sent(),
        sent(key=None),
        sent(key=b""),
        sent(key=b"\xff\x00"),  # a key that is no text
        sent(value=None),
    ],
)
async def test_what_is_sent_back_is_what_was_sent(record: Record) -> None:
    log = Log()
    await redrive(failure_of(record, ERROR, 1), log)
    [(topic, key, value, headers, partition)] = log.said
    back = key.encode() if isinstance(key, str) else key
    assert (topic, back, value or b"", partition) == ("t.requests", record.key, record.value or b"", None)
    assert list(headers) == [*HEADERS, (REDRIVEN, b"1")]


async def test_each_return_is_counted() -> None:
    log = Log()
    failure = failure_of(sent(redriven=b"2"), ERROR, 1)
    assert failure.redriven == 2
    await redrive(failure, log)
    assert list(log.said[0][3]) == [*HEADERS, (REDRIVEN, b"3")]


@pytest.mark.parametrize("mark", [b"many", b"\xff", b"-1", b"1e9", b""])
def test_a_mark_that_is_no_count_is_none(mark: bytes) -> None:
    assert failure_of(sent(redriven=mark), ERROR, 1).redriven == 0

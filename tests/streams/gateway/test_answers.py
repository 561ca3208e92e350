"""The memory of answers: bounded, per tenant, and silent about what it cannot read."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.broker import Record
from schemas.base import Source
from schemas.errors import DuplicateId, Unavailable
from schemas.responses import Chunk, Response, Versions
from streams.admission.admit import ANY_DIGEST
from streams.gateway.answers import CHUNKS_WAITING, Answers
from tests.streams.gateway.doubles import VERDICT, Archive

MINE, OTHER = "a" * 64, "b" * 64


def _record(value: str, key: str = "x") -> Record:
    return Record("responses", 0, 0, key.encode(), value.encode(), (), 0)


def _response(request_id: str = "x", tenant: str = "acme", digest: str = MINE, **more: Any) -> Record:
    response = Response(
        id=request_id,
        tenant=tenant,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        kind="chat",
        status="completed",
        verdict=VERDICT,
        prompt_verdict=VERDICT,
        versions=Versions(policy="p", rules="r"),
        digest=digest,
        source=Source(topic="requests", partition=0, offset=0),
        **more,
    )
    return _record(response.model_dump_json())


@pytest.mark.parametrize(
    ("record", "woken"),
    [
        # the answer
        (_response(), True),
        # a cancellation fits whatever the id was used for
        (_response(digest=ANY_DIGEST), True),
        # the refusal of what was asked here, under an id that others had used
        (_response("x#bbbbbbbb", of="x"), True),
        # others had used the id, and this is their answer
        (_response(digest=OTHER), False),
        # somebody else's refusal
        (_response("x#bbbbbbbb", of="x", digest=OTHER), False),
        # another tenant's answer, another request's
        (_response(tenant="globex"), False),
        (_response("y"), False),
        # no response at all
        (_record("{}"), False),
        (_record("\xff"), False),
    ],
)
async def test_who_is_woken(record: Record, woken: bool) -> None:
    answers = Answers(Archive())
    with answers.waiting("acme", "x", MINE) as waiter:
        answers.response(record)
        assert waiter.ended is woken
        assert (await waiter.next(0.01) is not None) is woken


async def test_the_first_answer_is_remembered() -> None:
    answers = Answers(Archive())
    answers.response(_response(text="first"))
    answers.response(_response(text="second"))
    found = await answers.find("acme", "x")
    assert found
    assert found.text == "first"
    assert await answers.find("globex", "x") is None


@pytest.mark.parametrize("bounds", [{"count": 3}, {"size": 3 * len(_response().value or b"")}])
async def test_memory_is_bounded(bounds: dict[str, int]) -> None:
    answers = Answers(Archive(), **bounds)
    for number in range(10):
        answers.response(_response(str(number)))
    known = [number for number in range(10) if await answers.find("acme", str(number))]
    assert known == [7, 8, 9]


async def test_without_the_archive_what_is_remembered_counts() -> None:
    class Away:
        async def get(self, tenant: str, request_id: str) -> Response | None:
            raise Unavailable("away")

    answers = Answers(Away())
    answers.response(_response())
    assert await answers.find("acme", "x")
    assert await answers.find("acme", "y") is None


async def test_chunks_of_a_slow_reader_are_dropped_but_never_the_answer() -> None:
    answers = Answers(Archive())
    with answers.waiting("acme", "x", MINE) as waiter:
        for position in range(CHUNKS_WAITING * 2):
            chunk = Chunk(id="x", tenant="acme", position=position, text="a")
            answers.chunk(_record(chunk.model_dump_json()))
        answers.response(_response())
        events = [await waiter.next(0.1) for _ in range(CHUNKS_WAITING + 1)]
    assert isinstance(events[-1], Response)
    assert sum(isinstance(event, Chunk) for event in events) == CHUNKS_WAITING


async def test_one_id_has_one_content() -> None:
    answers = Answers(Archive())
    with answers.waiting("acme", "x", MINE), answers.waiting("acme", "x", MINE), answers.waiting("acme", "x"):
        with pytest.raises(DuplicateId), answers.waiting("acme", "x", OTHER):
            pass
        with answers.waiting("globex", "x", OTHER):
            pass
    assert answers.awaited("acme", "x") == []


async def test_all_who_wait_are_woken() -> None:
    answers = Answers(Archive())
    with answers.waiting("acme", "x", MINE) as first, answers.waiting("acme", "x", MINE) as second:
        answers.response(_response())
        assert all(await asyncio.gather(first.next(1), second.next(1)))

"""Requests and answers are found on a real log when Redis cannot say."""

import orjson
import pytest

from infra.broker import KafkaPublisher
from infra.settings import Settings
from infra.topics import Names
from schemas.base import Source
from schemas.errors import NotFound, Unavailable
from schemas.responses import Response
from streams.feedback import join as module
from streams.feedback.join import Join
from tests.streams.making import response


async def away(tenant: str | None, request_id: str) -> Response | None:
    raise Unavailable("redis is away")


async def knows(tenant: str | None, request_id: str) -> Response | None:
    return response(text="from redis") if (tenant, request_id) == ("acme", "r1") else None


async def test_redis_is_asked_first(settings: Settings) -> None:
    assert (await Join(settings.kafka, knows).response("acme", "r1")).text == "from redis"


async def test_the_log_is_read_when_redis_is_away(settings: Settings, publisher: KafkaPublisher) -> None:
    topic = Names(settings.kafka)("responses")
    for answer in (
        response(id="r10"),
        response(tenant="umbrella", text="another's"),
        response(text="mine"),
        response(id="r2", text="it names r1"),
    ):
        await publisher.publish(topic, answer.model_dump_json().encode(), key=answer.id)
    join = Join(settings.kafka, away)
    assert (await join.response("acme", "r1")).text == "mine"
    assert (await join.response("umbrella", "r1")).text == "another's"
    with pytest.raises(NotFound):
        await join.response("acme", "r3")


async def test_a_long_search_is_given_up(
    settings: Settings, publisher: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SCAN_S", 0.0)
    with pytest.raises(Unavailable):
        await Join(settings.kafka, away).response("acme", "r1")


async def test_the_request_of_an_answer(settings: Settings, publisher: KafkaPublisher) -> None:
    topic, join = Names(settings.kafka)("requests"), Join(settings.kafka, away)

    async def asked(value: bytes | None) -> Source:
        return await publisher.publish(topic, value, key="r1")

    good = await asked(orjson.dumps({"messages": [{"role": "user", "content": "你好"}]}))
    request = await join.request(response(source=good))
    assert request is not None
    assert (request.id, request.messages[0].text) == ("r1", "你好")
    for value in (b"{}", b"no json", b"[1]", None):  # no request, and nothing that could be one
        assert await join.request(response(source=await asked(value))) is None

"""What a new owner of a partition learns from ``responses``, on a real log."""

from dataclasses import dataclass, field
from datetime import timedelta

from infra.broker import KafkaPublisher, ensure_topics
from infra.settings import Settings
from infra.topics import Names
from schemas.base import now
from schemas.errors import Unavailable
from schemas.responses import Response
from streams.release.answered import Answered
from tests.conftest import MakeSettings
from tests.streams.making import DIGEST, response

LONG_AGO = now() - timedelta(days=2)


@dataclass
class Redis:
    """Answers that are stored, or nothing for as long as it is away."""

    stored: dict[str, Response] = field(default_factory=dict)
    asked: int = 0
    away: bool = False

    async def get(self, tenant: str | None, request_id: str) -> Response | None:
        self.asked += 1
        if self.away:
            raise Unavailable("away")
        return self.stored.get(request_id)


async def say(settings: Settings, publisher: KafkaPublisher, *answers: Response, partition: int = 0) -> None:
    for answer in answers:
        value = answer.model_dump_json().encode()
        await publisher.publish(Names(settings.kafka)("responses"), value, partition=partition)


async def test_a_new_owner_knows_what_was_answered_before(settings: Settings, publisher: KafkaPublisher) -> None:
    await say(settings, publisher, response(id="one"), response(id="two", tenant="umbrella"))
    await publisher.publish(Names(settings.kafka)("responses"), b"no response", partition=0)
    answered = Answered(settings, Redis())
    assert await answered.digest(0, "acme", "one", now()) == DIGEST
    assert await answered.digest(0, "umbrella", "two", now()) == DIGEST
    assert await answered.digest(0, "acme", "two", now()) is None  # another tenant's id
    assert await answered.digest(1, "acme", "one", now()) is None  # another partition's


async def test_what_was_said_meanwhile_is_read_when_the_owner_changed(
    settings: Settings, publisher: KafkaPublisher
) -> None:
    answered = Answered(settings, Redis())
    assert await answered.digest(0, "acme", "one", now()) is None
    await say(settings, publisher, response(id="one"))
    assert await answered.digest(0, "acme", "one", now()) is None  # its own partition needs no second look
    answered.stale()
    assert await answered.digest(0, "acme", "one", now()) == DIGEST


async def test_what_was_just_published_is_remembered(settings: Settings, publisher: KafkaPublisher) -> None:
    answered = Answered(settings, Redis())
    assert await answered.digest(0, "acme", "one", now()) is None
    answered.remember(0, response(id="one"))
    assert await answered.digest(0, "acme", "one", now()) == DIGEST


async def test_redis_knows_what_is_older_than_the_memory(settings: Settings, publisher: KafkaPublisher) -> None:
    redis = Redis({"old": response(id="old")})
    answered = Answered(settings, redis)
    assert await answered.digest(0, "acme", "old", now()) is None
    assert redis.asked == 0  # what was admitted just now cannot be older
    assert await answered.digest(0, "acme", "old", LONG_AGO) == DIGEST
    assert await answered.digest(0, "acme", "other", LONG_AGO) is None
    redis.away = True
    assert await answered.digest(0, "acme", "old", LONG_AGO) is None  # what is remembered is what counts


async def test_the_memory_is_bounded_and_knows_how_far_it_reaches(make_settings: MakeSettings) -> None:
    settings = make_settings(limits={"remembered": 1000})
    await ensure_topics(settings)
    redis = Redis({"0": response(id="0")})
    answered = Answered(settings, redis)
    before = now()
    assert await answered.digest(0, "acme", "0", before) is None
    for number in range(1001):
        answered.remember(0, response(id=str(number)))
    assert await answered.digest(0, "acme", "1000", before) == DIGEST
    assert await answered.digest(0, "acme", "0", before) == DIGEST  # forgotten here, so Redis is asked
    assert redis.asked == 1

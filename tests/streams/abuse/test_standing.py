"""What blocked requests come to: scrutiny, a suspension, and forgiveness; in Redis and without it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest

from infra.conduct import AbuseSettings
from infra.redis import Store
from infra.server import free_port
from infra.settings import KafkaSettings, RedisSettings, Settings
from infra.valkey import EmbeddedValkey
from schemas.errors import Suspended
from streams.abuse.standing import OFFENDERS, Alone, Offender, Standings

ANN, BOB, ACME = Offender("acme", "ann"), Offender("acme", "bob"), Offender("acme")
Make = Callable[..., Standings]


@pytest.fixture(params=["together", "alone"])
async def make(request: pytest.FixtureRequest, valkey: EmbeddedValkey) -> AsyncIterator[Make]:
    """Redis, and a port where there is none: the rules are the same."""
    port = valkey.port if request.param == "together" else free_port()
    redis = RedisSettings(port=port, timeout_s=5)
    store = Store(Settings(kafka=KafkaSettings(prefix=f"t{uuid4().hex[:8]}"), redis=redis))

    def begin(**changes: float) -> Standings:
        given = {"half_life_s": 600, "scrutiny": 2, "suspend": 4, "suspend_s": 900, **changes}
        return Standings(store, AbuseSettings.model_validate(given))

    yield begin
    await store.close()


async def note(standings: Standings, offender: Offender, count: int) -> None:
    for _ in range(count):
        await standings.note(offender, uuid4().hex)


async def test_scrutiny_comes_before_suspension(make: Make) -> None:
    standings = make()
    watched = []
    for _ in range(3):
        watched.append(await standings.check(ANN))
        await note(standings, ANN, 1)
    assert watched[:2] == [False, False]  # the score falls from the first moment, so two are a little less than two
    assert await standings.check(ANN)
    await note(standings, ANN, 2)
    with pytest.raises(Suspended, match=r"key ann is suspended until 20\d\d-.*Z") as caught:
        await standings.check(ANN)
    assert (caught.value.http_status, "UTC" in caught.value.message) == (403, True)


async def test_others_do_not_pay_for_it(make: Make) -> None:
    standings = make()
    await note(standings, ANN, 6)
    for other in (BOB, ACME, Offender("other", "ann")):
        assert not await standings.check(other)


async def test_a_request_counts_once_however_often_it_is_delivered(make: Make) -> None:
    standings = make()
    for _ in range(9):
        await standings.note(ANN, "r1")
    assert (await standings.look(ANN)).score == pytest.approx(1, abs=0.1)


async def test_what_is_long_ago_counts_less(make: Make) -> None:
    standings = make(half_life_s=0.1)
    await note(standings, ANN, 3)
    await asyncio.sleep(0.5)
    assert (await standings.look(ANN)).score < 0.5
    assert not await standings.check(ANN)


async def test_a_suspension_ends(make: Make) -> None:
    standings = make(half_life_s=0.2, suspend_s=0.3, suspend=2, scrutiny=0)
    await note(standings, ANN, 4)
    with pytest.raises(Suspended):
        await standings.check(ANN)
    await asyncio.sleep(0.4)
    assert not await standings.check(ANN)


async def test_it_can_be_switched_off(make: Make) -> None:
    standings = make(suspend=0)
    await note(standings, ANN, 50)
    assert not await standings.check(ANN)


async def test_replicas_count_together_and_an_operator_can_lift_it(valkey: EmbeddedValkey) -> None:
    settings = Settings(
        kafka=KafkaSettings(prefix=f"t{uuid4().hex[:8]}"),
        redis=RedisSettings(port=valkey.port, timeout_s=5),
        abuse=AbuseSettings(scrutiny=5, suspend=9),
    )
    stores = [Store(settings), Store(settings)]
    one, other = (Standings(store, settings.abuse) for store in stores)
    await asyncio.gather(*(each.note(ANN, f"r{number}") for number in range(10) for each in (one, other)))
    known = [each async for each in one.known("acme")]
    assert [offender for offender, _ in known] == [ANN]
    assert known[0][1].score == pytest.approx(10, abs=0.1)
    assert 890 < known[0][1].left_s <= 900
    assert await other.lift(ANN)
    assert not await other.lift(ANN)
    assert not await one.check(ANN)
    for store in stores:
        await store.close()


def test_memory_is_bounded() -> None:
    alone = Alone(AbuseSettings())
    for number in range(OFFENDERS + 10):
        alone.note(Offender("acme", f"k{number}"), f"r{number}")
    assert len(alone._scores) == len(alone._noted) == OFFENDERS

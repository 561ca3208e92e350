from collections.abc import AsyncIterator

import pytest

from infra.redis import Store
from infra.server import free_port
from infra.settings import Settings
from schemas.errors import DuplicateId
from streams.admission.claims import Claims
from streams.admission.identity import Sender
from streams.journey import Journey
from tests.conftest import MakeSettings
from tests.streams.making import record


@pytest.fixture
async def claims(settings: Settings) -> AsyncIterator[Claims]:
    store = Store(settings)
    yield Claims(store)
    await store.close()


def journey(offset: int, *, content: str = "a", tenant: str = "acme", request_id: str = "r1") -> Journey:
    made = Journey(record(offset=offset), request_id, content * 64, "p1", "r1")
    made.sender = Sender(tenant, "default tenant")
    return made


async def test_the_first_record_of_an_id_is_let_through_however_often_it_comes(claims: Claims) -> None:
    for _ in range(3):
        await claims.claim(first := journey(1))
        assert not first.ended


async def test_a_second_record_with_the_same_content_is_dropped(claims: Claims) -> None:
    await claims.claim(journey(1))
    await claims.claim(second := journey(2))
    assert second.dropped
    assert [(each.outcome, each.code) for each in second.decisions] == [("dropped", "duplicate")]


async def test_a_second_record_with_other_content_is_in_conflict(claims: Claims) -> None:
    await claims.claim(journey(1))
    other = journey(2, content="b")
    with pytest.raises(DuplicateId) as caught:
        await claims.claim(other)
    other.refuse(caught.value)
    assert [each.id for each in other.results] == ["r1#bbbbbbbb"]


async def test_tenants_and_ids_do_not_get_in_each_others_way(claims: Claims) -> None:
    for each in (journey(1), journey(2, tenant="umbrella"), journey(3, request_id="r2")):
        await claims.claim(each)
        assert not each.dropped


async def test_without_redis_every_record_is_the_first(make_settings: MakeSettings) -> None:
    store = Store(make_settings(redis={"port": free_port(), "url": None}))
    for offset in (1, 2):
        await Claims(store).claim(each := journey(offset))
        assert not each.dropped
    await store.close()

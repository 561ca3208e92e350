from collections.abc import AsyncIterator

import pytest

from infra.redis import Store
from infra.server import free_port
from infra.settings import Settings
from schemas.errors import Unavailable
from schemas.responses import Response
from streams.release.store import AnswerStore
from tests.conftest import MakeSettings
from tests.streams.making import response


@pytest.fixture
async def answers(settings: Settings) -> AsyncIterator[AnswerStore]:
    store = Store(settings)
    yield AnswerStore(store, settings.cache)
    await store.close()


async def put(answers: AnswerStore, answer: Response) -> None:
    await answers.put(answer, answer.model_dump_json(exclude_none=True).encode())


async def test_an_answer_is_kept_as_it_was_said(answers: AnswerStore) -> None:
    long = response(text="很长 " * 100_000, embeddings=((0.1, 1e-9),))
    await put(answers, long)
    assert await answers.get("acme", "r1") == long


async def test_answers_of_tenants_are_apart(answers: AnswerStore) -> None:
    await put(answers, response())
    await put(answers, response(tenant=None, text="nobody's"))
    assert await answers.get("umbrella", "r1") is None
    assert await answers.get("acme", "r2") is None
    nobodys = await answers.get(None, "r1")
    assert nobodys
    assert nobodys.text == "nobody's"


async def test_redis_away_is_said(make_settings: MakeSettings) -> None:
    settings = make_settings(redis={"port": free_port(), "url": None})
    store = Store(settings)
    with pytest.raises(Unavailable):
        await AnswerStore(store, settings.cache).get("acme", "r1")
    await store.close()

"""Who may say what: signatures, keys, tenants and their limits, as records on the log prove them."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
import pytest_asyncio

from infra.keys import IssuedKey, issue, master_key
from infra.signing import KEY_ID, SIGNATURE
from schemas.base import new_id, now
from schemas.cloudevents import Header
from schemas.responses import Response
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform, page, signed

pytestmark = pytest.mark.asyncio(loop_scope="module")
Signed = tuple[bytes, list[Header]]
CHAT: dict[str, Any] = {"messages": [{"role": "user", "content": "谁在那里?"}], "cache": False}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start(tenant_topics=("acme",), limits={"remember_s": 600}) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def key(platform: Platform) -> IssuedKey:
    return await platform.issue("acme")


async def send(platform: Platform, record: Signed, topic: str = "requests") -> Response:
    return await platform.answer(await platform.publish(topic, record[0], headers=record[1]))


def code_of(response: Response) -> tuple[str, int] | None:
    return (response.error.code, response.error.http_status) if response.error else None


def forged(key: IssuedKey) -> Signed:
    value, headers = signed(key, CHAT)
    return value.replace(b"messages", b"prompts "), headers


def half_signed(key: IssuedKey) -> Signed:
    value, headers = signed(key, CHAT)
    return value, [item for item in headers if item[0] != SIGNATURE]


def of_nobody(key: IssuedKey) -> Signed:
    value, headers = signed(key, CHAT)
    return value, [(name, b"000000000000" if name == KEY_ID else data) for name, data in headers]


def moved_to(ce_id: bytes) -> Callable[[IssuedKey], Signed]:
    """Signed without a ``ce_id``, sent with one."""
    return lambda key: (signed(key, CHAT)[0], [*signed(key, CHAT)[1], ("ce_id", ce_id)])


def at(**ago: float) -> dict[str, Any]:
    return {**CHAT, "id": new_id(), "time": now() - timedelta(**ago)}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (lambda key: signed(key, CHAT), None),  # a good one
        (lambda key: signed(key, {**CHAT, "tenant": "acme"}), None),  # names its own tenant
        (lambda key: signed(key, {**CHAT, "on_behalf_of": "somebody"}), None),  # counts for the gateway alone
        (forged, ("bad_signature", 401)),  # the value was changed on the way
        (half_signed, ("bad_signature", 401)),  # only one of the two headers
        (moved_to(b"other"), ("bad_signature", 401)),  # the id is signed, too
        (of_nobody, ("invalid_api_key", 401)),  # an unknown key
        (lambda key: signed(key, CHAT, complete=False), ("bad_signature", 401)),  # neither id nor time
        (lambda key: signed(key, {**CHAT, "id": new_id()}, complete=False), ("bad_signature", 401)),  # no time
        (lambda key: signed(key, at(minutes=11), complete=False), ("bad_signature", 401)),  # over remember_s
        (lambda key: signed(key, at(minutes=-6), complete=False), ("bad_signature", 401)),  # from the future
        (lambda key: signed(key, {**CHAT, "tenant": "umbrella"}), ("tenant_mismatch", 403)),  # another's name
    ],
)
async def test_signed_records(
    platform: Platform, key: IssuedKey, record: Callable[[IssuedKey], Signed], expected: tuple[str, int] | None
) -> None:
    response = await send(platform, record(key))
    assert code_of(response) == expected
    if expected is None:
        assert (response.text, response.tenant) == ("谁在那里?", "acme")


async def test_a_revoked_key_is_told_so(platform: Platform) -> None:
    key = await platform.issue("acme")
    assert code_of(await send(platform, signed(key, CHAT))) is None
    await platform.outbox.key(key.record.model_copy(update={"revoked": True}))
    while code_of(response := await send(platform, signed(key, CHAT))) is None:
        pass
    assert code_of(response) == ("key_revoked", 401)


async def test_a_key_of_another_master_key_opens_nothing(platform: Platform) -> None:
    key = issue("acme", ["requests"], bytes(32))
    assert master_key(platform.settings) != bytes(32)
    await platform.outbox.key(key.record)
    while code_of(response := await send(platform, signed(key, CHAT))) is None:
        pass
    assert code_of(response) == ("invalid_api_key", 401)


@pytest.mark.parametrize(
    ("scopes", "topic", "body"),
    [
        (["files"], "requests", CHAT),
        (["requests"], "uploads", {"data": "aGVsbG8="}),
        (["requests"], "feedback", {"request_id": "x", "thumb": "up"}),
    ],
)
async def test_a_key_does_what_its_scopes_say(
    platform: Platform, scopes: list[Any], topic: str, body: dict[str, Any]
) -> None:
    key = await platform.issue("acme", *scopes)
    assert code_of(await send(platform, signed(key, body), topic)) == ("forbidden", 403)


@pytest.mark.parametrize(
    ("limits", "codes"),
    [
        ({"requests_per_minute": 1}, [None, ("rate_limit_exceeded", 429)]),
        ({"requests_per_minute": 0}, [("rate_limit_exceeded", 429)]),  # lets nothing pass
        ({"tokens_per_day": 1}, [None, ("quota_exceeded", 429)]),  # what was answered is counted
    ],
)
async def test_limits_of_a_key(platform: Platform, limits: dict[str, int], codes: list[tuple[str, int] | None]) -> None:
    key = await platform.issue("acme", **limits)
    for code in codes:
        response = await send(platform, signed(key, CHAT))
        assert code_of(response) == code
        if code is None:
            await platform.counted(response)
    assert code is None or (response.error and response.error.retriable)


async def test_the_gateway_speaks_for_others_and_their_limits_count(platform: Platform) -> None:
    gateway, caller = await platform.issue("platform", "gateway"), await platform.issue("acme", requests_per_minute=1)
    body = {**CHAT, "tenant": "acme", "on_behalf_of": caller.id}
    first, second = [await send(platform, signed(gateway, body)) for _ in range(2)]
    assert (first.status, first.tenant) == ("completed", "acme")
    assert code_of(second) == ("rate_limit_exceeded", 429)
    [admission, _] = platform.audit(first.id)
    assert admission.actor == caller.id


async def test_the_gateway_names_what_can_be_a_tenant(platform: Platform) -> None:
    gateway = await platform.issue("platform", "gateway")
    assert code_of(await send(platform, signed(gateway, {**CHAT, "tenant": "No Label"}))) == ("invalid_field", 400)


async def test_a_bound_topic_speaks_for_its_tenant_and_answers_on_its_own(platform: Platform) -> None:
    source = await platform.publish("requests.acme", CHAT)
    private = await platform.answer(source, topic="responses.acme")
    assert (private.tenant, private.text) == ("acme", "谁在那里?")
    assert private == await platform.answer(source)
    mismatch = await platform.answer(await platform.publish("requests.acme", {**CHAT, "tenant": "umbrella"}))
    assert code_of(mismatch) == ("tenant_mismatch", 403)


async def test_a_file_is_for_its_tenant_alone(platform: Platform, key: IssuedKey) -> None:
    uploaded = await send(platform, signed(key, {"name": "页.png", "data": page("hello from the page")}), "uploads")
    assert (uploaded.status, uploaded.text) == ("completed", "hello from the page")
    parts = [{"type": "text", "text": "说说这张图"}, {"type": "file", "file": {"file_id": uploaded.id}}]
    question = {"messages": [{"role": "user", "content": parts}]}
    mine = await send(platform, signed(key, question))
    assert mine.status == "completed"
    theirs = await platform.answer(await platform.publish("requests", orjson.dumps(question)))
    assert code_of(theirs) == ("not_found", 404)


async def test_feedback_is_for_ones_own_answers(platform: Platform, key: IssuedKey) -> None:
    asked = await send(platform, signed(key, CHAT))
    praise = {"request_id": asked.id, "thumb": "up"}
    assert code_of(await platform.answer(await platform.publish("feedback", praise))) == ("not_found", 404)
    assert (await send(platform, signed(key, praise), "feedback")).text == "recorded"

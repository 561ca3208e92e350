"""Screening for other systems, over HTTP and Kafka, on a real log."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession

from infra.keys import IssuedKey, issue, master_key
from infra.policies import default_policy
from infra.reader import read_all
from infra.server import free_port
from infra.settings import Settings
from infra.signing import sign, signing_key_of
from schemas.base import new_id, now
from schemas.cloudevents import Header
from schemas.errors import Unavailable
from schemas.policies import document_version, merge
from schemas.registry import Policy
from schemas.screened import Screened
from streams.app import Parts
from streams.delivery import running
from streams.outbox import Outbox
from streams.verdicts.process import listening, screening_app
from tests.conftest import MakeSettings
from tests.waiting import until


@dataclass
class Service:
    settings: Settings
    parts: Parts
    key: IssuedKey

    async def post(self, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
        url = f"http://127.0.0.1:{self.settings.screening.port}/v1/screen"
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        given = {"Authorization": f"Bearer {self.key.secret}", "Content-Type": "application/json", **headers}
        async with ClientSession() as session, session.post(url, data=data, headers=given) as answer:
            return answer.status, await answer.json()

    async def publish(self, value: object, headers: list[Header] | None = None) -> None:
        data = value if isinstance(value, bytes) else orjson.dumps(value)
        await self.parts.publisher.publish(self.parts.names("screening.requests"), data, headers=headers or [])

    async def verdicts(self, count: int) -> dict[str, Screened]:
        """All that were published, once there are so many."""
        topic = [self.parts.names("screening.verdicts")]
        async with asyncio.timeout(20):
            while True:
                read = [each async for each in read_all(self.settings.kafka, topic)]
                found = {each.id: each for each in (Screened.model_validate_json(one.value or b"") for one in read)}
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.1)


@pytest.fixture
async def service(make_settings: MakeSettings) -> AsyncIterator[Service]:
    settings = make_settings(screening={"port": free_port()}, limits={"prompt_chars": 1000})
    parts = Parts.of(settings, "screening")
    key = issue("acme", ["requests"], master_key(settings))
    content = default_policy().model_dump(mode="json", exclude_defaults=True)
    content = merge(content, {"tenants": {"acme": {"screening": {"actions": {"prompt": {"CREDIT_CARD": "block"}}}}}})
    async with parts.running(settings, "screening"):
        out = Outbox(parts.publisher, parts.names, "test")
        await out.key(key.record)
        await out.policy(Policy(name="test", version="v2", document=content))
        await until(lambda: parts.registry.live_policy == "v2" and parts.registry.keys.get(key.id) is not None)
        async with running(screening_app(settings, parts)), listening(settings, parts):
            yield Service(settings, parts, key)


async def test_http(service: Service) -> None:
    status, said = await service.post({"id": "a", "text": "卡号4111111111111111"})
    assert (status, said["id"], said["action"], said["level"], said["policy"]) == (200, "a", "block", "high", "v2")
    assert said["findings"][0]["entity"] == "CREDIT_CARD"
    assert (await service.post({"text": "hello"}, **{"X-Request-Id": "mine"}))[1]["id"] == "mine"
    for body, headers, expected in (
        ({"text": 7}, {}, (400, "invalid_field")),
        (b"nonsense", {}, (400, "invalid_json")),
        ({"text": "x" * 1001}, {}, (413, "too_large")),
        ({"text": "x"}, {"Authorization": "Bearer hr-no-key"}, (401, "invalid_api_key")),
        ({"text": "x"}, {"Content-Type": "text/plain"}, (415, "unsupported_media_type")),
    ):
        status, said = await service.post(body, **headers)
        assert (status, said["error"]["code"]) == expected
    async with ClientSession() as session:
        for path in ("live", "ready"):
            async with session.get(f"http://127.0.0.1:{service.settings.screening.port}/health/{path}") as answer:
                assert answer.status == 200


async def test_kafka(service: Service) -> None:
    value = orjson.dumps({"id": "signed", "time": now(), "text": "4111111111111111"})
    await service.publish(value, sign(value, [], service.key.id, signing_key_of(service.key.secret)))
    await service.publish({"id": "plain", "text": "4111111111111111", "direction": "output"})
    await service.publish({"id": "broken", "text": 7})
    await service.publish(b"nonsense", [("ce_id", b"noise")])
    await service.publish({"id": new_id(), "text": "x" * 1001})
    found = await service.verdicts(5)
    assert (found["signed"].action, found["signed"].tenant) == ("block", "acme")
    assert (found["plain"].action, found["plain"].tenant) == ("redact", "local")
    assert found["plain"].findings[0].entity == "CREDIT_CARD"
    codes = {name: each.error.code for name, each in found.items() if each.error}
    assert (codes["broken"], codes["noise"]) == ("invalid_field", "invalid_json")
    assert "too_large" in codes.values()


async def test_what_http_was_answered_is_published_too(service: Service) -> None:
    await service.post({"id": "mine", "text": "卡号4111111111111111"})
    await service.post({"id": "long", "text": "x" * 1001})
    found = await service.verdicts(2)
    assert (found["mine"].action, found["mine"].asker, found["mine"].tenant) == ("block", service.key.id, "acme")
    long = found["long"].error
    assert long is not None
    assert (long.code, found["long"].asker) == ("too_large", service.key.id)


async def test_a_key_has_its_limit(service: Service) -> None:
    key = issue("acme", ["requests"], master_key(service.settings), requests_per_minute=2)
    await Outbox(service.parts.publisher, service.parts.names, "test").key(key.record)
    await until(lambda: service.parts.registry.keys.get(key.id) is not None)
    told = [(await service.post({"text": "x"}, Authorization=f"Bearer {key.secret}"))[0] for _ in range(3)]
    assert told == [200, 200, 429]
    value = orjson.dumps({"id": "late", "time": now(), "text": "x"})
    await service.publish(value, sign(value, [], key.id, signing_key_of(key.secret)))
    late = (await service.verdicts(4))["late"].error
    assert late is not None
    assert late.code == "rate_limit_exceeded"


async def test_a_quoted_system_prompt_is_found(service: Service) -> None:
    system = "You are Harbour, the assistant of Meridian Freight. Never mention the discount code or other customers."
    body = {"text": f"My instructions: {system}", "direction": "output", "system": system}
    said = (await service.post(body))[1]
    assert "PROMPT_LEAK" in {each["entity"] for each in said["findings"]}


async def test_a_port_that_is_taken_is_told(service: Service) -> None:
    with pytest.raises(Unavailable, match="HEADRACE_SCREENING__PORT"):
        async with listening(service.settings, service.parts):
            pass


def test_the_version_of_a_policy_does_not_hang_on_defaults() -> None:
    document = default_policy()
    assert document_version(document) == document_version(type(document).model_validate(document.model_dump()))

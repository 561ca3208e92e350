"""Auditors read, operators do not, and every reading is on the log first. On a real Kafka."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest
from aiohttp import ClientResponse

from infra.broker import KafkaPublisher, Record
from infra.metrics import Metrics
from infra.reader import Follower
from infra.settings import Settings
from infra.topics import Names
from schemas.audit import Audit
from streams.audit import trail as module
from streams.audit.agent import Watch
from streams.audit.records import Auditor
from streams.deadletter.box import DeadLetters
from streams.outbox import Outbox
from tests.streams.gateway.doubles import Gateway, start_gateway


class Log:
    """The audit topic, and the part of the control process that audits readings."""

    def __init__(self, settings: Settings, publisher: KafkaPublisher, gate: Gateway) -> None:
        self.settings, self.gate, self.names = settings, gate, Names(settings.kafka)
        self.outbox = Outbox(publisher, self.names, "control")
        self.publisher = publisher
        self._watch = Watch(
            self.names, self.outbox, Auditor(bytes(32)), DeadLetters(self.outbox, Metrics()), lambda _: "live"
        )
        self._tasks: list[asyncio.Task[None]] = []
        self.audits: list[dict[str, Any]] = []

    async def say(self, request_id: str, tenant: str | None = "acme", action: str = "admission") -> None:
        await self.outbox.audit(
            Audit(request_id=request_id, tenant=tenant, actor="k1", action=action, status="admitted")
        )

    def watch(self, record: Record) -> None:
        self._tasks.append(asyncio.create_task(self._watch(record)))

    def hear(self, record: Record) -> None:
        self.audits.append(orjson.loads(record.value or b""))

    def key(self, *scopes: str, tenant: str = "acme") -> dict[str, str]:
        return self.gate.headers(self.gate.issue(tenant, scopes))

    def get(self, path: str, headers: dict[str, str]) -> Any:
        return self.gate.http.get(path, headers=headers)

    async def readings(self, count: int) -> list[tuple[str, str, str]]:
        """Actor, what was read and whether, of the readings on the log."""
        async with asyncio.timeout(15):
            while True:
                found = [audit for audit in self.audits if audit["action"] == "access"]
                if len(found) >= count:
                    return [(each["actor"], each["decisions"][0]["code"], each["status"]) for each in found]
                await asyncio.sleep(0.05)


@pytest.fixture
async def log(settings: Settings, publisher: KafkaPublisher) -> AsyncIterator[Log]:
    async with AsyncExitStack() as stack:
        gate = await start_gateway(settings, stack, publisher)
        log = Log(settings, publisher, gate)
        for topic, apply in (("accesses", log.watch), ("audit", log.hear)):
            follower = Follower(settings.kafka, [log.names(topic)], apply, since="earliest", client_id="control")
            await follower.start()
            stack.push_async_callback(follower.stop)
        yield log


async def events(answer: ClientResponse, count: int) -> list[tuple[str, dict[str, Any]]]:
    """The id and data of the next events."""
    found: list[tuple[str, dict[str, Any]]] = []
    event_id = ""
    async with asyncio.timeout(15):
        while len(found) < count:
            name, _, value = (await answer.content.readline()).decode().strip().partition(": ")
            if name == "id":
                event_id = value
            elif name == "data":
                found.append((event_id, orjson.loads(value)["record"]))
    return found


@pytest.mark.parametrize("path", ["/v1/audit/events", "/v1/audit/requests/r1", "/v1/audit/checkpoints"])
@pytest.mark.parametrize("scopes", [("requests",), ("admin",), ("requests", "files", "feedback", "admin", "gateway")])
async def test_operators_and_callers_read_nothing_and_are_named(log: Log, path: str, scopes: tuple[str, ...]) -> None:
    await log.say("r1")
    headers = log.key(*scopes)
    async with log.get(path, headers) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (403, "forbidden")
    [(actor, _, outcome)] = await log.readings(1)
    assert (actor, outcome) == (headers["Authorization"].split("-")[1], "denied")


async def test_an_auditor_does_nothing_else(log: Log) -> None:
    async with log.gate.http.post("/v1/chat/completions", json={}, headers=log.key("auditor-all")) as answer:
        assert answer.status == 403
    async with log.get("/v1/audit/events", {}) as answer:
        assert answer.status == 401


async def test_the_story_of_a_request(log: Log) -> None:
    for action in ("admission", "release"):
        await log.say("r-1", action=action)
    await log.say("r-2", tenant="globex")
    headers = log.key("auditor")
    async with log.get("/v1/audit/requests/r-1", headers) as answer:
        told = (await answer.json())["data"]
    assert [event["record"]["action"] for event in told] == ["admission", "release"]
    # it was audited first
    assert await log.readings(1) == [(headers["Authorization"].split("-")[1], "request", "granted")]
    # another tenant's is not there
    async with log.get("/v1/audit/requests/r-2", headers) as answer:
        assert answer.status == 404
    async with log.get("/v1/audit/requests/r-2", log.key("auditor-all")) as answer:
        assert answer.status == 200


async def test_events_are_followed_and_resumed_without_loss(log: Log) -> None:
    headers = log.key("auditor")
    for number in range(6):
        await log.say(f"r{number}")
    await log.say("other", tenant="globex")
    await log.say("none", tenant=None)
    path = "/v1/audit/events?since=earliest&filter=action=admission"
    async with log.get(path, headers) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        first = await events(answer, 3)
    await log.say("later")
    async with log.get(path, {**headers, "Last-Event-ID": first[-1][0]}) as answer:
        second = await events(answer, 4)
    seen = [record["request_id"] for _, record in first + second]
    assert sorted(seen) == ["later", *(f"r{number}" for number in range(6))]


async def test_resumed_where_nothing_was_seen_yet(log: Log) -> None:
    """An id knows of every partition, also of those that had nothing to tell."""
    headers = log.key("auditor")
    path = "/v1/audit/events?filter=action=admission"
    async with log.get(path, headers) as answer:
        await log.readings(1)
        await asyncio.sleep(1)
        await log.say("first")
        [(event_id, _)] = await events(answer, 1)
    for number in range(8):
        await log.say(f"r{number}")
    async with log.get(path, {**headers, "Last-Event-ID": event_id}) as answer:
        seen = [record["request_id"] for _, record in await events(answer, 8)]
    assert sorted(seen) == [f"r{number}" for number in range(8)]


async def test_everything_with_the_wider_scope(log: Log) -> None:
    for tenant in ("acme", "globex", None):
        await log.say("r", tenant=tenant)
    async with log.get("/v1/audit/events?since=earliest&filter=action=admission", log.key("auditor-all")) as answer:
        assert {record.get("tenant") for _, record in await events(answer, 3)} == {"acme", "globex", None}


async def test_the_newest_head_of_each_partition(log: Log) -> None:
    topic = log.names("checkpoints")
    for key, note in (("t/0", b"one"), ("t/1", b"two"), ("t/0", b"three")):
        await log.publisher.publish(topic, note, key=key)
    headers = log.key("auditor")
    async with log.get("/v1/audit/checkpoints", headers) as answer:
        assert {head["log"]: head["note"] for head in (await answer.json())["data"]} == {"t/0": "three", "t/1": "two"}
    async with log.get("/v1/audit/checkpoints?all=true&since=1h", headers) as answer:
        assert len((await answer.json())["data"]) == 3


@pytest.mark.parametrize(
    ("path", "headers", "param"),
    [
        ("/v1/audit/events?filter=colour=red", {}, "filter"),
        ("/v1/audit/events?since=yesterday", {}, "since"),
        ("/v1/audit/events", {"Last-Event-ID": "0:x"}, "Last-Event-ID"),
        ("/v1/audit/requests/r1?since=latest", {}, "since"),
        ("/v1/audit/checkpoints?since=", {}, "since"),
    ],
)
async def test_what_is_wrong_is_told(log: Log, path: str, headers: dict[str, str], param: str) -> None:
    async with log.get(path, {**log.key("auditor"), **headers}) as answer:
        assert (answer.status, (await answer.json())["error"]["param"]) == (400, param)


async def test_nothing_is_shown_that_cannot_be_audited(
    settings: Settings, publisher: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No control process runs."""
    monkeypatch.setattr(module, "WITNESS_S", 1.0)
    async with AsyncExitStack() as stack:
        gate = await start_gateway(settings, stack, publisher)
        log = Log(settings, publisher, gate)
        await log.say("r1")
        for path in ("/v1/audit/requests/r1", "/v1/audit/events?since=earliest"):
            async with log.get(path, log.key("auditor")) as answer:
                assert (answer.status, (await answer.json())["error"]["code"]) == (503, "unavailable")


async def test_readings_are_bounded(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.gateway.audit.READERS", 1)
    headers = log.key("auditor")
    await log.say("r1")
    async with log.get("/v1/audit/events?since=earliest", headers) as answer:
        await events(answer, 1)
        async with log.get("/v1/audit/checkpoints", headers) as refused:
            assert (refused.status, (await refused.json())["error"]["code"]) == (503, "overloaded")
    async with asyncio.timeout(10):
        while True:  # the one that left makes room
            async with log.get("/v1/audit/checkpoints", headers) as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.1)

"""Audit records to real servers: at least once, in order, across outages and restarts."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from infra.broker import KafkaPublisher
from infra.settings import Settings
from infra.topics import Names
from schemas.errors import InvalidField
from streams.audit import forwarding
from streams.audit.forwarding import ElasticsearchSink, Sink, SyslogSink, send_on
from tests.waiting import until


class Index:
    """What Elasticsearch's ``_bulk`` does with ``create``; ``answers`` are given first."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.again = 0
        self.answers: list[int | str] = []

    async def bulk(self, request: web.Request) -> web.Response:
        lines = [json.loads(line) for line in (await request.read()).splitlines()]
        plan = self.answers.pop(0) if self.answers else 200
        if isinstance(plan, int) and plan != 200:
            return web.Response(status=plan)
        items: list[dict[str, Any]] = []
        for action, document in zip(lines[::2], lines[1::2], strict=True):
            key, status = action["create"]["_id"], 201
            if plan == "half" and len(items) % 2:
                status = 429
            elif key in self.documents:
                self.again, status = self.again + 1, 409
            else:
                self.documents[key] = document
            items.append({"create": {"_id": key, "status": status}})
        return web.json_response({"errors": plan == "half", "items": items})


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "RETRY_S", 0.05)
    monkeypatch.setattr(forwarding, "RETRY_MAX_S", 0.1)


@asynccontextmanager
async def forwarded(settings: Settings, sink: Sink) -> AsyncIterator[None]:
    task = asyncio.create_task(send_on(settings.kafka, "test", sink))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def say(publisher: KafkaPublisher, settings: Settings, start: int, stop: int) -> None:
    for number in range(start, stop):
        value = json.dumps({"id": f"a{number}", "action": "admission"}).encode()
        await publisher.publish(Names(settings.kafka)("audit"), value, key=f"k{number}")


@pytest.mark.usefixtures("quick")
async def test_an_index_gets_each_record_once(settings: Settings, publisher: KafkaPublisher) -> None:
    """Whatever it answers meanwhile, and although the sender is cut off."""
    index = Index()
    index.answers = [503, "half", 429, 500]
    app = web.Application()
    app.router.add_post("/_bulk", index.bulk)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        await say(publisher, settings, 0, 40)
        async with forwarded(settings, ElasticsearchSink(url, "user", "secret")):
            await until(lambda: len(index.documents) == 40)
        await say(publisher, settings, 40, 60)
        async with forwarded(settings, ElasticsearchSink(url)):
            await until(lambda: len(index.documents) == 60)

    assert {document["audit"]["id"] for document in index.documents.values()} == {f"a{n}" for n in range(60)}


class Collector:
    """A syslog server over TCP that reads frames of RFC 6587 (octet counting)."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = int(await reader.readuntil(b" "))
                self.messages.append(await reader.readexactly(size))
        writer.close()

    def datagram(self, data: bytes) -> None:
        self.messages.append(data)


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._collector.datagram(data)


def ids(messages: list[bytes]) -> set[str]:
    return {json.loads(re.split(rb"\xef\xbb\xbf", one)[1])["audit"]["id"] for one in messages}


@pytest.mark.usefixtures("quick")
async def test_syslog_over_tcp_goes_on_after_an_outage(settings: Settings, publisher: KafkaPublisher) -> None:
    collector = Collector()
    server = await asyncio.start_server(collector, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with forwarded(settings, SyslogSink(f"tcp://127.0.0.1:{port}")):
        await say(publisher, settings, 0, 10)
        await until(lambda: len(ids(collector.messages)) == 10)
    server.close()

    async with forwarded(settings, SyslogSink(f"tcp://127.0.0.1:{port}")):
        await say(publisher, settings, 10, 20)
        await asyncio.sleep(0.5)
        server = await asyncio.start_server(collector, "127.0.0.1", port)
        await until(lambda: len(ids(collector.messages)) == 20)
    server.close()


async def test_syslog_over_udp(settings: Settings, publisher: KafkaPublisher) -> None:
    collector = Collector()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Datagrams(collector), local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    async with forwarded(settings, SyslogSink(f"udp://127.0.0.1:{port}")):
        await say(publisher, settings, 0, 5)
        await until(lambda: len(ids(collector.messages)) == 5)
    transport.close()


@pytest.mark.parametrize("url", ["", "file:///etc", "tcp://", "http://a", "ftp://a:1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidField):
        SyslogSink(url)
    if not url.startswith("http"):
        with pytest.raises(InvalidField):
            ElasticsearchSink(url)

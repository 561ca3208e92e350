"""Audit records to other systems as they come: at least once, in the order of each partition."""

import asyncio
import logging
import ssl
from base64 import b64encode
from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from infra.broker import Record, client_options
from infra.reader import record_of
from infra.settings import KafkaSettings
from infra.topics import LARGE, Names
from schemas.errors import InvalidField, Unavailable
from streams.audit.exported import decoded
from streams.audit.formats import elasticsearch, syslog

log = logging.getLogger(__name__)
BATCH = 500
RETRY_S = 1.0
RETRY_MAX_S = 30.0
TIMEOUT_S = 30.0
MAX_ANSWER = 16 * 2**20


class Sink(Protocol):
    """Takes records whole or not at all; ``Unavailable`` when it did not."""

    async def send(self, records: Sequence[Record]) -> None: ...

    async def close(self) -> None: ...


class ElasticsearchSink:
    """The ``_bulk`` endpoint of Elasticsearch or OpenSearch below a URL."""

    def __init__(self, url: str, user: str = "", password: str = "") -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise InvalidField("give a URL of http or https, as in https://search.example.com:9200", param="url")
        self._url = f"{url.rstrip('/')}/_bulk"
        login = b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {login}"} if user else {}
        self._session: ClientSession | None = None

    async def send(self, records: Sequence[Record]) -> None:
        self._session = self._session or ClientSession(timeout=ClientTimeout(total=TIMEOUT_S), headers=self._headers)
        body = b"".join(elasticsearch(record, decoded(record.value or b"")) for record in records)
        headers = {"Content-Type": "application/x-ndjson"}
        try:
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                said = await answer.content.read(MAX_ANSWER)
                if answer.status != HTTPStatus.OK:
                    raise Unavailable(f"{self._url} answered {answer.status}")
        except (ClientError, TimeoutError, OSError) as error:
            raise Unavailable(f"{self._url} does not answer ({type(error).__name__})") from error
        _judge(said)

    async def close(self) -> None:
        if self._session:
            await self._session.close()


def _judge(said: bytes) -> None:
    """A record that is there already (409) was sent before."""
    try:
        items = orjson.loads(said)["items"]
        states = [int(item["create"]["status"]) for item in items]
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable("that is no answer to a bulk request") from error
    bad = [state for state in states if state not in (HTTPStatus.CREATED, HTTPStatus.OK, HTTPStatus.CONFLICT)]
    if bad:
        raise Unavailable(f"{len(bad)} of {len(states)} records were not taken (status {bad[0]})")


class SyslogSink:
    """RFC 5424 messages over TCP or TLS with their length before them (RFC 6587, RFC 5425), or over UDP one each.

    Syslog acknowledges nothing: what a TCP peer had not read when it went away may be lost to it.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("tcp", "tls", "udp") or not parts.hostname:
            raise InvalidField("give tcp://HOST:PORT, tls://HOST:PORT or udp://HOST:PORT", param="url")
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = parts.port or {"tcp": 601, "tls": 6514, "udp": 514}[parts.scheme]
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, records: Sequence[Record]) -> None:
        messages = [syslog(record, decoded(record.value or b"")) for record in records]
        try:
            async with asyncio.timeout(TIMEOUT_S):
                if self._scheme == "udp":
                    await self._datagrams(messages)
                else:
                    await self._frames(messages)
        except (OSError, TimeoutError) as error:
            await self.close()
            raise Unavailable(f"{self._host}:{self._port} does not take syslog ({type(error).__name__})") from error

    async def close(self) -> None:
        if self._writer:
            self._writer.close()
            self._writer = None

    async def _frames(self, messages: Sequence[bytes]) -> None:
        if self._writer is None:
            context = ssl.create_default_context() if self._scheme == "tls" else None
            _, self._writer = await asyncio.open_connection(self._host, self._port, ssl=context)
        self._writer.write(b"".join(b"%d %s" % (len(message), message) for message in messages))
        await self._writer.drain()

    async def _datagrams(self, messages: Sequence[bytes]) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=(self._host, self._port)
        )
        try:
            for message in messages:
                transport.sendto(message)
        finally:
            transport.close()


async def send_on(kafka: KafkaSettings, name: str, sink: Sink) -> None:
    """Until it is cancelled. ``name`` is whose position it is: given again, it goes on after what was taken."""
    consumer = AIOKafkaConsumer(
        Names(kafka)("audit"),
        **client_options(kafka),
        client_id="headrace-audit-forward",
        group_id=f"{kafka.prefix}-audit-forward-{name}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=int(kafka.session_timeout_s * 1000),
        heartbeat_interval_ms=int(kafka.session_timeout_s * 250),
        max_partition_fetch_bytes=LARGE // 8,
        max_poll_interval_ms=3_600_000,
    )
    await consumer.start()
    try:
        while True:
            for tp, messages in (await consumer.getmany(timeout_ms=1000, max_records=BATCH)).items():
                await _insist(sink, [record_of(message) for message in messages])
                await _commit(consumer, tp, messages[-1].offset + 1)
    finally:
        await sink.close()
        await consumer.stop()


async def _insist(sink: Sink, records: Sequence[Record]) -> None:
    pause = RETRY_S
    while True:
        try:
            await sink.send(records)
            return
        except Unavailable as error:
            log.warning("audit records were not taken, trying again", extra={"error": error.message})
            await asyncio.sleep(pause)
            pause = min(2 * pause, RETRY_MAX_S)


async def _commit(consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int) -> None:
    try:
        await consumer.commit({tp: offset})
    except KafkaError as error:
        log.info("not committed: what was taken may be sent again", extra={"error": repr(error)})

"""At least once, for certain: Faust as the consumer, with the departures from stock that nothing gets lost by.

1. Stock Faust commits past the oldest event in flight as soon as events finish out of order. ``_Consumer`` remembers
   what was handed out and commits only below the lowest offset of it.
2. ``deliver`` replaces agent concurrency: records of one key stay in order, others run side by side, and an event is
   acknowledged when its handler has returned, which is after its effects were.
3. Handlers do not raise: ``guarded`` retries what can be retried, and gives up into the dead letter topic.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakSet

import faust
import uvloop
from faust.contrib.asgi import faust_app_running
from faust.transport.drivers import aiokafka as driver

from infra.broker import Record, client_options
from infra.metrics import Metrics
from infra.settings import LimitSettings, Settings
from infra.topics import LARGE
from infra.tracing import TRACER
from schemas.cloudevents import header
from schemas.errors import HeadraceError, InternalError

log = logging.getLogger(__name__)
FAUST_LOG = logging.getLogger("faust.delivery")
"""Faust's services say much of their starts and stops; its level is set apart from ours."""
STOP_TIMEOUT_S = 8.0
Handler = Callable[[Record], Awaitable[None]]


class _Tracked(WeakSet):  # type: ignore[type-arg]  # Faust's streams call ``add`` on delivery
    def __init__(self, in_flight: dict[Any, set[int]]) -> None:
        super().__init__()
        self._in_flight = in_flight

    def add(self, message: Any) -> None:
        self._in_flight[message.tp].add(message.offset)
        super().add(message)


class _ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    logger = FAUST_LOG

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = self.app.conf.headrace_fetch_wait_ms
        return consumer


class _Consumer(driver.Consumer):  # type: ignore[misc]
    logger = FAUST_LOG

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._in_flight: dict[Any, set[int]] = defaultdict(set)
        super().__init__(*args, **kwargs)
        self._unacked_messages = _Tracked(self._in_flight)

    def _new_consumer_thread(self) -> _ConsumerThread:
        return _ConsumerThread(self, loop=self.loop, beacon=self.beacon, thread_loop=uvloop.new_event_loop())

    async def wait_empty(self) -> None:
        """Before a stop or a rebalance: let what is in flight finish, but not for ever. The rest comes again."""
        until = time.monotonic() + STOP_TIMEOUT_S
        while self._unacked_messages and time.monotonic() < until:
            await asyncio.sleep(0.02)
            self._clean_unacked_messages()
        await self.commit_and_end_transactions()

    def _clean_unacked_messages(self) -> None:
        for message in [message for message in self._unacked_messages if message.acked]:
            self._unacked_messages.discard(message)

    def _new_offset(self, tp: Any) -> int | None:
        acked = self._acked[tp]
        in_flight = self._in_flight[tp]
        in_flight.difference_update(acked)
        if not in_flight:
            return super()._new_offset(tp)  # type: ignore[no-any-return]
        lowest = min(in_flight)
        held = [offset for offset in acked if offset > lowest]
        acked[:] = [offset for offset in acked if offset < lowest]
        try:
            return super()._new_offset(tp)  # type: ignore[no-any-return]
        finally:
            acked.extend(held)

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._in_flight.pop(tp, None)


class _Transport(driver.Transport):  # type: ignore[misc]
    Consumer = _Consumer


class App(faust.App):  # type: ignore[misc]
    """A Faust app on the consumer above; one for each stage, so that a slow stage holds up no other.

    Faust's own monitor is off: what it counts for every event is counted in ``infra.metrics``.
    """

    logger = FAUST_LOG

    async def on_first_start(self) -> None:
        await super().on_first_start()
        self.sensors.remove(self.monitor)

    def _new_transport(self) -> _Transport:
        return _Transport(self.conf.broker_consumer, self)

    def lag(self) -> Iterator[tuple[str, int, int]]:
        """Topic, partition, and how many records there are beyond the last one committed."""
        for tp in self.consumer.assignment():
            end, committed = self.consumer.highwater(tp), self.consumer._committed_offset[tp]
            if end is not None and committed is not None:
                yield tp.topic, tp.partition, max(0, end - committed)


def new_app(settings: Settings, group: str, *, buffer: int) -> App:
    """A fresh app whose consumer group is ``<prefix>-<group>``; ``buffer`` records may wait for each stream."""
    kafka = settings.kafka
    servers = kafka.servers.split(",")
    app = App(
        f"{kafka.prefix}-{group}",
        broker=[f"kafka://{server}" for server in servers],
        broker_credentials=_credentials(settings),
        broker_session_timeout=kafka.session_timeout_s,
        broker_heartbeat_interval=kafka.session_timeout_s / 4,
        broker_request_timeout=max(40.0, kafka.session_timeout_s * 2),
        broker_rebalance_timeout=max(10.0, kafka.session_timeout_s),
        broker_commit_interval=1.0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=LARGE,
        stream_buffer_maxsize=buffer,
        stream_wait_empty=True,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        store="memory://",
        autodiscover=False,
        datadir=settings.state / "faust" / group,
    )
    app.conf.headrace_fetch_wait_ms = kafka.fetch_wait_ms
    return app


def _credentials(settings: Settings) -> Any:
    options = client_options(settings.kafka)
    context = options.get("ssl_context")
    if mechanism := options.get("sasl_mechanism"):
        return faust.SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            mechanism=mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context) if context else None


def add_agent(app: App, topics: list[str], handle: Handler, *, in_flight: int, ordered: bool = True) -> None:
    """Register one agent that reads raw bytes from ``topics`` and gives each record to ``handle``."""

    async def agent(stream: Any) -> None:
        await deliver(stream, handle, in_flight=in_flight, ordered=ordered)

    channel = app.topic(*topics, key_serializer="raw", value_serializer="raw")
    app.agent(channel, name=f"{app.conf.id}.{topics[0]}")(agent)


async def deliver(stream: Any, handle: Handler, *, in_flight: int, ordered: bool = True) -> None:
    """Give each record of a Faust stream to ``handle``: at most ``in_flight`` at once, and if ``ordered`` one after the
    other for one key of a partition. When all slots are taken nothing more is read, so lag stays in Kafka.
    """
    slots = asyncio.Semaphore(in_flight)
    tails: dict[tuple[str, int, bytes], asyncio.Task[None]] = {}
    running: set[asyncio.Task[None]] = set()

    async def run(event: Any, record: Record, lane: tuple[str, int, bytes], before: asyncio.Task[None] | None) -> None:
        try:
            if before:
                await asyncio.wait([before])
            await handle(record)
            event.ack()
        finally:
            slots.release()
            if tails.get(lane) is asyncio.current_task():
                del tails[lane]

    try:
        async for event in stream.noack().events():
            await slots.acquire()
            record = record_of(event.message)
            lane = (record.topic, record.partition, (ordered and record.key) or str(record.offset).encode())
            task = asyncio.create_task(run(event, record, lane, tails.get(lane)))
            tails[lane] = task
            running.add(task)
            task.add_done_callback(running.discard)
    finally:
        await _settle(running)


async def _settle(running: set[asyncio.Task[None]]) -> None:
    """Let what is in flight finish; what does not is redelivered to the next owner."""
    if running:
        _, late = await asyncio.wait(running, timeout=STOP_TIMEOUT_S)
        for task in late:
            task.cancel()


def record_of(message: Any) -> Record:
    """A Faust message as a record."""
    headers = message.headers or ()
    return Record(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        list(headers.items()) if isinstance(headers, dict) else list(headers),
        int(message.timestamp * 1000),
    )


GiveUp = Callable[[Record, HeadraceError, int], Awaitable[None]]
"""What is done with a record after its last attempt."""


def guarded(handle: Handler, give_up: GiveUp, limits: LimitSettings, metrics: Metrics, stage: str) -> Handler:
    """A handler that never raises: retries with exponential backoff, then ``give_up``. One span for each record."""

    async def attempts(record: Record) -> None:
        for attempt in range(1, limits.attempts + 1):
            error = await _attempt(handle, record)
            if error is None:
                return
            if not error.retriable or attempt == limits.attempts:
                await _insist(give_up, record, error, attempt, limits.retry_max_s)
                return
            metrics.retried(stage, error.code)
            await asyncio.sleep(min(limits.retry_base_s * 2 ** (attempt - 1), limits.retry_max_s))

    async def guard(record: Record) -> None:
        if not TRACER.started:
            await attempts(record)
            return
        with TRACER.span(f"headrace {stage}", header(record.headers, "traceparent"), source=str(record.source)):
            await attempts(record)

    return guard


async def _insist(give_up: GiveUp, record: Record, error: HeadraceError, attempt: int, pause_s: float) -> None:
    """Giving up must succeed: until it does, the record counts as in flight and is not committed past."""
    while True:
        try:
            await give_up(record, error, attempt)
            return
        except Exception:
            log.exception("could not give up on a record", extra={"source": str(record.source)})
            await asyncio.sleep(pause_s)


async def _attempt(handle: Handler, record: Record) -> HeadraceError | None:
    try:
        await handle(record)
    except HeadraceError as error:
        log.warning("could not handle a record", extra={"source": str(record.source), "code": error.code})
        return error
    except Exception as error:
        log.exception("a defect while handling a record", extra={"source": str(record.source)})
        return InternalError(f"a defect while handling the record: {type(error).__name__}")
    return None


@asynccontextmanager
async def running(*apps: App) -> AsyncIterator[None]:
    """Start the apps together, and stop them so that what is in flight is finished and committed."""
    for app in apps:
        app.conf.datadir.mkdir(parents=True, exist_ok=True)
    contexts = [faust_app_running(app) for app in apps]
    await asyncio.gather(*(context.__aenter__() for context in contexts))
    try:
        yield
    finally:
        await asyncio.gather(*(context.__aexit__(None, None, None) for context in contexts))

"""At least once, for certain: Faust as the consumer, with the departures from stock that nothing gets lost by.

1. Stock Faust commits past the oldest event in flight as soon as events finish out of order. ``streams.transport``
   remembers what was handed out and commits only below the lowest offset of it.
2. ``deliver`` replaces agent concurrency: records of one key stay in order, others run side by side, and an event is
   acknowledged when its handler has returned, which is after its effects were.
3. Handlers do not raise: ``guarded`` retries what can be retried, and gives up into the dead letter topic.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import faust
from faust.contrib.asgi import faust_app_running

from infra.broker import Record
from infra.group import consumer_options
from infra.metrics import Metrics
from infra.settings import LimitSettings, Settings
from infra.tracing import TRACER
from schemas.cloudevents import header
from schemas.errors import HeadraceError, InternalError
from streams.transport import FAUST_LOG, STOP_TIMEOUT_S, Transport

log = logging.getLogger(__name__)
Handler = Callable[[Record], Awaitable[None]]


class App(faust.App):  # type: ignore[misc]  # Faust is not typed
    """A Faust app on the consumer above; one for each stage, so that a slow stage holds up no other.

    Faust's own monitor is off: what it counts for every event is counted in ``infra.metrics``.
    """

    logger = FAUST_LOG

    async def on_first_start(self) -> None:
        await super().on_first_start()
        self.sensors.remove(self.monitor)

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def lag(self) -> Iterable[tuple[str, int, int]]:
        """Topic, partition, and how many records there are beyond the last one done."""
        return self.consumer.lag()  # type: ignore[no-any-return]  # Faust is not typed


def new_app(settings: Settings, group: str, *, buffer: int) -> App:
    """A fresh app whose consumer group is ``<prefix>-<group>``; ``buffer`` records may wait for each stream."""
    kafka = settings.kafka
    app = App(
        f"{kafka.prefix}-{group}",
        broker=[f"kafka://{server}" for server in kafka.servers.split(",")],
        broker_commit_interval=0.5,
        stream_buffer_maxsize=buffer,
        stream_wait_empty=True,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        store="memory://",
        autodiscover=False,
        datadir=settings.state / "faust" / group,
    )
    app.conf.headrace_consumer = consumer_options(kafka, group=app.conf.id)
    return app


def add_agent(app: App, topics: list[str], handle: Handler, *, in_flight: int, ordered: bool = True) -> None:
    """Register one agent that reads raw bytes from ``topics`` and gives each record to ``handle``."""

    async def agent(stream: Any) -> None:
        await deliver(stream, handle, in_flight=in_flight, ordered=ordered)

    channel = app.topic(*topics, key_serializer="raw", value_serializer="raw", allow_empty=True)
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

"""The crossings in stock Faust: its own streams, its own producer, each send awaited until it is acknowledged.

With ``--tuned`` the aiokafka producer is called directly, Faust's monitor is off and the loop is uvloop's.
"""

import argparse
import asyncio
import logging
from collections.abc import Awaitable, Callable
from tempfile import TemporaryDirectory
from typing import Any

import uvloop
from aiokafka import AIOKafkaProducer
from faust.contrib.asgi import faust_app_running

from benchmarks.crossings.consumer import SafeApp
from benchmarks.crossings.steps import AT_ONCE, Place, Step

Send = Callable[[str, bytes, bytes], Awaitable[object]]
"""To a topic, under a key; returns when it is acknowledged."""


def app_of(place: Place, step: Step, send: Send | None, folder: str) -> SafeApp:
    """One app for each step, so that none waits for another; without ``send`` by Faust's own producer."""
    app = SafeApp(
        f"{place.prefix}-{step.reads}",
        broker=f"kafka://{place.servers}",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        store="memory://",
        autodiscover=False,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=6.0,
        broker_heartbeat_interval=1.5,
        broker_rebalance_timeout=10.0,
        datadir=f"{folder}/{step.reads}",
        producer_acks=-1,
    )
    raw = {"key_serializer": "raw", "value_serializer": "raw"}
    outward = {name: app.topic(place.topic(name), **raw) for name in step.writes}

    async def faust_send(name: str, key: bytes, value: bytes) -> None:
        await (await outward[name].send(key=key, value=value))

    async def agent(stream: Any) -> None:
        async for event in stream.events():
            await step.work(event.value)
            await asyncio.gather(*((send or faust_send)(name, event.key, event.value) for name in step.writes))

    app.agent(app.topic(place.topic(step.reads), **raw), name=step.reads, concurrency=AT_ONCE)(agent)
    return app


async def run(place: Place, tuned: bool) -> None:
    """Until it is ended."""
    producer = AIOKafkaProducer(bootstrap_servers=place.servers, acks="all") if tuned else None
    if producer:
        await producer.start()

    async def direct(name: str, key: bytes, value: bytes) -> object:
        return await producer.send_and_wait(place.topic(name), value, key=key) if producer else None

    with TemporaryDirectory() as folder:
        apps = [app_of(place, step, direct if tuned else None, folder) for step in place.steps]
        contexts = [faust_app_running(app) for app in apps]
        await asyncio.gather(*(context.__aenter__() for context in contexts))
        if tuned:
            for app in apps:
                app.sensors.remove(app.monitor)
        await asyncio.Event().wait()


def main() -> None:
    parser = Place.arguments(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--tuned", action="store_true")
    given = parser.parse_args()
    logging.getLogger().setLevel(logging.WARNING)
    runner = uvloop.run if given.tuned else asyncio.run
    runner(run(Place.of(given), given.tuned))


if __name__ == "__main__":
    main()

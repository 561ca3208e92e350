"""The crossings in aiokafka alone: a consumer, a producer, and a task for each record. What Kafka from Python costs."""

import argparse
import asyncio

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import ConsumerRecord

from benchmarks.crossings.steps import AT_ONCE, Place, Step


async def cross(place: Place, step: Step, producer: AIOKafkaProducer) -> None:
    """One step, with at most ``AT_ONCE`` records in flight; offsets are committed by the consumer's clock."""
    slots, running = asyncio.Semaphore(AT_ONCE), set[asyncio.Task[None]]()

    async def handle(record: ConsumerRecord) -> None:
        try:
            await step.work(record.value)
            await asyncio.gather(
                *(producer.send_and_wait(place.topic(name), record.value, key=record.key) for name in step.writes)
            )
        finally:
            slots.release()

    async with AIOKafkaConsumer(
        place.topic(step.reads),
        bootstrap_servers=place.servers,
        group_id=f"{place.prefix}-{step.reads}",
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    ) as consumer:
        async for record in consumer:
            await slots.acquire()
            task = asyncio.create_task(handle(record))
            running.add(task)
            task.add_done_callback(running.discard)


async def run(place: Place) -> None:
    async with AIOKafkaProducer(bootstrap_servers=place.servers, acks="all") as producer:
        await asyncio.gather(*(cross(place, step, producer) for step in place.steps))


if __name__ == "__main__":
    uvloop.run(run(Place.parse(argparse.ArgumentParser(description=__doc__))))

"""What every group has done with goes, and nothing else."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from infra.broker import KafkaPublisher
from infra.reader import read_all
from infra.settings import Settings
from infra.topics import Names
from infra.truncation import truncate


async def commit(settings: Settings, group: str, topic: str, offset: int) -> None:
    name = f"{settings.kafka.prefix}-{group}"
    async with AIOKafkaConsumer(topic, bootstrap_servers=settings.kafka.servers, group_id=name) as consumer:
        await consumer.commit({TopicPartition(topic, 0): offset})


async def offsets(settings: Settings, topic: str) -> list[int]:
    return [record.offset async for record in read_all(settings.kafka, [topic], partition=0)]


async def test_up_to_the_slowest_group(settings: Settings, publisher: KafkaPublisher) -> None:
    names = Names(settings.kafka)
    for topic in ("requests", "work.text", "work.text.batch", "responses", "results"):
        for _ in range(4):
            await publisher.publish(names(topic), b"{}", partition=0)
    await commit(settings, "fast", names("requests"), 4)
    await commit(settings, "slow", names("requests"), 2)
    await commit(settings, "one", names("work.text"), 3)
    await commit(settings, "one", names("responses"), 4)
    assert await truncate(settings.kafka, ("requests", "work", "results")) == 2
    assert await offsets(settings, names("requests")) == [2, 3]
    assert await offsets(settings, names("work.text")) == [3]
    for left in ("work.text.batch", "responses", "results"):  # no group, another kind, no group
        assert await offsets(settings, names(left)) == [0, 1, 2, 3]

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError

from infra.broker import KafkaPublisher, client_options, ensure_topics
from infra.reader import read_all
from infra.server import free_port
from infra.settings import KafkaSettings, Settings
from infra.topics import LARGE, Names, table
from schemas.errors import TooLarge, Unavailable


async def test_topics_are_made_once(settings: Settings) -> None:
    made = await ensure_topics(settings)
    assert made == [Names(settings.kafka)(topic.name) for topic in table(settings)]
    assert await ensure_topics(settings) == []


async def test_a_record_stands_where_its_source_says(settings: Settings, publisher: KafkaPublisher) -> None:
    topic = Names(settings.kafka)("requests")
    source = await publisher.publish(topic, "值".encode(), key="钥匙", headers=[("ce_id", b"\xff")], partition=1)
    [record] = [each async for each in read_all(settings.kafka, [topic])]
    assert (record.source, record.partition) == (source, 1)
    assert (record.value, record.key, list(record.headers)) == ("值".encode(), "钥匙".encode(), [("ce_id", b"\xff")])
    assert str(source) == f"{topic}:1:{source.offset}"


async def test_one_key_has_one_partition(settings: Settings, publisher: KafkaPublisher) -> None:
    topic = Names(settings.kafka)("requests")
    sources = [await publisher.publish(topic, b"x", key="one") for _ in range(5)]
    assert len({source.partition for source in sources}) == 1


async def test_what_is_too_large_is_said(settings: Settings, publisher: KafkaPublisher) -> None:
    names = Names(settings.kafka)
    large = await publisher.publish(names("requests"), bytes(LARGE - 1000))
    assert large.offset == 0
    for topic, size in (("chunks", 2**20 + 1), ("requests", 3 * LARGE)):  # the topic's limit, the client's
        with pytest.raises(TooLarge):
            await publisher.publish(names(topic), bytes(size))


async def test_what_is_not_acknowledged_is_said_again(
    settings: Settings, publisher: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    producer: Any = publisher._producer
    send, tries = producer.send_and_wait, 0

    async def failing(*args: Any, **options: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise KafkaTimeoutError
        return await send(*args, **options)

    monkeypatch.setattr(producer, "send_and_wait", failing)
    assert (await publisher.publish(Names(settings.kafka)("requests"), b"x")).offset == 0
    assert tries == 3


async def test_nobody_there_is_said() -> None:
    kafka = KafkaSettings(port=free_port())
    publisher = KafkaPublisher(kafka, client_id="test")
    async with asyncio.timeout(60):
        with pytest.raises(Unavailable):
            await publisher.start()
        with pytest.raises(Unavailable):
            await ensure_topics(Settings(kafka=kafka))
    await publisher.stop()
    with pytest.raises(Unavailable):
        await publisher.publish("t", b"x")


def test_how_a_client_is_let_in() -> None:
    plain = client_options(KafkaSettings(bootstrap="a:1"))
    assert plain == {"bootstrap_servers": "a:1", "security_protocol": "PLAINTEXT"}
    secured = client_options(
        KafkaSettings.model_validate(
            {
                "security_protocol": "SASL_SSL",
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_username": "headrace",
                "sasl_password": "secret",
            }
        )
    )
    assert (secured["sasl_mechanism"], secured["sasl_plain_username"]) == ("SCRAM-SHA-512", "headrace")
    assert secured["sasl_plain_password"] == "secret"
    assert secured["ssl_context"].check_hostname

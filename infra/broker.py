"""Speaking to Kafka: how a client gets in, a record as it stands on the log, and publishing that knows it is there."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, TopicAlreadyExistsError, for_code
from aiokafka.helpers import create_ssl_context

from infra.settings import KafkaSettings, Settings
from infra.topics import LARGE, Names, table
from schemas.base import Source
from schemas.cloudevents import Header
from schemas.errors import TooLarge, Unavailable

log = logging.getLogger(__name__)


def client_options(kafka: KafkaSettings) -> dict[str, Any]:
    """Where the broker is and how to be let in, for any aiokafka client."""
    options: dict[str, Any] = {
        "bootstrap_servers": kafka.servers,
        "security_protocol": kafka.security_protocol,
    }
    if kafka.security_protocol.endswith("SSL"):
        options["ssl_context"] = create_ssl_context(
            cafile=str(kafka.ca_file) if kafka.ca_file else None,
            certfile=str(kafka.cert_file) if kafka.cert_file else None,
            keyfile=str(kafka.key_file) if kafka.key_file else None,
        )
    if kafka.sasl_mechanism:
        options["sasl_mechanism"] = kafka.sasl_mechanism
        options["sasl_plain_username"] = kafka.sasl_username
        options["sasl_plain_password"] = kafka.sasl_password.get_secret_value() if kafka.sasl_password else None
    return options


def librdkafka_options(kafka: KafkaSettings) -> dict[str, Any]:
    """The same for any librdkafka client."""
    given = {
        "bootstrap.servers": kafka.servers,
        "security.protocol": kafka.security_protocol,
        "ssl.ca.location": kafka.ca_file and str(kafka.ca_file),
        "ssl.certificate.location": kafka.cert_file and str(kafka.cert_file),
        "ssl.key.location": kafka.key_file and str(kafka.key_file),
        "sasl.mechanisms": kafka.sasl_mechanism,
        "sasl.username": kafka.sasl_username,
        "sasl.password": kafka.sasl_password and kafka.sasl_password.get_secret_value(),
        "reconnect.backoff.max.ms": 1000,
        "log.connection.close": False,
    }
    return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands on the log."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]
    timestamp_ms: int
    at_rest: bytes | None = None
    """The value as it stands on the log, when it was sealed there and is open here."""

    @property
    def source(self) -> Source:
        return Source.model_construct(topic=self.topic, partition=self.partition, offset=self.offset)


class Publisher(Protocol):
    """Puts records on the log."""

    async def publish(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: str | bytes | None = None,
        headers: Sequence[Header] = (),
        partition: int | None = None,
    ) -> Source:
        """Return when every replica in sync has the record; while the broker is away, wait for it.

        Raises:
            TooLarge: the broker does not take records of that size.
        """
        ...


class KafkaPublisher:
    """A ``Publisher`` on one aiokafka producer: ``acks=all``, no linger, retried until acknowledged."""

    def __init__(self, kafka: KafkaSettings, *, client_id: str) -> None:
        self._options = client_options(kafka) | {"client_id": client_id}
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        self._producer = AIOKafkaProducer(
            **self._options, acks="all", max_request_size=2 * LARGE, request_timeout_ms=10_000, max_batch_size=262_144
        )
        try:
            await self._producer.start()
        except KafkaError as error:
            await self._producer.stop()
            raise Unavailable(f"Kafka does not answer at {self._options['bootstrap_servers']}: {error}") from error

    async def stop(self) -> None:
        if self._producer:
            await self._producer.stop()
            self._producer = None

    async def publish(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: str | bytes | None = None,
        headers: Sequence[Header] = (),
        partition: int | None = None,
    ) -> Source:
        if not self._producer:
            raise Unavailable("the publisher is not started")
        encoded = key.encode() if isinstance(key, str) else key
        while True:
            try:
                ack = await self._producer.send_and_wait(
                    topic, value, key=encoded, headers=list(headers), partition=partition
                )
                return Source(topic=ack.topic, partition=ack.partition, offset=ack.offset)
            except MessageSizeTooLargeError as error:
                raise TooLarge(f"Kafka takes no record of {len(value or b'')} bytes on {topic}") from error
            except KafkaError as error:
                log.warning("kafka did not acknowledge, trying again", extra={"topic": topic, "error": repr(error)})
                await asyncio.sleep(0.2)


async def ensure_topics(settings: Settings) -> list[str]:
    """Make the topics of the table that are not there, in one call, and return the names of those it made.

    Kafka lists a new topic a moment after it has answered that it is made, so one may seem missing and be there.

    Raises:
        Unavailable: Kafka does not answer.
    """
    names = Names(settings.kafka)
    admin = AIOKafkaAdminClient(**client_options(settings.kafka), client_id="headrace-topics")
    try:
        await admin.start()
        present = set(await admin.list_topics())
        missing = [topic for topic in table(settings) if names(topic.name) not in present]
        made: list[str] = []
        if missing:
            answer = await admin.create_topics(
                [
                    NewTopic(
                        names(topic.name),
                        topic.partitions or settings.kafka.partitions,
                        settings.kafka.replication,
                        topic_configs=topic.config(),
                    )
                    for topic in missing
                ]
            )
            _check(answer)
            made = [topic for topic, code, *_ in answer.topic_errors if code == 0]
        return [name for topic in missing if (name := names(topic.name)) in made]
    except KafkaError as error:
        raise Unavailable(f"Kafka does not answer at {settings.kafka.servers}: {error}") from error
    finally:
        await admin.close()


def _check(made: Any) -> None:
    """Raise for the first topic that could not be made; one that another process made meanwhile is fine."""
    for topic, code, *message in made.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            why = next((text for text in message if text), for_code(code).__name__)
            raise Unavailable(f"Kafka did not make the topic {topic}: {why}")

"""Retention of topics that are there already: only that is altered, whatever else somebody has set on them."""

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from infra.broker import librdkafka_options
from infra.settings import Settings
from infra.topics import Names, table
from schemas.errors import Unavailable

TIMEOUT_S = 30.0


def retain(settings: Settings) -> dict[str, int]:
    """Give each topic that is there the retention of the table, and return it in milliseconds, by full name. Blocks.

    Raises:
        Unavailable: Kafka does not answer, or does not let us.
    """
    names, admin = Names(settings.kafka), AdminClient(librdkafka_options(settings.kafka))
    try:
        present = admin.list_topics(timeout=TIMEOUT_S).topics
        wanted = {full: topic.keep_ms for topic in table(settings) if (full := names(topic.name)) in present}
        if not wanted:
            return {}
        asked = [_keep(topic, keep_ms) for topic, keep_ms in wanted.items()]
        for done in admin.incremental_alter_configs(asked, request_timeout=TIMEOUT_S).values():
            done.result()
    except KafkaException as error:
        raise Unavailable(f"Kafka did not alter the retention of topics: {error}") from error
    return wanted


def _keep(topic: str, keep_ms: int) -> ConfigResource:
    entry = ConfigEntry("retention.ms", str(keep_ms), incremental_operation=AlterConfigOpType.SET)
    return ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])

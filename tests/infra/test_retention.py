from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from infra.broker import ensure_topics, librdkafka_options
from infra.retention import retain
from infra.settings import Settings
from infra.topics import DAY_MS, Names
from tests.conftest import MakeSettings
from tests.waiting import until


def config(settings: Settings, topic: str) -> dict[str, str]:
    admin = AdminClient(librdkafka_options(settings.kafka))
    resource = ConfigResource(ResourceType.TOPIC, topic)
    entries = admin.describe_configs([resource])[resource].result(10)
    return {name: str(entry.value) for name, entry in entries.items()}


async def test_topics_that_are_there_get_another_retention(make_settings: MakeSettings) -> None:
    settings = make_settings()
    await ensure_topics(settings)
    name = Names(settings.kafka)("responses")
    before = config(settings, name)
    privacy = settings.privacy.model_copy(update={"retention_days": {"content": 0.5}})
    altered = retain(settings.model_copy(update={"privacy": privacy}))
    assert altered[name] == DAY_MS // 2
    await until(lambda: config(settings, name) == before | {"retention.ms": str(DAY_MS // 2)})  # Kafka alters by and by


def test_without_topics_nothing_is_altered(settings: Settings) -> None:
    assert retain(settings) == {}

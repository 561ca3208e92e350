import pytest

from infra.settings import KafkaSettings, Settings
from infra.topics import LARGE, POOLS, TABLE, Names, table

NAMES = Names(KafkaSettings(prefix="acme.prod"))


def test_full_names() -> None:
    assert NAMES("requests") == "acme.prod.requests"
    assert NAMES.work("text", "interactive") == "acme.prod.work.text"
    assert NAMES.work("text", "batch") == "acme.prod.work.text.batch"


@pytest.mark.parametrize(
    ("topic", "tenant"),
    [
        ("acme.prod.requests.umbrella", "umbrella"),
        ("acme.prod.requests", None),  # everybody's
        ("acme.prod.responses.umbrella", None),  # the other way
        ("other.requests.umbrella", None),  # another deployment's
    ],
)
def test_who_a_topic_is_bound_to(topic: str, tenant: str | None) -> None:
    assert NAMES.tenant_of(topic) == tenant


def test_the_table_names_each_topic_once() -> None:
    names = [topic.name for topic in table(Settings(tenant_topics=("acme", "umbrella")))]
    assert len(set(names)) == len(names) == len(TABLE) + 4
    assert {"requests.acme", "responses.umbrella"} < set(names)
    assert {f"work.{pool}{lane}" for pool in POOLS for lane in ("", ".batch")} < set(names)


def test_registries_are_totally_ordered_and_kept() -> None:
    registries = {topic.name: topic for topic in TABLE if topic.name in ("models", "prompts", "policies", "keys")}
    assert len(registries) == 4
    for topic in registries.values():
        assert topic.partitions == 1
        assert topic.config() == {"cleanup.policy": "compact", "retention.ms": "-1", "max.message.bytes": str(2**20)}


def test_a_dead_letter_has_room_for_what_it_keeps() -> None:
    sizes = {topic.name: topic.max_bytes for topic in TABLE}
    assert sizes["deadletter"] > LARGE * 4 / 3 > max(size for name, size in sizes.items() if name != "deadletter")

import pytest

from infra.settings import KafkaSettings, Settings
from infra.topics import DAY_MS, LARGE, POOLS, TABLE, Names, table

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
        config = topic.config()
        assert (config["cleanup.policy"], config["retention.ms"]) == ("compact", "-1")
        assert config["max.message.bytes"] == str(2**20)


@pytest.mark.parametrize(
    ("topic", "keep_ms"),
    [
        ("responses", 2 * DAY_MS),
        ("responses.acme", 2 * DAY_MS),  # a tenant's own
        ("work.text.batch", 2 * DAY_MS),
        ("deadletter", DAY_MS // 4),
        ("audit", 7 * 365 * DAY_MS),  # no setting
        ("erasures", -1),  # of no class: holds must not lapse
    ],
)
def test_settings_give_a_class_another_retention(topic: str, keep_ms: int) -> None:
    days = {"content": 2, "failures": 0.25}
    settings = Settings.model_validate({"tenant_topics": ["acme"], "privacy": {"retention_days": days}})
    assert {each.name: each.keep_ms for each in table(settings)}[topic] == keep_ms


def test_a_dead_letter_has_room_for_what_it_keeps() -> None:
    sizes = {topic.name: topic.max_bytes for topic in TABLE}
    assert sizes["deadletter"] > LARGE * 4 / 3 > max(size for name, size in sizes.items() if name != "deadletter")

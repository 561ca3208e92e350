"""Every topic in one table: what it is called, how it is split, and how long it is kept."""

from dataclasses import dataclass, replace
from typing import get_args

from infra.settings import KafkaSettings, Retained, Settings
from schemas.work import Pool

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
FOR_EVER = -1


@dataclass(frozen=True)
class Topic:
    """One topic. ``partitions`` 0 means the setting's number; a registry has one, for a total order. ``kind`` is the
    class that settings may give another retention."""

    name: str
    keep_ms: int
    compacted: bool = False
    partitions: int = 0
    max_bytes: int = 2**20
    kind: Retained | None = None

    def config(self) -> dict[str, str]:
        policy = {"cleanup.policy": "delete"}
        if self.compacted:  # what a tombstone deletes is gone from the disk after a day
            policy = {"cleanup.policy": "compact", "max.compaction.lag.ms": str(DAY_MS)}
        return {**policy, "retention.ms": str(self.keep_ms), "max.message.bytes": str(self.max_bytes)}


LARGE = 16 * 2**20
POOLS: tuple[Pool, ...] = get_args(Pool)


def _registry(name: str) -> Topic:
    return Topic(name, FOR_EVER, compacted=True, partitions=1)


TABLE: tuple[Topic, ...] = (
    Topic("requests", 7 * DAY_MS, max_bytes=LARGE, kind="content"),
    Topic("uploads", 7 * DAY_MS, max_bytes=LARGE, kind="content"),
    Topic("documents", FOR_EVER, compacted=True, max_bytes=LARGE),
    Topic("feedback", 365 * DAY_MS, kind="learning"),
    Topic("examples", FOR_EVER, compacted=True, max_bytes=LARGE),
    *(
        Topic(f"work.{pool}{lane}", 3 * DAY_MS, max_bytes=LARGE, kind="content")
        for pool in POOLS
        for lane in ("", ".batch")
    ),
    Topic("cancels", HOUR_MS, partitions=1, kind="transient"),
    Topic("results", 6 * HOUR_MS, max_bytes=LARGE, kind="transient"),
    Topic("chunks", HOUR_MS // 4, kind="transient"),
    Topic("responses", 7 * DAY_MS, max_bytes=LARGE, kind="content"),
    Topic("screening.requests", 7 * DAY_MS, max_bytes=LARGE, kind="content"),
    Topic("screening.verdicts", 7 * DAY_MS, kind="content"),
    Topic("reviews", 28 * DAY_MS, partitions=1, kind="failures"),
    Topic("backscans", 365 * DAY_MS),
    _registry("models"),
    _registry("prompts"),
    _registry("policies"),
    _registry("keys"),
    Topic("training", 365 * DAY_MS, partitions=1, kind="learning"),
    Topic("audit", 7 * 365 * DAY_MS, kind="audit"),
    Topic("checkpoints", FOR_EVER),
    Topic("accesses", 28 * DAY_MS),
    Topic("erasures", FOR_EVER, partitions=1),
    Topic("deadletter", 28 * DAY_MS, max_bytes=2 * LARGE, kind="failures"),
)


class Names:
    """The full names of topics under the setting's prefix."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self.prefix = kafka.prefix

    def __call__(self, name: str) -> str:
        return f"{self.prefix}.{name}"

    def work(self, pool: str, priority: str) -> str:
        return self(f"work.{pool}" + (".batch" if priority == "batch" else ""))

    def tenant_of(self, topic: str) -> str | None:
        """The tenant that a ``requests.<tenant>`` topic is bound to."""
        prefix = self("requests.")
        return topic.removeprefix(prefix) if topic.startswith(prefix) else None


def table(settings: Settings) -> tuple[Topic, ...]:
    """The table with the topics of each bound tenant, and the settings' retention by class."""
    bound = [
        Topic(f"{name}.{tenant}", 7 * DAY_MS, max_bytes=LARGE, kind="content")
        for tenant in settings.tenant_topics
        for name in ("requests", "responses")
    ]
    days = settings.privacy.retention_days
    return tuple(
        replace(topic, keep_ms=round(days[topic.kind] * DAY_MS)) if topic.kind and topic.kind in days else topic
        for topic in (*TABLE, *bound)
    )

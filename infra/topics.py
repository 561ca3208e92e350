"""Every topic in one table: what it is called, how it is split, and how long it is kept."""

from dataclasses import dataclass
from typing import get_args

from infra.settings import KafkaSettings, Settings
from schemas.work import Pool

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
FOR_EVER = -1


@dataclass(frozen=True)
class Topic:
    """One topic. ``partitions`` 0 means the setting's number; a registry has one, for a total order."""

    name: str
    keep_ms: int
    compacted: bool = False
    partitions: int = 0
    max_bytes: int = 2**20

    def config(self) -> dict[str, str]:
        policy = {"cleanup.policy": "compact"} if self.compacted else {"cleanup.policy": "delete"}
        return {**policy, "retention.ms": str(self.keep_ms), "max.message.bytes": str(self.max_bytes)}


LARGE = 16 * 2**20
POOLS: tuple[Pool, ...] = get_args(Pool)


def _registry(name: str) -> Topic:
    return Topic(name, FOR_EVER, compacted=True, partitions=1)


TABLE: tuple[Topic, ...] = (
    Topic("requests", 7 * DAY_MS, max_bytes=LARGE),
    Topic("uploads", 7 * DAY_MS, max_bytes=LARGE),
    Topic("documents", FOR_EVER, compacted=True, max_bytes=LARGE),
    Topic("feedback", 365 * DAY_MS),
    Topic("examples", FOR_EVER, compacted=True, max_bytes=LARGE),
    *(Topic(f"work.{pool}{lane}", 3 * DAY_MS, max_bytes=LARGE) for pool in POOLS for lane in ("", ".batch")),
    Topic("cancels", HOUR_MS, partitions=1),
    Topic("results", 6 * HOUR_MS, max_bytes=LARGE),
    Topic("chunks", HOUR_MS // 4),
    Topic("responses", 7 * DAY_MS, max_bytes=LARGE),
    _registry("models"),
    _registry("prompts"),
    _registry("policies"),
    _registry("keys"),
    Topic("training", 365 * DAY_MS, partitions=1),
    Topic("audit", 7 * 365 * DAY_MS),
    Topic("checkpoints", FOR_EVER),
    Topic("deadletter", 28 * DAY_MS, max_bytes=2 * LARGE),
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
    """The table with the topics of each bound tenant."""
    bound = [
        Topic(f"{name}.{tenant}", 7 * DAY_MS, max_bytes=LARGE)
        for tenant in settings.tenant_topics
        for name in ("requests", "responses")
    ]
    return (*TABLE, *bound)

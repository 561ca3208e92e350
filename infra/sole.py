"""One member of a consumer group reads everything: for what is one thing over all partitions."""

from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from infra.broker import client_options
from infra.settings import KafkaSettings
from infra.topics import LARGE


class Sole(RangePartitionAssignor):  # type: ignore[misc]  # aiokafka is not typed
    """Gives one member of the group everything; the others stand by."""

    name = "sole"

    @classmethod
    def assign(cls, cluster: Any, members: Any) -> dict[str, Any]:
        first = min(members)
        topics = {topic for member in members.values() for topic in member.subscription}
        everything = [(topic, sorted(cluster.partitions_for_topic(topic) or ())) for topic in sorted(topics)]
        return {
            member: ConsumerProtocolMemberAssignment(cls.version, everything if member == first else [], b"")
            for member in members
        }


def sole_reader(kafka: KafkaSettings, name: str, client_id: str, *, wait_for: int = 1) -> AIOKafkaConsumer:
    """A consumer, not started, in the group of that name, of which one member reads everything; it commits nothing by
    itself. Kafka answers it when there are so many bytes, or after the time that the settings say."""
    return AIOKafkaConsumer(
        **client_options(kafka),
        client_id=client_id,
        group_id=f"{kafka.prefix}-{name}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        partition_assignment_strategy=(Sole,),
        session_timeout_ms=int(kafka.session_timeout_s * 1000),
        heartbeat_interval_ms=int(kafka.session_timeout_s * 250),
        fetch_min_bytes=wait_for,
        fetch_max_wait_ms=kafka.fetch_wait_ms,
        max_partition_fetch_bytes=LARGE // 8,
    )

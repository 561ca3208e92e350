"""One member of a consumer group reads everything: for what is one thing over all partitions."""

from typing import Any

from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment


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

"""Deleting from topics what every group that reads them has done with (Kafka's DeleteRecords)."""

from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import KafkaError

from infra.broker import client_options
from infra.settings import KafkaSettings
from infra.topics import Names
from schemas.errors import Unavailable


async def truncate(kafka: KafkaSettings, kinds: Sequence[str]) -> int:
    """Delete the records of the topics of these kinds (``work`` for all ``work.*``) that come before what the slowest
    group has committed; a partition that no group reads is left. Returns in how many partitions.

    Readers cannot get at what is deleted from then on; the bytes leave the disk when Kafka drops their segments.

    Raises:
        Unavailable: Kafka does not answer, or does not let us.
    """
    admin = AIOKafkaAdminClient(**client_options(kafka), client_id="headrace-truncation")
    try:
        await admin.start()
        committed = await _committed(admin, Names(kafka).prefix, kinds)
        if committed:
            await admin.delete_records({tp: RecordsToDelete(offset) for tp, offset in committed.items()})
        return len(committed)
    except KafkaError as error:
        raise Unavailable(f"Kafka did not truncate topics in transit: {error}") from error
    finally:
        await admin.close()


async def _committed(admin: AIOKafkaAdminClient, prefix: str, kinds: Sequence[str]) -> dict[TopicPartition, int]:
    """The least offset that any group has committed, by partition."""
    least: dict[TopicPartition, int] = {}
    wanted = tuple(f"{prefix}.{kind}." for kind in kinds)
    for group, *_ in await admin.list_consumer_groups():
        for tp, committed in (await admin.list_consumer_group_offsets(group)).items():
            if f"{tp.topic}.".startswith(wanted) and committed.offset > 0:
                least[tp] = min(committed.offset, least.get(tp, committed.offset))
    return least

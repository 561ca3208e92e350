"""The files that a stopped broker keeps a partition in, read and written anew: what somebody with its disk can do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords


@dataclass(frozen=True)
class Row:
    """A record as it stands on the disk."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def read_rows(folder: Path) -> list[Row]:
    """All records of a partition, given its folder."""
    rows = []
    for segment in sorted(folder.glob("*.log")):
        records = MemoryRecords(segment.read_bytes())
        while (batch := records.next_batch()) is not None:
            rows += [Row(one.offset, one.timestamp, one.key, one.value, tuple(one.headers)) for one in batch]
    return rows


def write_rows(folder: Path, rows: Sequence[Row]) -> None:
    """A partition of these records alone: one segment, sound by itself, whose indexes the broker makes anew."""
    for path in [
        *folder.glob("*.log"),
        *folder.glob("*.index"),
        *folder.glob("*.timeindex"),
        *folder.glob("*.snapshot"),
    ]:
        path.unlink()
    data = b"".join(map(_batch, rows))
    first = rows[0].offset if rows else 0
    (folder / f"{first:020d}.log").write_bytes(data)
    (folder.parent / ".kafka_cleanshutdown").unlink(missing_ok=True)


def _batch(row: Row) -> bytes:
    """A batch of one record. The base offset is not under the checksum."""
    builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 2**20)
    builder.append(0, row.timestamp, row.key, row.value, list(row.headers))
    return row.offset.to_bytes(8, "big") + bytes(builder.build())[8:]


Edit = Callable[[list[Row]], list[Row]]


def renumbered(rows: Sequence[Row]) -> list[Row]:
    """Without gaps, from 0 on."""
    return [Row(at, row.timestamp, row.key, row.value, row.headers) for at, row in enumerate(rows)]

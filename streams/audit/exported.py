"""The audit log as files: Parquet by day, heads and hashes beside it, and a manifest that says what is in it.

The manifest is written last, so an export that was cut off is the one before. It is checked like the live log.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from schemas.errors import NotFound, Unavailable
from streams.audit.conditions import severity
from streams.audit.folders import LocalFolder, below
from streams.audit.live import LiveLog, Published, key_of
from streams.audit.signing import signature_of
from streams.audit.verifier.log import Entry

if TYPE_CHECKING:
    from confluent_kafka import Message

MANIFEST = "manifest.json"
ROWS = 50_000
FIELDS = ("id", "tenant", "request_id", "actor", "action", "status")


@dataclass(frozen=True)
class Part:
    """One file: the records of a partition from ``first`` up to ``stop``."""

    path: str
    partition: int
    first: int
    stop: int
    day: str


@dataclass(frozen=True)
class Manifest:
    topic: str
    parts: tuple[Part, ...] = ()

    def of(self, partition: int) -> list[Part]:
        return sorted((part for part in self.parts if part.partition == partition), key=lambda part: part.first)

    def stop(self, partition: int) -> int | None:
        """Where an export goes on."""
        parts = self.of(partition)
        return parts[-1].stop if parts else None


def read_manifest(folder: Path) -> Manifest:
    """Raises ``NotFound`` when no export was finished there."""
    try:
        said = json.loads((folder / MANIFEST).read_bytes())
        return Manifest(said["topic"], tuple(Part(**part) for part in said["parts"]))
    except FileNotFoundError as error:
        raise NotFound(f"there is no {MANIFEST} in {folder}: no export was finished there") from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotFound(f"{folder / MANIFEST} is no manifest: {error}") from error


class ExportedLog:
    """An export as a log. Heads are those that were exported with it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._manifest = folder, read_manifest(folder)
        self.topic = self._manifest.topic

    def partitions(self) -> list[int]:
        return sorted({part.partition for part in self._manifest.parts})

    def topic_id(self) -> None:
        return None

    def bounds(self, partition: int) -> tuple[int, int]:
        parts = self._manifest.of(partition)
        return (parts[0].first, parts[-1].stop) if parts else (0, 0)

    def entries(self, partition: int, start: int, stop: int, *, signatures: bool) -> Iterator[list[Entry]]:
        for part in self._manifest.of(partition):
            if part.first < stop and part.stop > start:
                for batch in self._batches(part):
                    yield [entry for entry in batch if start <= entry.offset < stop]

    def heads(self, partition: int) -> list[Published]:
        found = []
        root = LocalFolder(self._folder)
        for log in root.names(""):
            folder = below(root, f"{log}/{key_of(self.topic, partition).decode()}")
            found += [Published(folder.read(f"heads/{name}") or b"", (), name) for name in folder.names("heads")]
        return found

    def _batches(self, part: Part) -> Iterator[list[Entry]]:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile

        try:
            with ParquetFile(self._folder / part.path) as file:
                for batch in file.iter_batches(columns=["offset", "value", "signature"]):
                    columns = [column.to_pylist() for column in batch.columns]
                    yield [Entry(*row) for row in zip(*columns, strict=True)]
        except (OSError, ArrowException) as error:
            raise Unavailable(f"{part.path} of the export cannot be read: {type(error).__name__}") from error


@dataclass(frozen=True)
class Export:
    """Adds to an export what was signed since."""

    log: LiveLog
    folder: Path

    def __call__(self, partition: int, stop: int, before: Manifest) -> list[Part]:
        """The parts of one partition up to an offset; they count once they are in the manifest. Blocks."""
        low, _ = self.log.bounds(partition)
        start = before.stop(partition)
        parts, rows, newest, day = list[Part](), list["Message"](), 0, ""
        for batch in self.log.messages(self.log.topic, partition, low if start is None else start, stop):
            for message in batch:
                newest = max(newest, message.timestamp()[1])  # so that a day is one stretch of offsets
                if rows and (len(rows) >= ROWS or _day(newest) != day):
                    parts.append(self._write(partition, rows, day))
                    rows = []
                if not rows:
                    day = _day(newest)
                rows.append(message)
        if rows:
            parts.append(self._write(partition, rows, day))
        return parts

    def commit(self, manifest: Manifest) -> None:
        said = {"topic": manifest.topic, "parts": [part.__dict__ for part in manifest.parts]}
        LocalFolder(self.folder).write(MANIFEST, json.dumps(said, indent=1).encode())

    def _write(self, partition: int, rows: Sequence["Message"], day: str) -> Part:
        import pyarrow
        from pyarrow.parquet import write_table

        first, stop = rows[0].offset(), rows[-1].offset() + 1
        path = f"day={day}/{partition:04d}-{first:020d}.parquet"
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        table = pyarrow.Table.from_pylist([_row(partition, message) for message in rows], schema=_schema())
        write_table(table, self.folder / path, compression="zstd")
        return Part(path, partition, first, stop, day)


def _schema() -> Any:
    import pyarrow

    return pyarrow.schema(
        [
            ("partition", pyarrow.int32()),
            ("offset", pyarrow.int64()),
            ("time", pyarrow.timestamp("ms", tz="UTC")),
            ("value", pyarrow.binary()),
            ("signature", pyarrow.binary()),
            *((name, pyarrow.string()) for name in (*FIELDS, "severity")),
        ]
    )


def _row(partition: int, message: "Message") -> dict[str, Any]:
    """The value as it stands on the log, and what people filter by."""
    value = message.value() or b""
    said = decoded(value)
    return {
        "partition": partition,
        "offset": message.offset(),
        "time": message.timestamp()[1],
        "value": value,
        "signature": signature_of(message.headers() or ()),
        **{name: None if said.get(name) is None else str(said[name]) for name in FIELDS},
        "severity": severity(said),
    }


def decoded(value: bytes) -> dict[str, Any]:
    """The fields of an audit record; none of what is none."""
    try:
        said = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _day(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d")

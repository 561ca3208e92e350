"""Audit records on the disk while Kafka does not take them: answers go out, and their records follow."""

import asyncio
import contextlib
import logging
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import orjson

from infra.broker import Publisher
from schemas.cloudevents import Header

log = logging.getLogger(__name__)
WAIT_S = 1.0
RETRY_S = 0.5
Item = tuple[str, bytes, str, list[Header]]


class Spool:
    """Takes audit records in place of the publisher. One that Kafka has not acknowledged after ``WAIT_S`` is written to
    a file, and said again from there until it is. When the file has ``limit`` bytes, records wait for Kafka again."""

    def __init__(self, publisher: Publisher, path: Path, limit: int) -> None:
        self._publisher, self._path, self._limit = publisher, path, limit
        self._draining: asyncio.Task[None] | None = None
        self._size = 0
        self._some = asyncio.Event()
        self._turn = asyncio.Lock()

    @property
    def _aside(self) -> Path:
        return self._path.with_suffix(".saying")

    def start(self) -> None:
        """What was left on the disk by a process before goes first."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._size = self._path.stat().st_size if self._path.exists() else 0
        if self._size or self._aside.exists():
            self._some.set()
        self._draining = asyncio.create_task(self._drain(), name="audit spool")

    async def stop(self) -> None:
        if self._draining:
            self._draining.cancel()
            await asyncio.gather(self._draining, return_exceptions=True)

    @property
    def waiting(self) -> int:
        """Bytes on the disk."""
        return self._size

    async def publish(self, topic: str, value: bytes, *, key: str, headers: list[Header]) -> None:
        """Return when the record is on Kafka, or on the disk."""
        saying = asyncio.ensure_future(self._publisher.publish(topic, value, key=key, headers=headers))
        await asyncio.wait([saying], timeout=0 if self._size else WAIT_S)
        if not saying.done() and await self._keep((topic, value, key, headers)):
            saying.cancel()
        else:
            await saying

    async def _keep(self, item: Item) -> bool:
        """Whether there was room."""
        async with self._turn:
            if self._size >= self._limit:
                return False
            await asyncio.to_thread(self._append, item)
        self._some.set()
        return True

    def _append(self, item: Item) -> None:
        topic, value, key, headers = item
        line = orjson.dumps([topic, _text(value), key, [[name, _text(each or b"")] for name, each in headers]]) + b"\n"
        with self._path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._size += len(line)

    async def _drain(self) -> None:
        """A file is taken aside whole, said, and deleted once all of it is on Kafka."""
        while True:
            await self._some.wait()
            self._some.clear()
            while await self._take():
                await self._say(self._aside)
                self._aside.unlink()
                log.warning("audit records that waited on the disk are on kafka now")

    async def _take(self) -> bool:
        """Whether there is a file to say; nobody writes to it any more."""
        async with self._turn:
            if not self._aside.exists():
                with contextlib.suppress(FileNotFoundError):
                    self._path.rename(self._aside)
                    self._size = 0
            return self._aside.exists()

    async def _say(self, aside: Path) -> None:
        for topic, value, key, headers in _items(aside):
            while True:
                try:
                    await self._publisher.publish(topic, value, key=key, headers=headers)
                    break
                except Exception as error:
                    log.warning("an audit record still waits", extra={"error": repr(error)})
                    await asyncio.sleep(RETRY_S)


def _items(path: Path) -> Iterator[Item]:
    """A line that was cut off by a crash was never answered for."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                topic, value, key, headers = orjson.loads(line)
                yield topic, b64decode(value), key, [(name, b64decode(each)) for name, each in headers]


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()

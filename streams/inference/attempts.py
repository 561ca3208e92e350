"""What was computed when the process died: a request that kills its worker each time must not do so for ever.

What has a slot is noted in a file of the state folder. The next process takes over the notes of a dead one: what was in
work then is suspect and is done one at a time, so that what stood beside the culprit gets through, and what was there
``MOST`` times is not tried again. A note reaches the page cache, which outlives the process.
"""

import os
import socket
from asyncio import Lock
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from schemas.errors import InternalError
from schemas.work import Work

MOST = 3
SUSPECTS = 1000
RECORD = 320
"""Bytes of one note: ``+`` in work or ``=`` not yet come again, deaths before, and the name of the work."""


class Attempts:
    """The notes of this process; nothing is noted until they are opened."""

    def __init__(self) -> None:
        self._deaths: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._free: list[int] = []
        self._alone = Lock()
        self._path = Path()
        self._file: int | None = None

    def open(self, folder: Path) -> None:
        """Learn from those who died on this machine, and begin notes of our own."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{socket.gethostname()}-{os.getpid()}"
        for path in _left_behind(folder):
            for name, deaths in _read(path.read_bytes()):
                self._deaths[name] = max(deaths, self._deaths.get(name, 0))
            path.unlink()
        self._deaths = dict(sorted(self._deaths.items(), key=lambda each: -each[1])[:SUSPECTS])
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for name in self._deaths:
            self._note(name, "=")

    def close(self) -> None:
        """After an orderly end nothing is suspect."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            self._path.unlink(missing_ok=True)

    @asynccontextmanager
    async def in_turn(self, work: Work) -> AsyncIterator[None]:
        """Alone, if it is suspect.

        Raises:
            InternalError: the process died too often while this was computed.
        """
        deaths = self._deaths.get(_name(work), 0) if self._deaths else 0
        if deaths >= MOST:
            raise InternalError(f"the worker died {deaths} times while it computed this: it is not tried again")
        if not deaths:
            yield
            return
        async with self._alone:
            yield

    @contextmanager
    def noted(self, work: Work) -> Iterator[None]:
        """What is in the block is in work."""
        name = _name(work)
        self._note(name, "+")
        try:
            yield
        finally:
            self._deaths.pop(name, None)
            self._forget(name)

    def _note(self, name: str, mark: str) -> None:
        if self._file is None:
            return
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = self._free.pop() if self._free else len(self._places)
        note = f"{mark}{self._deaths.get(name, 0)} {name}".encode().ljust(RECORD)
        os.pwrite(self._file, note[:RECORD], place * RECORD)

    def _forget(self, name: str) -> None:
        place = self._places.pop(name, None)
        if place is not None and self._file is not None:
            self._free.append(place)
            os.pwrite(self._file, b" " * RECORD, place * RECORD)


def _name(work: Work) -> str:
    return work.pins.cache_key or f"{work.tenant or ''}/{work.id}"


def _read(notes: bytes) -> Iterator[tuple[str, int]]:
    """Names, and how often a process died over each."""
    for start in range(0, len(notes), RECORD):
        head, _, name = notes[start : start + RECORD].decode(errors="replace").strip().partition(" ")
        if name and head[1:].isdigit():
            yield name, int(head[1:]) + (head[0] == "+")


def _left_behind(folder: Path) -> Iterator[Path]:
    """The notes of dead processes of this machine, each taken by one who asks."""
    for path in list(folder.glob(f"{socket.gethostname()}-*")):
        pid = path.name.rpartition("-")[2]
        if pid.isdigit() and (int(pid) == os.getpid() or not _alive(int(pid))):
            taken = path.with_name(f"taken-{os.getpid()}-{path.name}")
            with suppress(FileNotFoundError):
                yield path.rename(taken)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""Data keys in a file: SQLite that overwrites what it deletes, for processes of one machine."""

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from infra.vault.port import DataKey, key_id, parts
from infra.vault.wrapping import Wrapping
from schemas.errors import KeyErased, NotFound, Unavailable

SCHEMA = """
CREATE TABLE IF NOT EXISTS data_keys (
    subject TEXT NOT NULL,
    generation INTEGER NOT NULL,
    wrapped BLOB,
    PRIMARY KEY (subject, generation)
) WITHOUT ROWID, STRICT
"""
LAST = "SELECT generation, wrapped FROM data_keys WHERE subject = ? ORDER BY generation DESC LIMIT 1"
PATIENCE_S = 5.0
T = TypeVar("T")


class SqliteKeys:
    """A ``KeyStore`` in one file, which only its owner may read. ``wrapped`` is null once a key was erased."""

    def __init__(self, path: Path, master_key: bytes) -> None:
        self._path, self._wrapping = path, Wrapping(master_key)
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    async def current(self, subject: str) -> DataKey:
        return await self._run(lambda db: self._current(db, subject))

    async def get(self, key_id: str) -> DataKey:
        return await self._run(lambda db: self._get(db, key_id))

    async def erase(self, subject: str) -> None:
        await self._run(lambda db: _erase(db, subject))

    async def rewrap(self, old_master_key: bytes) -> int:
        return await self._run(lambda db: self._rewrap(db, Wrapping(old_master_key)))

    async def close(self) -> None:
        with self._lock:
            if self._opened:
                self._opened.close()
                self._opened = None

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._locked, work)

    def _locked(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                return work(self._connection())
            except (sqlite3.Error, OSError) as error:
                raise Unavailable(f"the data keys in {self._path} cannot be read or written: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            db = sqlite3.connect(self._path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode = WAL", "secure_delete = ON", "synchronous = FULL"):
                _set(db, pragma)
            db.execute(SCHEMA)
            self._opened = db
        return self._opened

    def _current(self, db: sqlite3.Connection, subject: str) -> DataKey:
        generation, wrapped = db.execute(LAST, (subject,)).fetchone() or (0, None)
        if wrapped is not None:
            return self._wrapping.unwrap(key_id(subject, generation), wrapped)
        with _writing(db):
            generation, wrapped = db.execute(LAST, (subject,)).fetchone() or (0, None)
            if wrapped is not None:
                return self._wrapping.unwrap(key_id(subject, generation), wrapped)
            key, wrapped = self._wrapping.new(key_id(subject, generation + 1))
            db.execute("INSERT INTO data_keys VALUES (?, ?, ?)", (subject, generation + 1, wrapped))
            return key

    def _get(self, db: sqlite3.Connection, key_id: str) -> DataKey:
        query = "SELECT wrapped FROM data_keys WHERE subject = ? AND generation = ?"
        row = db.execute(query, parts(key_id)).fetchone()
        if row is None:
            raise NotFound(f"there is no data key {key_id} in {self._path}: was another key store used?")
        if row[0] is None:
            raise KeyErased(f"the data key {key_id} was erased, so what it sealed cannot be read any more")
        return self._wrapping.unwrap(key_id, row[0])

    def _rewrap(self, db: sqlite3.Connection, old: Wrapping) -> int:
        with _writing(db):
            rows = db.execute("SELECT subject, generation, wrapped FROM data_keys WHERE wrapped NOT NULL").fetchall()
            rows = [row for row in rows if not self._wrapping.wrapped(row[2])]
            for subject, generation, wrapped in rows:
                key = old.unwrap(key_id(subject, generation), wrapped)
                update = "UPDATE data_keys SET wrapped = ? WHERE subject = ? AND generation = ?"
                db.execute(update, (self._wrapping.wrap(key), subject, generation))
        _empty_wal(db)
        return len(rows)


def _erase(db: sqlite3.Connection, subject: str) -> None:
    with _writing(db):
        db.execute("UPDATE data_keys SET wrapped = NULL WHERE subject = ?", (subject,))
    _empty_wal(db)


def _empty_wal(db: sqlite3.Connection) -> None:
    """The write-ahead log has copies of old pages until it is truncated, which readers may hold up for a moment."""
    until = time.monotonic() + PATIENCE_S
    while db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > until:
            raise Unavailable("the write-ahead log of the data keys could not be emptied: try again")
        time.sleep(0.05)


def _set(db: sqlite3.Connection, pragma: str) -> None:
    """Two that change a new file to WAL at once are not made to wait for one another, whatever the timeout."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            db.execute(f"PRAGMA {pragma}")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


@contextmanager
def _writing(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")

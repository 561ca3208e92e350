"""Where hashes and heads are kept: files below a folder, here or in any store that fsspec knows."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Protocol

import fsspec

from schemas.errors import Unavailable


class Folder(Protocol):
    """Files by relative path. Each call blocks, and raises ``Unavailable`` when the place does not take or give."""

    def read(self, path: str) -> bytes | None:
        """``None`` when there is no such file."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """Return when the file stands there, whole."""
        ...

    def drop(self, path: str) -> None:
        """Delete a file that is of no use any more, if the place lets us."""
        ...

    def names(self, path: str) -> list[str]:
        """The files right below, in order."""
        ...


class LocalFolder:
    """A folder of this machine; what was written survives a loss of power."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        with _border(str(self._root / path)):
            try:
                return (self._root / path).read_bytes()
            except FileNotFoundError:
                return None

    def write(self, path: str, data: bytes) -> None:
        place = self._root / path
        with _border(str(place)):
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = place.with_name(f".{place.name}.{token_hex(4)}")
            try:
                with draft.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(place)
            finally:
                draft.unlink(missing_ok=True)

    def drop(self, path: str) -> None:
        with _border(str(self._root / path)):
            (self._root / path).unlink(missing_ok=True)

    def names(self, path: str) -> list[str]:
        place = self._root / path
        with _border(str(place)):
            if not place.is_dir():
                return []
            return sorted(each.name for each in place.iterdir() if not each.name.startswith("."))


class RemoteFolder:
    """A folder of any fsspec file system: ``s3://bucket/audit`` with its options. With object lock on the bucket a
    file that is written again is a new version, and the old one stays."""

    def __init__(self, url: str, options: Mapping[str, str]) -> None:
        with _border(url.partition("://")[0]):
            self._fs, self._root = fsspec.url_to_fs(url, **options)

    def read(self, path: str) -> bytes | None:
        with _border(path):
            try:
                found: bytes = self._fs.cat_file(self._path(path))
            except FileNotFoundError:
                return None
            return found

    def write(self, path: str, data: bytes) -> None:
        with _border(path):
            self._fs.makedirs(self._fs._parent(self._path(path)), exist_ok=True)
            self._fs.pipe_file(self._path(path), data)

    def drop(self, path: str) -> None:
        """A bucket with object lock refuses; the file is of no use, and does no harm."""

    def names(self, path: str) -> list[str]:
        with _border(path):
            self._fs.invalidate_cache()
            try:
                listed = self._fs.ls(self._path(path), detail=False)
            except FileNotFoundError:
                return []
            return sorted(name.rstrip("/").rpartition("/")[2] for name in listed)

    def _path(self, path: str) -> str:
        return f"{self._root}/{path}"


def open_folder(url: str, options: Mapping[str, str] | None = None) -> Folder:
    """A path, or a URL of a file system; raises ``Unavailable`` for one that is not known here."""
    if "://" not in url or url.startswith("file://"):
        return LocalFolder(Path(url.removeprefix("file://")))
    return RemoteFolder(url, options or {})


def below(folder: Folder, prefix: str) -> Folder:
    return _Below(folder, prefix)


class _Below:
    """A folder in a folder."""

    def __init__(self, folder: Folder, prefix: str) -> None:
        self._folder, self._prefix = folder, prefix

    def read(self, path: str) -> bytes | None:
        return self._folder.read(f"{self._prefix}/{path}")

    def write(self, path: str, data: bytes) -> None:
        self._folder.write(f"{self._prefix}/{path}", data)

    def drop(self, path: str) -> None:
        self._folder.drop(f"{self._prefix}/{path}")

    def names(self, path: str) -> list[str]:
        return self._folder.names(f"{self._prefix}/{path}".rstrip("/"))


@contextmanager
def _border(where: str) -> Iterator[None]:
    """Each file system has its own errors, so all are meant; their text may show a URL with credentials."""
    try:
        yield
    except Exception as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise Unavailable(f"{where} was not read or written: {why}") from error

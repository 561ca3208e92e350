"""Where hashes and heads are kept: files below a folder, here or in any store that fsspec knows."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol

import fsspec

from schemas.errors import InvalidField, Unavailable


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

    def history(self, path: str) -> list[tuple[str, bytes]]:
        """The files right below by name, with all that they ever were as far as the place keeps that, deleted ones too.
        Who can write there can hide what they wrote before, but not take it back."""
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

    def history(self, path: str) -> list[tuple[str, bytes]]:
        return [(name, self.read(f"{path}/{name}") or b"") for name in self.names(path)]


class RemoteFolder:
    """A folder of any fsspec file system: ``s3://bucket/audit`` with its options. In a bucket with object lock a file
    that is written again is a new version, and the old one stays: for ``lock_days``, or as long as the bucket says."""

    def __init__(self, url: str, options: Mapping[str, str], lock_days: int = 0) -> None:
        self._versions = url.startswith(("s3://", "s3a://"))
        if lock_days and not self._versions:
            raise InvalidField("only a bucket of S3 has locks: lock_days goes with s3://", param="lock_days")
        self._lock = timedelta(days=lock_days)
        with _border(url.partition("://")[0]):
            aware = {"version_aware": True} if self._versions else {}
            self._fs, self._root = fsspec.url_to_fs(url, **options, **aware)

    def read(self, path: str) -> bytes | None:
        with _border(path):
            try:
                found: bytes = self._fs.cat_file(self._path(path))
            except FileNotFoundError:
                return None
            return found

    def write(self, path: str, data: bytes) -> None:
        with _border(path):
            if not self._versions:  # a bucket has no folders, and one that is missing is not to be made here
                self._fs.makedirs(self._fs._parent(self._path(path)), exist_ok=True)
            self._fs.pipe_file(self._path(path), data, **self._locked())

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

    def history(self, path: str) -> list[tuple[str, bytes]]:
        if not self._versions:
            return [(name, self.read(f"{path}/{name}") or b"") for name in self.names(path)]
        with _border(path):
            newest_first = list(self._kept(f"{self._path(path)}/"))
            found = sorted(reversed(newest_first), key=lambda each: str(each["Key"]))
            return [(each["Key"].rpartition("/")[2], self._version(each)) for each in found]

    def _kept(self, place: str) -> Iterator[dict[str, Any]]:
        """The versions of all files of a bucket below a place, without the marks that say that one was deleted."""
        bucket, _, prefix = place.partition("/")
        asked = {"Bucket": bucket, "Prefix": prefix}
        while True:
            page = self._fs.call_s3("list_object_versions", **asked)
            yield from page.get("Versions", ())
            if not page.get("IsTruncated"):
                return
            asked |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    def _version(self, each: dict[str, Any]) -> bytes:
        place = f"{self._root.partition('/')[0]}/{each['Key']}"
        once = {"max_concurrency": 1}  # with more it looks for the file that stands there today
        found: bytes = self._fs.cat_file(place, version_id=each["VersionId"], **once)
        return found

    def _locked(self) -> dict[str, object]:
        if not self._lock:
            return {}
        return {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": datetime.now(UTC) + self._lock}

    def _path(self, path: str) -> str:
        return f"{self._root}/{path}"


def open_folder(url: str, options: Mapping[str, str] | None = None, lock_days: int = 0) -> Folder:
    """A path, or a URL of a file system.

    Raises:
        Unavailable: that file system is not known here.
        InvalidField: it has no locks, and is to lock.
    """
    if lock_days or ("://" in url and not url.startswith("file://")):
        return RemoteFolder(url, options or {}, lock_days)
    return LocalFolder(Path(url.removeprefix("file://")))


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

    def history(self, path: str) -> list[tuple[str, bytes]]:
        return self._folder.history(f"{self._prefix}/{path}".rstrip("/"))


@contextmanager
def _border(where: str) -> Iterator[None]:
    """Each file system has its own errors, so all are meant; their text may show a URL with credentials."""
    try:
        yield
    except Exception as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise Unavailable(f"{where} was not read or written: {why}") from error

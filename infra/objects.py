"""The object store: bytes under their own SHA-256, file records of tenants, and directories of adapters.

Any fsspec file system, by ``objects.url``. What is read back is verified; a path is never made of anything but digests
and checked names. The calls block: use ``asyncio.to_thread`` in a loop.
"""

import errno
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256 as sha256_of
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

import fsspec
from fsspec.implementations.local import LocalFileSystem
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from infra.settings import Settings
from schemas.base import Digest, Frozen, Identifier, Tenant
from schemas.errors import HeadraceError, InternalError, InvalidUpload, NotFound, TooLarge, Unavailable

URI = re.compile(r"objects/([0-9a-f]{2})/(\1[0-9a-f]{62})")
TREE_PATH = re.compile(
    r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}/){0,3}[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.(?:safetensors|json)"
)
NAMED = re.compile(r'"uri":\s*"([^"]*)"')
RECORD_BYTES = 2**20
RECORDS = 10_000
TREE_FILES = 100
TREE_FILE_BYTES = 2 * 2**30
_TENANT: TypeAdapter[str] = TypeAdapter(Tenant)
_IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)
M = TypeVar("M", bound=Frozen)


class _Tree(BaseModel):
    """A directory: the digest of each file under its relative path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: dict[str, Digest]


class ObjectStore:
    """``objects/<sha[:2]>/<sha>`` and ``files/<tenant>/<file id>.json`` below the setting's URL.

    Every method raises ``Unavailable`` when the store does not answer.
    """

    def __init__(self, settings: Settings) -> None:
        url = settings.objects.url or str(settings.state.absolute() / "objects")
        options = {name: secret.get_secret_value() for name, secret in settings.objects.options.items()}
        with _border("the object store"):
            self._fs, self._root = fsspec.url_to_fs(url, **options)
        self._local = isinstance(self._fs, LocalFileSystem)

    def put(self, data: bytes) -> tuple[str, str]:
        """Keep bytes; returns their uri and SHA-256. The same bytes are kept once."""
        digest = sha256_of(data).hexdigest()
        uri = f"objects/{digest[:2]}/{digest}"
        with _border(uri):
            if not self._fs.exists(self._path(uri)):
                self._write(uri, data)
        return uri, digest

    def get(self, uri: str, sha256: str, limit: int) -> bytes:
        """The bytes of an object, verified.

        Raises:
            InvalidUpload: the uri is none of this store, or the bytes have another digest.
            NotFound: there is no such object.
            TooLarge: it has more than ``limit`` bytes.
        """
        if URI.fullmatch(uri) is None:
            raise InvalidUpload(
                "uri: must have the form objects/<2 digits>/<sha256>, as the store gave it", param="uri"
            )
        data = self._read(uri, limit)
        if sha256_of(data).hexdigest() != sha256:
            raise InvalidUpload(f"{uri} does not have the SHA-256 that was named: upload it again", param="sha256")
        return data

    def put_record(self, tenant: str, file_id: str, model: Frozen) -> None:
        """Keep what is known of a tenant's file; the last word counts."""
        path = _record(tenant, file_id)
        with _border(path):
            self._write(path, model.model_dump_json(exclude_none=True).encode())

    def get_record(self, tenant: str, file_id: str, cls: type[M]) -> M:
        """What is known of a tenant's file; raises ``NotFound``."""
        return _parsed(cls, self._read(_record(tenant, file_id), RECORD_BYTES))

    def list_records(self, tenant: str, cls: type[M]) -> list[M]:
        """All records of a tenant by file id, the first ``RECORDS`` of them."""
        folder = self._path(_folder(tenant))
        with _border(folder):
            self._fs.invalidate_cache(folder)
            names = self._fs.ls(folder, detail=False) if self._fs.exists(folder) else []
            paths = sorted(name for name in names if name.endswith(".json"))[:RECORDS]
            contents = self._fs.cat_ranges(paths, [0] * len(paths), [RECORD_BYTES] * len(paths), on_error="return")
            found = [content for content in contents if not isinstance(content, FileNotFoundError)]
            for content in found:
                if isinstance(content, Exception):
                    raise content
        return [_parsed(cls, content) for content in found]

    def delete_record(self, tenant: str, file_id: str) -> None:
        """Forget a tenant's file; the bytes stay, as others may have the same. Raises ``NotFound``."""
        path = _record(tenant, file_id)
        with _border(path):
            self._fs.rm_file(self._path(path))

    def delete(self, uris: Iterable[str], records: Collection[tuple[str, str]] = ()) -> int:
        """Delete objects that no file record names but ``records``, by tenant and file id; how many there were."""
        wanted = {uri for uri in uris if URI.fullmatch(uri)}
        gone = 0
        for uri in wanted - self._named({self._path(_record(*each)) for each in records}) if wanted else ():
            with _border(uri):
                if self._fs.exists(self._path(uri)):
                    self._fs.rm_file(self._path(uri))
                    gone += 1
        return gone

    def _named(self, besides: Collection[str]) -> set[str]:
        """The uris in all file records, of any tenant, but those at some paths."""
        with _border("files"):
            folder = self._path("files")
            names = self._fs.find(folder) if self._fs.exists(folder) else []
            others = [name for name in names if name.endswith(".json") and name not in besides]
            contents = [self._fs.cat_file(name) for name in others]
        return {found for content in contents for found in NAMED.findall(content.decode(errors="replace"))}

    def put_tree(self, directory: Path) -> tuple[str, str]:
        """Keep a directory of ``.safetensors`` and ``.json`` files; the uri and digest are those of its list.

        The list is JSON: ``{"files": {<relative path>: <SHA-256>, …}}`` in the order of the paths.

        Raises:
            InvalidUpload: it holds anything else.
        """
        tree = _Tree(files={name: self.put(path.read_bytes())[1] for name, path in _files(directory)})
        _check_tree(tree)
        return self.put(tree.model_dump_json().encode())

    def get_tree(self, uri: str, sha256: str, into: Path) -> None:
        """Write a directory kept by ``put_tree``, whole or not at all; another one that is there is replaced.

        Raises:
            InvalidUpload, NotFound, TooLarge: as ``get``, or the list names other files than it may.
        """
        try:
            tree = _Tree.model_validate_json(self.get(uri, sha256, RECORD_BYTES))
        except ValidationError as error:
            raise InvalidUpload(f"{uri} is no list of files") from error
        _check_tree(tree)
        draft = into.with_name(f".{into.name}.{token_hex(8)}")
        try:
            with _border(uri):
                self._fetch(tree, draft)
                _replace(draft, into)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _fetch(self, tree: _Tree, directory: Path) -> None:
        for name, digest in tree.files.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.get(f"objects/{digest[:2]}/{digest}", digest, TREE_FILE_BYTES))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _read(self, name: str, limit: int) -> bytes:
        with _border(name):
            data: bytes = self._fs.cat_file(self._path(name), start=0, end=limit + 1)
        if len(data) > limit:
            raise TooLarge(f"{name} has more than the {limit} bytes that are allowed")
        return data

    def _write(self, name: str, data: bytes) -> None:
        """Object stores write whole objects; on a disk it takes a draft and a rename."""
        path = self._path(name)
        if not self._local:
            self._fs.pipe_file(path, data)
            return
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{token_hex(8)}.draft")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def _border(name: str) -> Iterator[None]:
    """The one place where what file systems raise becomes ours: each has its own errors, so all are meant.
    Their text is left out, since it may show a URL with credentials."""
    try:
        yield
    except HeadraceError:
        raise
    except FileNotFoundError as error:
        raise NotFound(f"there is no {name}") from error
    except Exception as error:
        raise Unavailable(f"the object store did not do it ({type(error).__name__}): check HEADRACE_OBJECTS") from error


def _folder(tenant: str) -> str:
    try:
        return f"files/{_TENANT.validate_python(tenant)}"
    except ValidationError as error:
        raise NotFound("there is no such tenant") from error


def _record(tenant: str, file_id: str) -> str:
    try:
        return f"{_folder(tenant)}/{_IDENTIFIER.validate_python(file_id)}.json"
    except ValidationError as error:
        raise NotFound("there is no such file") from error


def _parsed(cls: type[M], data: bytes) -> M:
    try:
        return cls.model_validate_json(data)
    except ValidationError as error:
        raise InternalError(f"a file record is damaged or no {cls.__name__}: upload the file again") from error


def _files(directory: Path) -> list[tuple[str, Path]]:
    """The files of a directory under their relative paths, in the order of those."""
    paths = [path for path in directory.rglob("*") if path.is_symlink() or not path.is_dir()]
    named = sorted((path.relative_to(directory).as_posix(), path) for path in paths)
    for name, path in named:
        if path.is_symlink() or not TREE_PATH.fullmatch(name):
            raise InvalidUpload(f"{name}: an adapter holds .safetensors and .json files only")
    return named


def _replace(draft: Path, into: Path) -> None:
    """Give a directory its name. Where one is, it is left alone if it is the same: another process was first."""
    try:
        draft.rename(into)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        if _digests(draft) != _digests(into):
            shutil.rmtree(into)
            draft.rename(into)


def _digests(directory: Path) -> dict[str, str]:
    paths = [path for path in directory.rglob("*") if path.is_file()]
    return {path.relative_to(directory).as_posix(): sha256_of(path.read_bytes()).hexdigest() for path in paths}


def _check_tree(tree: _Tree) -> None:
    if not 0 < len(tree.files) <= TREE_FILES or not all(TREE_PATH.fullmatch(name) for name in tree.files):
        raise InvalidUpload(f"an adapter holds 1 to {TREE_FILES} files, .safetensors and .json only")

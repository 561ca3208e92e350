"""The jars of Apache Kafka: named by Maven coordinates, fetched by ``jgo``, and trusted by their sha256 alone.

``jars.lock`` beside this file has one line a jar: its sha256 and its coordinate (``lock.py`` writes it).
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import Unavailable

if TYPE_CHECKING:
    from jgo.maven import Artifact, MavenContext

LOCK = Path(__file__).with_name("jars.lock")
TIMEOUT_S = 30
PARALLEL = 8

Progress = Callable[[int, int, str], None]
"""Called with how many jars are there, how many there are in all, and the name of the latest."""


@dataclass(frozen=True)
class Jar:
    """One line of the lock. The coordinate is ``group:artifact:version``."""

    sha256: str
    coordinate: str


def read_lock(path: Path = LOCK) -> tuple[Jar, ...]:
    return tuple(Jar(*line.split()) for line in path.read_text().splitlines())


def classpath(progress: Progress | None = None, *, lock: Path = LOCK, repository: Path | None = None) -> list[Path]:
    """Every jar of the lock in the local Maven repository, fetched where missing, each checked.

    Raises:
        Unavailable: ``jgo`` is missing, a jar cannot be fetched, or its bytes are not those of the lock.
    """
    context = _context(repository)
    jars = read_lock(lock)
    paths: list[Path] = []
    with ThreadPoolExecutor(PARALLEL) as pool:
        for path in pool.map(lambda jar: _ensure(jar, context), jars):
            paths.append(path)
            if progress:
                progress(len(paths), len(jars), path.name)
    return paths


def _context(repository: Path | None) -> "MavenContext":
    try:
        from jgo.config import GlobalSettings
        from jgo.constants import MAVEN_CENTRAL_URL
        from jgo.maven import MavenContext
    except ImportError as error:
        message = "no embedded Kafka: pip install 'headrace[embedded]', or set HEADRACE_KAFKA__BOOTSTRAP"
        raise Unavailable(message) from error
    settings = GlobalSettings.load()
    remotes = {**settings.repositories, "central": MAVEN_CENTRAL_URL}
    return MavenContext(repo_cache=repository or settings.repo_cache, remote_repos=remotes, timeout=TIMEOUT_S)


def _ensure(jar: Jar, context: "MavenContext") -> Path:
    artifact = _artifact(jar.coordinate, context)
    path: Path = artifact.cached_path
    if not path.exists():
        _download(jar, path, context)
    _check(jar, path)
    return path


def _artifact(coordinate: str, context: "MavenContext") -> "Artifact":
    group, name, version = coordinate.split(":")
    return context.project(group, name).at_version(version).artifact()


def _download(jar: Jar, path: Path, context: "MavenContext") -> None:
    """Fetch aside, check, then move: an interrupted download leaves nothing behind."""
    from jgo.maven import MavenContext

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as aside:
            apart = MavenContext(repo_cache=Path(aside), remote_repos=context.remote_repos, timeout=TIMEOUT_S)
            fetched = Path(_artifact(jar.coordinate, apart).resolve())
            _check(jar, fetched)
            os.replace(fetched, path)
    except (OSError, RuntimeError) as error:
        reason = "needs the network once" if not isinstance(error, RuntimeError) else "no repository has it"
        raise Unavailable(f"cannot fetch {jar.coordinate} into {path.parent} ({reason}): {error}") from error


def _check(jar: Jar, path: Path) -> None:
    found = digest(path)
    if found != jar.sha256:
        raise Unavailable(
            f"{path} is not the jar that was locked: sha256 {found}, expected {jar.sha256}; delete it and start again"
        )


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

import socket
import sys
from pathlib import Path

import pytest

from infra.kafka.jars import LOCK, Jar, classpath, digest, read_lock
from schemas.errors import Unavailable

SLF4J = "org.slf4j:slf4j-simple:1.7.36"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def lock_of(tmp_path: Path, sha256: str) -> Path:
    path = tmp_path / "jars.lock"
    path.write_text(f"{sha256}  {SLF4J}\n")
    return path


def locked(coordinate: str) -> Jar:
    return next(jar for jar in read_lock() if jar.coordinate == coordinate)


def test_the_lock_names_kafka_and_everything_it_needs() -> None:
    jars = read_lock(LOCK)
    assert {"org.apache.kafka:kafka_2.13:4.4.0", SLF4J} <= {jar.coordinate for jar in jars}
    assert len({jar.coordinate for jar in jars}) == len(jars) == 45
    assert all(len(jar.sha256) == 64 for jar in jars)


@pytest.mark.usefixtures("offline")
@pytest.mark.usefixtures("kafka")
def test_what_was_fetched_once_needs_no_network() -> None:
    seen: list[tuple[int, int, str]] = []
    paths = classpath(lambda *step: seen.append(step))
    assert [digest(path) for path in paths] == [jar.sha256 for jar in read_lock()]
    assert seen[-1] == (45, 45, paths[-1].name)


def test_a_missing_jar_is_fetched_and_nothing_else_is_left(tmp_path: Path) -> None:
    (path,) = classpath(lock=lock_of(tmp_path, locked(SLF4J).sha256), repository=tmp_path / "repository")
    assert [file for file in (tmp_path / "repository").rglob("*") if file.is_file()] == [path]


def test_a_jar_with_another_digest_is_refused_and_not_kept(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"slf4j-simple-1\.7\.36\.jar is not the jar that was locked"):
        classpath(lock=lock_of(tmp_path, "0" * 64), repository=tmp_path / "repository")
    assert not list((tmp_path / "repository").rglob("*.jar"))


def test_a_jar_that_was_changed_on_disk_is_refused(tmp_path: Path) -> None:
    lock, repository = lock_of(tmp_path, locked(SLF4J).sha256), tmp_path / "repository"
    (path,) = classpath(lock=lock, repository=repository)
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(Unavailable, match="delete it and start again"):
        classpath(lock=lock, repository=repository)


@pytest.mark.usefixtures("offline")
def test_without_network_it_says_that_it_is_needed_once(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"cannot fetch org\.slf4j:slf4j-simple:1\.7\.36 .*needs the network once"):
        classpath(lock=lock_of(tmp_path, locked(SLF4J).sha256), repository=tmp_path / "repository")


def test_without_jgo_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jgo.maven", None)
    with pytest.raises(Unavailable, match=r"headrace\[embedded\]"):
        classpath()

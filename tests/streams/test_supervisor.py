"""Stages of services: order, restarts with pauses, and readiness that belongs to this very process."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.errors import Unavailable
from streams.supervisor import LOG_BYTES, Process, Supervisor, last_words


class Fake:
    """A service that writes down what is done with it."""

    def __init__(self, name: str, done: list[str], log: Path) -> None:
        self.name, self.log, self._done = name, log, done
        self.pid: int | None = None

    def start(self) -> None:
        self._done.append(f"+{self.name}")
        self.pid = 4711

    def stop(self) -> None:
        self._done.append(f"-{self.name}")
        self.pid = None


Make = Callable[[str], Fake]


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def make(done: list[str], tmp_path: Path) -> Make:
    return lambda name: Fake(name, done, tmp_path / f"{name}.log")


def test_stages_start_in_order_and_stop_in_reverse(make: Make, done: list[str]) -> None:
    supervisor = Supervisor(lambda text: None)
    supervisor.start(make("kafka"))
    supervisor.start(make("control"))
    supervisor.start(make("gateway"))
    supervisor.stop()
    assert done == ["+kafka", "+control", "+gateway", "-gateway", "-control", "-kafka"]


def test_what_ends_starts_again_after_a_pause_that_doubles(make: Make, done: list[str]) -> None:
    said: list[str] = []
    ended: list[int] = []
    supervisor, service = Supervisor(said.append, ended.append), make("worker")
    supervisor.start(service)
    moment = time.monotonic()
    pauses = []
    for restarts in range(2, 8):
        service.pid = None
        supervisor.step(moment)
        began = moment
        while len(done) < restarts:
            moment += 1
            supervisor.step(moment)
        pauses.append(moment - began)
    assert pauses == [2, 4, 8, 16, 30, 30]
    assert ended == [4711] * 6
    assert "starts again in 2 s" in said[0]
    assert said[1] == "worker runs again"


def test_waiting_ends_when_a_service_does(make: Make) -> None:
    supervisor, service = Supervisor(lambda text: None), make("control")
    supervisor.start(service)
    service.pid = None
    service.log.write_text("one\ntwo\n")
    with pytest.raises(Unavailable, match=r"(?s)control ended:.*two"):
        supervisor.await_all(lambda: ["control"], 5)


def test_waiting_has_an_end(make: Make) -> None:
    supervisor = Supervisor(lambda text: None)
    supervisor.start(make("control"))
    with pytest.raises(Unavailable, match=r"not ready after 0\.2 s: gateway"):
        supervisor.await_all(lambda: ["gateway"], 0.2)


def test_a_process_is_ready_when_it_says_so_itself(tmp_path: Path) -> None:
    process = Process("control", ["config", "check"], tmp_path, {**os.environ, "HEADRACE_STATE": str(tmp_path)})
    mark = tmp_path / "ready" / "control"
    mark.parent.mkdir()
    mark.write_text("1")
    seen = [process.ready]
    process.start()
    try:
        seen.append(process.ready)  # the mark of one before it
        mark.write_text(str(process.pid))
        seen.append(process.ready)
    finally:
        process.stop()
    seen.append(process.ready)
    assert seen == [False, False, True, False]


def test_a_long_log_starts_anew(tmp_path: Path) -> None:
    process = Process("control", ["--version"], tmp_path, dict(os.environ))
    process.log.parent.mkdir()
    process.log.write_bytes(b"x" * (LOG_BYTES + 1))
    process.start()
    process.stop()
    assert process.log.stat().st_size < LOG_BYTES
    assert process.log.with_suffix(".log.1").stat().st_size == LOG_BYTES + 1


def test_last_words_of_no_log_are_none(tmp_path: Path) -> None:
    assert last_words(tmp_path / "none.log") == ""

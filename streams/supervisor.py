"""Services in stages: started in order, kept running, stopped in reverse order."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from infra.process import spawn
from schemas.errors import HeadraceError, Unavailable

LOG_BYTES = 10 * 2**20
PATIENCE_S = 30.0
CALM_S = 60.0
LONGEST_PAUSE_S = 30.0
Say = Callable[[str], None]


class Service(Protocol):
    """Something that runs in a child process: an ``infra.server.Server``, or a ``Process``."""

    @property
    def name(self) -> str: ...

    @property
    def pid(self) -> int | None:
        """The process while it runs."""
        ...

    @property
    def log(self) -> Path: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Process:
    """One ``headrace`` command as a child; what it writes goes to a log that starts anew beyond ``LOG_BYTES``."""

    def __init__(self, name: str, arguments: Sequence[str], state: Path, env: Mapping[str, str]) -> None:
        self.name, self.log = name, state / "logs" / f"{name}.log"
        self._command = [sys.executable, "-P", "-m", "streams.cli", *arguments]
        self._mark, self._env = state / "ready" / name, env
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def ready(self) -> bool:
        """Whether this very process has said so."""
        try:
            return self.pid is not None and self._mark.read_text() == str(self.pid)
        except OSError:
            return False

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        self._process = spawn(self._command, self.log, self._env)

    def stop(self) -> None:
        if not self._process:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass
class _Watched:
    service: Service
    began: float = 0.0
    pause_s: float = 1.0
    due: float | None = None


@dataclass
class Supervisor:
    """Runs stages of services; ``ended`` is told the pid of each that went down by itself.

    Everything happens in the calling thread, which must be the main one: children live as long as the thread that
    started them.
    """

    say: Say
    ended: Callable[[int], None] = lambda pid: None
    _stages: list[list[_Watched]] = field(default_factory=list)
    _pids: dict[str, int] = field(default_factory=dict)

    def start(self, *services: Service) -> None:
        """Start one stage."""
        stage: list[_Watched] = []
        self._stages.append(stage)
        for service in services:
            stage.append(watched := _Watched(service))
            self._run(watched)

    def await_all(self, ready: Callable[[], Sequence[str]], timeout_s: float) -> None:
        """Wait until ``ready`` names nothing any more.

        Raises:
            Unavailable: a service ended, or it took too long.
        """
        deadline = time.monotonic() + timeout_s
        while waiting := ready():
            for watched in self._all():
                if watched.service.pid is None:
                    raise Unavailable(f"{watched.service.name} ended:\n{last_words(watched.service.log)}")
            if time.monotonic() > deadline:
                raise Unavailable(f"not ready after {timeout_s:g} s: {', '.join(waiting)}; see their logs")
            time.sleep(0.1)

    def watch(self) -> None:
        """Start again what ends, after a pause that doubles, until the thread is interrupted."""
        while True:
            self.step(time.monotonic())
            time.sleep(0.2)

    def step(self, moment: float) -> None:
        """Look at every service once."""
        for watched in self._all():
            if watched.service.pid is None:
                self._revive(watched, moment)

    def stop(self) -> None:
        """Stop the stages, the last first, each all at once."""
        for stage in reversed(self._stages):
            with ThreadPoolExecutor(len(stage)) as pool:
                list(pool.map(lambda watched: watched.service.stop(), stage))
        self._stages.clear()

    def _all(self) -> list[_Watched]:
        return [watched for stage in self._stages for watched in stage]

    def _run(self, watched: _Watched) -> None:
        watched.began, watched.due = time.monotonic(), None
        watched.service.start()
        if watched.service.pid:
            self._pids[watched.service.name] = watched.service.pid

    def _revive(self, watched: _Watched, moment: float) -> None:
        service = watched.service
        if watched.due is None:
            calm = moment - watched.began > CALM_S
            watched.pause_s = 1.0 if calm else min(watched.pause_s * 2, LONGEST_PAUSE_S)
            watched.due = moment + watched.pause_s
            self.ended(self._pids.pop(service.name, 0))
            self.say(f"{service.name} ended; it starts again in {watched.pause_s:g} s. Its log: {service.log}")
        elif moment >= watched.due:
            try:
                self._run(watched)
                self.say(f"{service.name} runs again")
            except HeadraceError as error:
                self.say(error.message)


def last_words(log: Path, lines: int = 8) -> str:
    """The end of a log."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""

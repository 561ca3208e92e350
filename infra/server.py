"""A server that runs in a child process, on loopback."""

import errno
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from secrets import randbelow
from typing import ClassVar, Self

from infra.process import spawn
from schemas.errors import Unavailable

LOOPBACK = "127.0.0.1"
FREE_BYTES = 256 * 2**20
FIRST_PORT, LAST_PORT = 2**14, 2**15


def free_port() -> int:
    """A port to listen on, below those that systems give to clients, one of which could take it in the meantime.

    Raises:
        Unavailable: none of a hundred was free.
    """
    for _ in range(100):
        port = FIRST_PORT + randbelow(LAST_PORT - FIRST_PORT)
        with suppress(OSError), socket.socket() as probe:
            probe.bind((LOOPBACK, port))
            return port
    raise Unavailable(f"no port from {FIRST_PORT} to {LAST_PORT} is free")


class Server(ABC):
    """One server process with a directory and a port.

    A subclass says what to run; ``start`` returns when the port answers.
    """

    name: ClassVar[str]
    port_setting: ClassVar[str]

    def __init__(self, directory: Path, port: int) -> None:
        self.directory = directory.absolute()
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Make the directory ready and return what to run, beginning with an absolute path."""

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name.lower()}.log"

    @property
    def pid(self) -> int | None:
        """The process while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, timeout_s: float = 60) -> None:
        """Block until the server answers.

        Raises:
            Unavailable: the port is taken, the disk is full, something needed is missing, or the server ended.
        """
        self._check_port()
        self.directory.mkdir(parents=True, exist_ok=True)
        self._check_space()
        self._process = spawn(self.command(), self.log)
        deadline = time.monotonic() + timeout_s
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Unavailable(f"{self.name} did not start on {self.port}; see {self.log}\n{self._last_words()}")
            time.sleep(0.05)

    def stop(self, timeout_s: float = 20) -> None:
        """Ask it to end (SIGTERM), and make it end when it has not in time."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def wait(self, timeout_s: float | None = None) -> int | None:
        """The exit status once it has ended; ``None`` when it still runs after ``timeout_s``."""
        if not self._process:
            return None
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, self.port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    reason = f"port {self.port} is taken: stop what listens there, or set {self.port_setting}"
                else:
                    reason = f"port {self.port} cannot be used: {error.strerror}; set {self.port_setting}"
                raise Unavailable(f"{self.name} cannot start: {reason}") from error

    def _check_space(self) -> None:
        free = shutil.disk_usage(self.directory).free
        if free < FREE_BYTES:
            raise Unavailable(
                f"{self.name} cannot start: {free >> 20} MiB free at {self.directory}, {FREE_BYTES >> 20} MiB needed"
            )

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((LOOPBACK, self.port)) == 0

    def _last_words(self, lines: int = 8) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

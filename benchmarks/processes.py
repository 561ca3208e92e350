"""What the processes of a contender take: processor time and memory."""

from collections.abc import Mapping
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Processes:
    """Processes by their part in the contender (``control``, ``worker``, …), each with its children."""

    roots: Mapping[str, int]

    def cpu_s(self) -> dict[str, float]:
        """Processor time so far, user and system, in seconds."""
        return {name: sum(_cpu_s(each) for each in _family(pid)) for name, pid in self.roots.items()}

    def memory_mb(self) -> dict[str, float]:
        """Resident memory."""
        return {name: sum(_rss(each) for each in _family(pid)) / 2**20 for name, pid in self.roots.items()}


class Cost:
    """Processor time from its making on."""

    def __init__(self, processes: Processes) -> None:
        self._processes, self._before = processes, processes.cpu_s()

    def per_request(self, requests: int) -> dict[str, float]:
        """Microseconds a request of each part, as figures of a sample."""
        after = self._processes.cpu_s()
        return {
            f"{name}_us": (after[name] - before) * 1e6 / requests for name, before in self._before.items() if requests
        }


def _family(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0

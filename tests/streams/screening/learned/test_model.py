"""Models of the manifest as learned detectors: tiny random ones, run by ONNX Runtime."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import ScreeningSettings, Settings
from schemas.errors import ContextTooLong, InvalidField, ModelNotFound
from schemas.policies import ScreeningPolicy
from streams.screening.build import build_screener
from streams.screening.learned.model import ModelClassifier
from tests.contracts import encoders
from workers.retrieval.build import build_classifier

NAMES = {0: "kind", 1: "rude", 2: "危险", 3: "sly", 4: "calm"}
LABELS = {"rude": "HATE", "危险": "VIOLENCE", "sly": "ILLEGAL", "calm": "SEXUAL"}
TEXTS = ["the river in the mountains", "水轮机", "a story of the turbines", "河流 capital"]


def settings(folder: Path, models: dict[str, dict[str, str]], **options: Any) -> Settings:
    made = encoders.make(folder / "model", labels=5, id2label=NAMES, problem_type="multi_label_classification")
    entry = encoders.entry_of(made, "classifier", runtime="onnx", **options)
    file = folder / "models.yaml"
    file.write_text(
        yaml.safe_dump({"models": {"tiny": entry.model_dump(mode="json", exclude_defaults=True, exclude={"name"})}})
    )
    return Settings(state=folder, models_file=file, screening=ScreeningSettings(artefacts=(), models=models))


async def test_it_finds_what_the_model_says(tmp_path: Path) -> None:
    chosen = settings(tmp_path, {"tiny": LABELS})
    detector = ModelClassifier.load("tiny", LABELS, chosen)
    hits = detector.find([(10 * place, text) for place, text in enumerate(TEXTS)])

    entry = encoders.entry_of(tmp_path / "model", "classifier", runtime="onnx")
    classifier = build_classifier(entry, tmp_path / "model", tmp_path)
    await classifier.start()
    said, _ = await classifier.classify(TEXTS)
    await classifier.stop()
    expected: list[Any] = [
        (10 * place, 10 * place + len(text), LABELS[label], pytest.approx(score, abs=1e-5))
        for place, (text, scores) in enumerate(zip(TEXTS, said, strict=True))
        for label, score in scores.items()
        if label in LABELS and score >= 0.5
    ]
    assert [hit[:4] for hit in hits] == expected
    assert 0 < len(hits) < 4 * len(TEXTS)
    assert (len(detector.version), detector.entities) == (12, frozenset(LABELS.values()))


def test_it_screens_and_fails_where_a_text_is_too_long(tmp_path: Path) -> None:
    screener = build_screener(settings(tmp_path, {"tiny": LABELS}))
    policy = ScreeningPolicy.model_validate({"on_failure": "flag"})
    assert "failed" not in screener.screen(TEXTS[0], "prompt", policy, "v").verdict.reason
    long = "a " * 150
    assert screener.screen(long, "prompt", policy, "v").verdict.reason.endswith("flag: tiny failed")
    with pytest.raises(ContextTooLong):
        ModelClassifier.load("tiny", LABELS, settings(tmp_path, {})).find([(0, long)])


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match="no labels odd, but kind, rude, 危险, sly, calm"):
        build_screener(settings(tmp_path, {"tiny": {"odd": "HATE"}}))
    with pytest.raises(InvalidField, match="runtime: onnx"):
        ModelClassifier.load("echo", LABELS, Settings(state=tmp_path))
    with pytest.raises(ModelNotFound):
        ModelClassifier.load("none", LABELS, Settings(state=tmp_path))

"""Rerankers and classifiers against the library's own forward pass, on tiny random models."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from schemas.errors import ContextTooLong, ModelNotAvailable
from tests.contracts import encoders
from workers.models.manifest import Manifest
from workers.retrieval.build import build_classifier, build_reranker
from workers.retrieval.classification import softmax
from workers.retrieval.reranking import sigmoid

QUERY = "What is the river? 河流"
TEXTS = ["the river in the mountains", "水轮机", "Please tell me a story of the turbines. " * 5, "", "capital"]


def logits(folder: Path, *texts: Any) -> torch.Tensor:
    """What the library's own model says, one text after the other."""
    words = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        rows = [[[text] for text in row] for row in zip(*texts, strict=True)]
        cut: Any = "only_second" if len(texts) == 2 else False
        return torch.cat([model(**words(*row, truncation=cut, return_tensors="pt")).logits for row in rows])


@pytest.mark.parametrize("options", [{"runtime": "torch"}, {"runtime": "onnx"}])
async def test_a_reranker_says_what_the_library_says(tmp_path: Path, options: dict[str, Any]) -> None:
    folder = encoders.make(tmp_path / "model", labels=1)
    reranker = build_reranker(encoders.entry_of(folder, "reranker", **options), folder, tmp_path)
    await reranker.start()

    scores, usage = await reranker.rerank(QUERY, TEXTS)
    await reranker.stop()

    expected = torch.sigmoid(logits(folder, [QUERY] * len(TEXTS), TEXTS)).flatten()
    assert scores == pytest.approx(expected.tolist(), abs=1e-5)
    assert len(set(scores)) == len(TEXTS)
    assert usage.prompt_tokens > len(TEXTS) * 5


@pytest.mark.parametrize(
    ("options", "problem", "activation"),
    [
        ({}, None, lambda logits: logits.softmax(dim=-1)),  # labels exclude each other
        ({}, "single_label_classification", lambda logits: logits.softmax(dim=-1)),
        ({}, "multi_label_classification", lambda logits: logits.sigmoid()),
        ({"runtime": "onnx"}, "multi_label_classification", lambda logits: logits.sigmoid()),
    ],
)
async def test_a_classifier_says_what_the_library_says(
    tmp_path: Path, options: dict[str, Any], problem: str | None, activation: Any
) -> None:
    names = {0: "harmless", 1: "insult", 2: "威胁"}
    folder = encoders.make(tmp_path / "model", labels=3, id2label=names, problem_type=problem)
    classifier = build_classifier(encoders.entry_of(folder, "classifier", **options), folder, tmp_path)
    await classifier.start()

    found, _ = await classifier.classify(TEXTS)
    await classifier.stop()

    assert [list(scores) for scores in found] == [list(names.values())] * len(TEXTS)
    expected = activation(logits(folder, TEXTS))
    assert [list(scores.values()) for scores in found] == [pytest.approx(row.tolist(), abs=1e-5) for row in expected]


async def test_too_long_a_query_or_text_is_refused_and_others_go_on(tmp_path: Path) -> None:
    folder = encoders.make(tmp_path, labels=1)
    reranker = build_reranker(encoders.entry_of(folder, "reranker"), folder, tmp_path)
    classifier = build_classifier(encoders.entry_of(folder, "classifier"), folder, tmp_path)
    await reranker.start()
    await classifier.start()

    with pytest.raises(ContextTooLong, match="shorten it"):
        await reranker.rerank("river " * 100, ["a"])
    with pytest.raises(ContextTooLong, match="text 1 has"):
        await classifier.classify(["a", "river " * 100])

    assert await reranker.rerank("river", []) == ([], (await classifier.classify([]))[1])
    [scores], _ = await classifier.classify(["river"])
    assert 0 < scores["LABEL_0"] < 1
    await reranker.stop()
    await classifier.stop()


async def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    folder = encoders.make(tmp_path, labels=3)
    with pytest.raises(ModelNotAvailable, match="3 scores a pair"):
        await build_reranker(encoders.entry_of(folder, "reranker"), folder, tmp_path).start()
    for build in (build_reranker, build_classifier):
        with pytest.raises(ModelNotAvailable, match="which"):
            build(Manifest.load().entry("minilm"), folder, tmp_path)


@pytest.mark.parametrize("logit", [-1e6, -3.0, 0.0, 3.0, 1e6])
def test_scores_stay_within_0_and_1(logit: float) -> None:
    assert sigmoid(logit) == pytest.approx(torch.sigmoid(torch.tensor(logit)).item(), abs=1e-6)
    assert sum(softmax([logit, -logit, 0.0])) == pytest.approx(1)

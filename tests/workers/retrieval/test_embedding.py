"""Embeddings by the double, and what imports what."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from workers.models.manifest import Manifest
from workers.retrieval.build import build_embedder


async def test_the_double_puts_like_texts_near_each_other(tmp_path: Path) -> None:
    entry = Manifest.model_validate({"models": {"h": {"engine": "hash-embedding"}}}).entry("h")
    embedder = build_embedder(entry, None, tmp_path)
    await embedder.start()
    texts = ["法国的首都是哪里", "法国首都在哪里", "the price of tea", "The price of green tea", ""]

    (asked, near, tea, green, empty), usage = await embedder.embed(texts)
    again, _ = await embedder.embed(texts[:1])

    assert again == [asked]
    assert all(math.hypot(*vector) == pytest.approx(1) for vector in (asked, near, tea, green, empty))
    assert similarity(asked, near) > 0.4 > similarity(asked, tea)
    assert similarity(tea, green) > 0.5
    assert usage.prompt_tokens == 1 + 1 + 4 + 5
    await embedder.stop()


def test_what_speaks_of_models_loads_no_torch() -> None:
    modules = "workers.engines.port workers.engines.build workers.engines.remote workers.engines.echo "
    modules += "workers.models.manifest workers.models.store workers.retrieval.build workers.retrieval.onnx"
    heavy = "torch transformers onnx onnxruntime numpy"
    code = f"import sys, {', '.join(modules.split())}; sys.exit(bool(set({heavy.split()}) & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def similarity(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))

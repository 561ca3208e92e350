"""Embeddings: the double, and the pooling of the real one."""

import math
import subprocess
import sys

import pytest
import torch

from workers.engines.build import build_embedder
from workers.models.manifest import Manifest
from workers.retrieval.embedding import mean


async def test_the_double_puts_like_texts_near_each_other() -> None:
    entry = Manifest.model_validate({"models": {"h": {"engine": "hash-embedding"}}}).entry("h")
    embedder = build_embedder(entry, None)
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


def test_padding_does_not_count_in_the_mean() -> None:
    states = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [99.0, 99.0]]])

    assert mean(states, torch.tensor([[1, 1, 0]])).tolist() == [[2.0, 3.0]]


def test_what_speaks_of_models_loads_no_torch() -> None:
    modules = "workers.engines.port workers.engines.build workers.engines.remote workers.engines.echo "
    modules += "workers.models.manifest workers.models.store workers.retrieval.embedding workers.retrieval.hashing"
    code = (
        f"import sys, {', '.join(modules.split())}; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def similarity(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))

"""The way a bench speaks to a runtime, with our double behind it."""

from pathlib import Path

import pytest

from benchmarks.report import CannotRun
from benchmarks.runtimes.lines import Job, each
from benchmarks.runtimes.process import Runtime, loaded

MODELS = "models:\n  echo: {engine: echo, options: {delay_s: 0.05}}\n"


def ours(tmp_path: Path, model: str = "echo") -> Runtime:
    manifest = tmp_path / "models.yaml"
    manifest.write_text(MODELS)
    return Runtime(model, "ours", {"manifest": str(manifest), "model": model, "state": str(tmp_path)})


@pytest.mark.parametrize(
    ("count", "at_once", "batches"),
    [
        (3, 1, [[0], [1], [2]]),
        (3, 8, [[0, 1, 2]]),
        (5, 2, [[0, 1], [2, 3], [4]]),
    ],
)
def test_batches(count: int, at_once: int, batches: list[list[int]]) -> None:
    assert list(Job(["x"] * count, 8, at_once).batches()) == batches


def test_tokens_of_all_batches_are_counted() -> None:
    assert (
        each(Job(["a", "b b", "c"], 8, 2), lambda prompts: sum(len(prompt.split()) for prompt in prompts)).tokens == 4
    )


async def test_jobs_are_done_in_a_process_of_its_own(tmp_path: Path) -> None:
    async with loaded([ours(tmp_path)]) as (ready, absent):
        assert absent == {}
        outcome = await ready[0].do(Job(["how are you", "你好"], 2, 2))
        again = await ready[0].do(Job(["once more"], 8, 1, chat=True))
    assert (outcome.tokens, len(outcome.first_s), outcome.failed) == (4, 2, [])
    assert 0.05 <= outcome.seconds < 5
    assert again.tokens == 2


async def test_one_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    nowhere = Runtime("peer", "openvino", {}, peer="openvino")
    async with loaded([ours(tmp_path, "unknown"), nowhere, ours(tmp_path, "echo")]) as (ready, absent):
        assert [one.runtime.name for one in ready] == ["echo"]
    assert "there is no model 'unknown'" in absent["unknown"]
    assert "peer" in absent
    with pytest.raises(CannotRun, match="there is no model 'unknown'"):
        async with loaded([ours(tmp_path, "unknown")]):
            pass

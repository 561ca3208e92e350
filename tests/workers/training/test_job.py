import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from schemas.errors import Cancelled, TrainingFailed
from schemas.training import TrainingJob, TrainingSettings
from tests.learning import corrections
from tests.workers.training.tiny import base, example, pattern
from workers.models.base import Base
from workers.training import job, lora

SETTINGS = TrainingSettings(learning_rate=0.02, epochs=4, max_forgetting=10)


def run(out: Path, settings: TrainingSettings = SETTINGS, serving: Path | None = None) -> job.Outcome:
    asked = TrainingJob(model="tiny", settings=settings)
    return job.run(asked, pattern(), base, serving, lambda *_: None, out, threads=1)


def test_a_pattern_is_learned_and_accepted(tmp_path: Path) -> None:
    phases: list[str] = []
    asked = TrainingJob(model="tiny", settings=SETTINGS)

    def progress(phase: job.Phase, step: int, steps: int, loss: float | None = None) -> None:
        assert step <= steps
        assert loss is None or loss > 0
        phases.append(phase)

    outcome = job.run(asked, pattern(), base, None, progress, tmp_path, threads=1)
    assert outcome.decision.accepted, outcome.decision.reason
    assert outcome.decision.metrics["gain"] > 0.3
    assert outcome.adapter == tmp_path
    assert sorted(path.name for path in tmp_path.iterdir()) == [lora.CONFIG, lora.WEIGHTS]
    assert list(dict.fromkeys(phases)) == ["dataset", "baseline", "training", "evaluation"]
    assert len(outcome.dataset) == 40


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"learning_rate": 1e-9}, "not better by"),  # nothing learned
        ({"max_forgetting": 0.0}, "forgets"),
    ],
)
def test_a_candidate_that_is_no_better_than_the_base_is_refused(
    tmp_path: Path, change: dict[str, float], reason: str
) -> None:
    outcome = run(tmp_path / "out", SETTINGS.model_copy(update=change))
    assert not outcome.decision.accepted
    assert reason in outcome.decision.reason
    assert outcome.adapter is None
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rate", "worse"),
    [
        (5.0, True),  # made worse on purpose
        (SETTINGS.learning_rate, False),  # the same data, settings and seed give the same model: no better
    ],
)
def test_a_candidate_is_compared_with_the_adapter_that_serves(tmp_path: Path, rate: float, worse: bool) -> None:
    first = run(tmp_path / "first").decision.metrics
    again = run(tmp_path / "again", SETTINGS.model_copy(update={"learning_rate": rate}), tmp_path / "first")
    metrics = again.decision.metrics
    assert metrics["held_out_baseline"] == first["held_out_candidate"]
    assert metrics["guard_baseline"] == first["guard_baseline"]
    assert (metrics["held_out_candidate"] > metrics["held_out_baseline"] * 1.5) is worse
    assert not again.decision.accepted
    assert "not better by" in again.decision.reason


def test_a_job_gives_the_same_bytes_and_digest_again(tmp_path: Path) -> None:
    one, two = run(tmp_path / "one"), run(tmp_path / "two")
    assert one.dataset.digest == two.dataset.digest
    assert one.decision == two.decision
    assert (tmp_path / "one" / lora.WEIGHTS).read_bytes() == (tmp_path / "two" / lora.WEIGHTS).read_bytes()


def test_torch_threads_are_given_back(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    run(tmp_path)
    assert torch.get_num_threads() == before


def _broken() -> Base:
    one = base()
    with torch.no_grad():
        one.model.lm_head.weight.fill_(float("nan"))
    return one


def _out_of_memory() -> Base:
    raise MemoryError


@pytest.mark.parametrize(
    ("load", "settings", "says"),
    [
        (_broken, SETTINGS, "not a number"),
        (_out_of_memory, SETTINGS, "lower batch_size or max_length"),
        (base, SETTINGS.model_copy(update={"max_length": 16}), "raise max_length"),
    ],
)
def test_what_goes_wrong_says_what_to_do(tmp_path: Path, load: object, settings: TrainingSettings, says: str) -> None:
    assert callable(load)
    with pytest.raises(TrainingFailed, match=says):
        job.run(TrainingJob(model="tiny", settings=settings), pattern(), load, None, lambda *_: None, tmp_path)


def test_a_missing_serving_adapter_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed):
        run(tmp_path, serving=tmp_path / "nowhere")


def test_nan_and_empty_corrections_train_nothing(tmp_path: Path) -> None:
    bad = [example(n, f"question {n}", ("NaN", " ", "\x00")[n % 3]) for n in range(30)]
    with pytest.raises(TrainingFailed, match="only 0 usable corrections"):
        job.run(TrainingJob(model="tiny"), bad, base, None, lambda *_: None, tmp_path)


def test_a_cancelled_job_stops(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        job.run(TrainingJob(model="tiny"), pattern(), base, None, lambda *_: None, tmp_path, cancel=cancel)


def test_importing_it_loads_no_torch() -> None:
    probe = "import sys, workers.training.job; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False, timeout=60).returncode == 0


def test_forty_corrections_in_two_languages() -> None:
    pairs = corrections()
    assert len({prompt for prompt, _ in pairs}) == len(pairs) == 40
    assert len({answer for _, answer in pairs}) == 10

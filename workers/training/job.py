"""One training job from examples to a decision, in five steps. Nothing here waits on Kafka; all of it blocks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Literal, Protocol

from schemas.errors import TrainingFailed
from schemas.feedback import Example
from schemas.training import TrainingJob, TrainingSettings
from workers.models.base import Base
from workers.training import dataset
from workers.training.dataset import Dataset, Pair

if TYPE_CHECKING:
    from workers.training.encoding import Row
    from workers.training.evaluation import Decision

Phase = Literal["dataset", "baseline", "training", "evaluation"]


class Progress(Protocol):
    """Told of every step, in the thread of the job; ``loss`` is in nats a token."""

    def __call__(self, phase: Phase, step: int, steps: int, loss: float | None = None) -> None: ...


@dataclass(frozen=True)
class Outcome:
    """``adapter`` is the directory with the accepted adapter, None when the gate refused it."""

    decision: "Decision"
    dataset: Dataset
    adapter: Path | None


def run(
    job: TrainingJob,
    examples: Iterable[Example],
    load: Callable[[], Base],
    serving: Path | None,
    progress: Progress,
    out: Path,
    *,
    cancel: Event | None = None,
    threads: int = 0,
) -> Outcome:
    """Trains an adapter for ``job.model`` on what ``load`` gives; ``serving`` is the live adapter's directory, if any.

    ``out`` is written only when the gate accepts; ``cancel`` stops within a step; ``threads`` bounds torch's
    (0 leaves them). Raises ``TrainingFailed``, ``Cancelled``, and what ``load`` raises.
    """
    from workers.training import evaluation, lora

    cancel, settings = cancel or Event(), job.settings
    with _threads(threads), _one_border():
        progress("dataset", 0, 1)
        data, base = dataset.build(examples, settings.held_out), load()
        train, held_out = (_rows(base, side, settings) for side in (data.train, data.held_out))

        progress("baseline", 0, 1)
        benchmark = evaluation.Benchmark(held_out, evaluation.guard(base, cancel), settings.batch_size, cancel)
        baseline = benchmark.baseline(base, serving)

        with lora.fresh(base, settings) as model:
            lora.fit(model, train, settings, step_done=partial(progress, "training"), cancel=cancel)

            progress("evaluation", 0, 1)
            candidate = benchmark.score(model)

            decision = evaluation.gate(baseline, candidate, settings)
            if decision.accepted:
                lora.save(model, job.model, out)
    return Outcome(decision, data, out if decision.accepted else None)


def _rows(base: Base, pairs: Sequence[Pair], settings: TrainingSettings) -> "list[Row]":
    from workers.training.encoding import encode

    rows = [row for pair in pairs if (row := encode(base.tokenizer, pair, settings.max_length)) is not None]
    if not rows:
        raise TrainingFailed(
            f"no correction on one side of the split fits into {settings.max_length} tokens; "
            "raise max_length or collect more"
        )
    return rows


@contextmanager
def _threads(count: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _one_border() -> Iterator[None]:
    """What torch, peft and the disk raise becomes ``TrainingFailed``, without the texts that were trained on."""
    try:
        yield
    except MemoryError as error:
        raise TrainingFailed("not enough memory; lower batch_size or max_length") from error
    except OSError as error:
        raise TrainingFailed(f"the adapter could not be read or written: {error.strerror or error}") from error
    except (RuntimeError, ValueError, KeyError) as error:
        if "out of memory" in str(error).lower() or "can't allocate memory" in str(error):
            raise TrainingFailed("not enough memory; lower batch_size or max_length") from error
        raise TrainingFailed(f"training stopped with {type(error).__name__}; see the worker's log") from error

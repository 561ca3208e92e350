"""The batch: schedule, run, choose, tell. A step gives each sequence that answers its next token."""

import logging
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from schemas.errors import HeadraceError, InternalError, Overloaded
from workers.engines.batching.runner import Runner
from workers.engines.batching.sampler import Chosen, choose
from workers.engines.batching.scheduler import Scheduler
from workers.engines.batching.sequence import Part, Said
from workers.engines.batching.sequence import Sequence as Generating

log = logging.getLogger(__name__)
Made = list[tuple[Part, Tensor]]


class Batch:
    """Not thread-safe: the engine's thread alone calls it. ``name`` gives the text of a token."""

    def __init__(self, runner: Runner, scheduler: Scheduler, name: Callable[[int], str]) -> None:
        self._runner, self._scheduler, self._name = runner, scheduler, name

    @property
    def busy(self) -> bool:
        return self._scheduler.busy

    def add(self, sequence: Generating) -> None:
        self._scheduler.add(sequence)

    @torch.inference_mode()
    def step(self) -> None:
        """Compute the next tokens, and tell them."""
        parts = self._scheduler.schedule()
        alone = [part for part in parts if part.sequence.exact and not self._runner.exact]
        together = [part for part in parts if part not in alone]
        made: Made = []
        for each in ([together] if together else []) + [[part] for part in alone]:
            made += self._run(each)
        if made:
            self._tell(made)

    def _run(self, parts: Sequence[Part]) -> Made:
        """The logits of those that are complete. Those that cannot be computed end, the others do not."""
        try:
            made = self._runner.run(parts)
        except (MemoryError, torch.OutOfMemoryError):
            self._end(parts[-1], Overloaded("no memory is left for this; shorten it or try again"))
            return []
        except Exception as error:
            if len(parts) > 1:
                return [each for part in parts for each in self._run([part])]
            log.exception("a defect in the engine")
            self._end(parts[0], InternalError(f"the engine failed with {type(error).__name__}"))
            return []
        for part in parts:
            self._scheduler.advance(part)
        return made

    def _tell(self, made: Made) -> None:
        sequences = [part.sequence for part, _ in made]
        choosers = [sequence.chooser for sequence in sequences]
        for part, outcome in zip(
            (part for part, _ in made), choose(torch.stack([row for _, row in made]), choosers, self._name), strict=True
        ):
            if isinstance(outcome, Chosen):
                self._accept(part.sequence, outcome)
            else:
                self._end(part, outcome)

    def _accept(self, sequence: Generating, chosen: Chosen) -> None:
        last = sequence.accept(chosen.token)
        sequence.tell(Said(chosen.token, last, chosen.logprobs))
        if last:
            self._scheduler.finish(sequence)

    def _end(self, part: Part, error: HeadraceError) -> None:
        self._scheduler.finish(part.sequence, wipe=True)
        part.sequence.tell(Said(error=error))

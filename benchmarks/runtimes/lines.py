"""How a bench speaks to a runtime in a process of its own: a line of JSON for each job, and one for each outcome.

It runs in the environments of peers, too, so it imports the standard library alone.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Job:
    """Generate after each of ``prompts``, at most ``at_once`` under way. ``adapters`` names one for each prompt, or
    none at all; ``chat`` makes each prompt a user's message."""

    prompts: list[str]
    max_tokens: int
    at_once: int
    adapters: list[str] = field(default_factory=list)
    chat: bool = False

    def batches(self) -> Iterator[list[int]]:
        """Positions, ``at_once`` at a time."""
        for start in range(0, len(self.prompts), self.at_once):
            yield list(range(start, min(start + self.at_once, len(self.prompts))))


@dataclass
class Outcome:
    """``seconds`` from the first prompt in to the last token out; ``first_s`` for each prompt, where it is known."""

    tokens: int
    seconds: float = 0.0
    first_s: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


Work = Callable[[Job], Outcome]


def serve(load: Callable[[dict[str, Any]], Work]) -> None:
    """Load with the options of the command line, then do a job a line until there are no more."""
    said = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no outcome
    try:
        work = load(json.loads(sys.argv[1]))
    except Exception as error:  # the bench says of each contender why it did not run
        said.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        return
    said.write(json.dumps({"ready": True}) + "\n")
    for line in sys.stdin:
        said.write(json.dumps(asdict(timed(work, Job(**json.loads(line))))) + "\n")


def timed(work: Work, job: Job) -> Outcome:
    began = time.perf_counter()
    outcome = work(job)
    outcome.seconds = time.perf_counter() - began
    return outcome


def each(job: Job, generate: Callable[[Sequence[str]], int]) -> Outcome:
    """By batches: ``generate`` returns how many tokens it made after these prompts."""
    return Outcome(sum(generate([job.prompts[at] for at in batch]) for batch in job.batches()))

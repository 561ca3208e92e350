"""Whether a candidate may replace the model that serves.

Both are judged on the same rows by the mean negative log-likelihood of the answer, in nats a token. A
candidate must do better on corrections it has not seen, and must not unlearn ordinary things: on a small
guard set, the base model's own greedy answers must not become much less likely.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import torch
from torch import nn

from schemas.training import TrainingSettings
from workers.models.base import Base
from workers.training.encoding import Row, batches, negative_log_likelihood, prompt_ids
from workers.training.lora import attached, stop_if

GUARD = (
    "What is the capital of France?",
    "Name three colours of the rainbow.",
    "What is seven plus five?",
    "Explain in one sentence what a database is.",
    "Write a short greeting to a new colleague.",
    "法国的首都是哪里？",
    "请说出三种水果。",
    "用一句话解释什么是数据库。",
)
GUARD_TOKENS = 24


@dataclass(frozen=True)
class Score:
    """Nats a token: on the held-out corrections, and on the guard set."""

    held_out: float
    guard: float


@dataclass(frozen=True)
class Decision:
    """What the gate says, with its reason in words and the figures it stands on."""

    accepted: bool
    reason: str
    metrics: dict[str, float]


def gate(baseline: Score, candidate: Score, settings: TrainingSettings) -> Decision:
    """Accepts a candidate whose held-out loss is at least ``min_gain`` (relative) below the serving model's
    and whose guard loss is at most ``max_forgetting`` nats above the base model's."""
    gain = 1 - candidate.held_out / baseline.held_out if baseline.held_out > 0 else 0.0
    forgetting = candidate.guard - baseline.guard
    figures = {
        "held_out_baseline": baseline.held_out,
        "held_out_candidate": candidate.held_out,
        "guard_baseline": baseline.guard,
        "guard_candidate": candidate.guard,
        "gain": gain,
        "forgetting": forgetting,
    }
    metrics = {name: figure for name, figure in figures.items() if math.isfinite(figure)}
    change = f"held-out loss {baseline.held_out:.3f} -> {candidate.held_out:.3f}"
    if len(metrics) < len(figures):
        return Decision(False, f"a loss is not a number ({change}); lower learning_rate", metrics)
    if gain <= 0 or gain < settings.min_gain:
        return Decision(False, f"{change}: not better by {settings.min_gain:.1%}", metrics)
    if forgetting > settings.max_forgetting:
        return Decision(False, f"{change}, but it forgets: guard loss up by {forgetting:.3f} nats a token", metrics)
    return Decision(True, f"{change}: better by {gain:.1%}", metrics)


@dataclass(frozen=True)
class Benchmark:
    """What serving model and candidate are both judged on. Its methods raise ``Cancelled``."""

    held_out: Sequence[Row]
    guard: Sequence[Row]
    batch_size: int
    cancel: Event

    def baseline(self, base: Base, serving: Path | None) -> Score:
        """The serving model's loss on the held-out rows, the bare base model's on the guard set."""
        with attached(base, serving) as model:
            held_out = self.mean_loss(model, self.held_out)
        return Score(held_out, self.mean_loss(base.model, self.guard))

    def score(self, model: nn.Module) -> Score:
        return Score(self.mean_loss(model, self.held_out), self.mean_loss(model, self.guard))

    @torch.no_grad()
    def mean_loss(self, model: nn.Module, rows: Sequence[Row]) -> float:
        """Nats a labelled token over all rows, however they are batched."""
        total, tokens = 0.0, 0
        for batch in batches(rows, self.batch_size, next(model.parameters()).device):
            stop_if(self.cancel)
            loss, count = negative_log_likelihood(model, batch)
            total += loss.item()
            tokens += count
        return total / tokens


@torch.no_grad()
def guard(base: Base, cancel: Event) -> list[Row]:
    """The guard prompts with the base model's greedy answers of up to 24 tokens. Raises ``Cancelled``."""
    rows = []
    for question in GUARD:
        stop_if(cancel)
        prompt = prompt_ids(base.tokenizer, [{"role": "user", "content": question}])
        ids = torch.tensor([prompt], device=base.device)
        answer = base.model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=GUARD_TOKENS
        )
        rows.append(Row.of(prompt, answer[0, len(prompt) :].tolist()))
    return rows

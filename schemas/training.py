"""Training jobs, their progress and their results on ``headrace.training``; keyed by job id."""

from typing import Literal

from pydantic import Field

from schemas.base import Digest, Event, Frozen, Identifier
from schemas.errors import ErrorBody
from schemas.work import AdapterPin


class TrainingSettings(Frozen):
    """LoRA (Hu et al., 2021) on the attention projections, next-token loss on the corrected answers."""

    rank: int = Field(default=8, ge=1, le=256)
    alpha: int = Field(default=16, ge=1, le=1024)
    learning_rate: float = Field(default=1e-3, gt=0, le=10)
    epochs: int = Field(default=3, ge=1, le=100)
    batch_size: int = Field(default=4, ge=1, le=256)
    max_length: int = Field(default=512, ge=16, le=32_768)
    held_out: float = Field(default=0.2, gt=0, lt=1)
    min_gain: float = Field(default=0.01, ge=0)
    """Relative fall of the held-out loss below the serving model's that a candidate must show."""
    max_forgetting: float = Field(default=0.5, ge=0)
    """How far, in nats a token, the base model's own answers to ordinary questions may become less likely."""
    seed: int = 0


class TrainingJob(Event):
    """A job asked for; ``id`` is the job id."""

    kind: Literal["job"] = "job"
    model: Identifier
    settings: TrainingSettings = TrainingSettings()
    requested_by: str = ""


class TrainingProgress(Event):
    kind: Literal["progress"] = "progress"
    model: Identifier
    phase: Literal["dataset", "baseline", "training", "evaluation", "registration"]
    step: int = Field(default=0, ge=0)
    steps: int = Field(default=0, ge=0)
    loss: float | None = None


class TrainingResult(Event):
    """How a job ended: ``registered``, ``refused`` by the gate, or ``failed``."""

    kind: Literal["result"] = "result"
    model: Identifier
    outcome: Literal["registered", "refused", "failed"]
    version: str | None = None
    adapter: AdapterPin | None = None
    dataset: Digest | None = None
    examples: int = 0
    metrics: dict[str, float] = Field(default_factory=dict)
    reason: str = ""
    error: ErrorBody | None = None

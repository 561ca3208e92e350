r"""Low-rank adaptation: training, saving and attaching an adapter.

.. math:: h = W x + \frac{\alpha}{r} B A x

``W`` [out, in] is frozen; ``A`` [r, in] starts from Kaiming-uniform noise, ``B`` [out, r] from zero, so the
first step starts from the base model (Hu et al., 2021, "LoRA: Low-Rank Adaptation of Large Language
Models", arXiv:2106.09685). ``A`` and ``B`` are float32 whatever the base is. AdamW, a short linear warm-up
then a linear fall to zero, gradients clipped to norm 1.
"""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from torch import nn

from schemas.errors import Cancelled, TrainingFailed
from schemas.training import TrainingSettings
from workers.models.base import Base
from workers.training.encoding import Row, batches, negative_log_likelihood

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
WARM_UP = 0.1
MAX_NORM = 1.0
WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"

StepDone = Callable[[int, int, float], None]
"""Called with the step, the number of steps and the mean loss in nats a token."""


@contextmanager
def attached(base: Base, adapter: Path | None) -> Iterator[Any]:
    """The base model with a saved adapter on it, or the bare one; afterwards bare again."""
    if adapter is None:
        yield base.model
        return
    model = PeftModel.from_pretrained(base.model, str(adapter), use_safetensors=True).eval()
    try:
        yield model
    finally:
        model.unload()


@contextmanager
def fresh(base: Base, settings: TrainingSettings) -> Iterator[Any]:
    """The base model with a new adapter on it, reproducible by seed; afterwards bare again."""
    names = {name.rpartition(".")[2] for name, module in base.model.named_modules() if isinstance(module, nn.Linear)}
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=settings.rank,
        lora_alpha=settings.alpha,
        target_modules=sorted(names.intersection(ATTENTION)) or "all-linear",
    )
    with torch.random.fork_rng(devices=[base.device] if base.device.type == "cuda" else []):
        torch.manual_seed(settings.seed)
        model = get_peft_model(base.model, config)
    try:
        yield model
    finally:
        model.unload()


def fit(
    model: nn.Module, rows: Sequence[Row], settings: TrainingSettings, *, step_done: StepDone, cancel: Event
) -> None:
    """Trains what is trainable in ``model``; the same seed, rows and threads give the same weights.

    Raises ``Cancelled`` within a step of ``cancel`` being set and ``TrainingFailed`` when the loss is no number.
    """
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    steps = settings.epochs * math.ceil(len(rows) / settings.batch_size)
    optimizer = torch.optim.AdamW(weights, lr=settings.learning_rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, steps))
    model.train()
    for step, batch in enumerate(_epochs(rows, settings, weights[0].device), 1):
        stop_if(cancel)
        total, count = negative_log_likelihood(model, batch)
        loss = total / count
        torch.autograd.backward(loss)
        norm = nn.utils.clip_grad_norm_(weights, MAX_NORM)
        if not (math.isfinite(loss.item()) and math.isfinite(norm.item())):
            raise TrainingFailed(f"the loss is not a number at step {step} of {steps}; lower learning_rate")
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        step_done(step, steps, loss.item())
    model.eval()


def stop_if(cancel: Event) -> None:
    if cancel.is_set():
        raise Cancelled("training was cancelled")


def rate(step: int, steps: int) -> float:
    """The factor on the learning rate at ``step`` (from 0): up over the first tenth, then down to zero."""
    warm = max(1, round(WARM_UP * steps))
    return min((step + 1) / warm, (steps - step) / max(1, steps - warm + 1))


def save(model: Any, base_name: str, out: Path) -> None:
    """Writes ``adapter_model.safetensors`` and ``adapter_config.json``, the same bytes for the same weights."""
    out.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: tensor.contiguous().cpu()
        for name, tensor in get_peft_model_state_dict(model, save_embedding_layers=False).items()
    }
    save_file(tensors, out / WEIGHTS, metadata={"format": "pt"})
    config: dict[str, Any] = model.peft_config["default"].to_dict()
    config |= {"base_model_name_or_path": base_name, "inference_mode": True}
    (out / CONFIG).write_text(json.dumps(config, default=sorted, sort_keys=True, indent=2) + "\n")


def _epochs(rows: Sequence[Row], settings: TrainingSettings, device: torch.device) -> Iterator[dict[str, torch.Tensor]]:
    chance = torch.Generator().manual_seed(settings.seed)
    for _ in range(settings.epochs):
        order = torch.randperm(len(rows), generator=chance).tolist()
        yield from batches([rows[index] for index in order], settings.batch_size, device)

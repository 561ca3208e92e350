"""What an adapter does to a model: it adds to layers (LoRA), scales them ((IA)³), or stands before the prompt (prefix
and prompt tuning, P-tuning)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

Segment = Sequence[tuple[Tensor, Tensor]]
"""Keys and values [heads, tokens, dimensions] of some tokens, by layer."""


@dataclass(frozen=True)
class Layers:
    """What adapters may change: linear layers, (in, out) by name; and what may stand before a prompt: ``hidden`` wide
    embeddings, or keys and values of ``depth`` layers with ``heads`` of ``head`` dimensions (0: none may)."""

    sizes: Mapping[str, tuple[int, int]]
    dtype: torch.dtype
    device: torch.device
    hidden: int = 0
    depth: int = 0
    heads: int = 0
    head: int = 0

    @classmethod
    def of(cls, model: Any) -> "Layers":
        """All but the output layer, which does not see all rows, and experts, which see some."""
        skipped = model.get_output_embeddings()
        sizes = {
            name: tuple(module.weight.shape) if type(module).__name__ == "Conv1D" else _features(module)
            for name, module in model.named_modules()
            if module is not skipped and ".experts." not in name and _is_linear(module)
        }
        return cls(sizes, model.dtype, model.device, **_before(model))


@dataclass(frozen=True)
class Delta:
    """What an adapter adds to a layer: x·A·B, A [rank, in], B [rank, out] with the scale in it."""

    a: Tensor
    b: Tensor


@dataclass(frozen=True)
class Scale:
    """What an adapter multiplies with what a layer gives [out], or with what it is given [in]."""

    by: Tensor
    inward: bool


@dataclass(frozen=True)
class Adapter:
    """``deltas`` and ``scales`` go by the names of layers; ``before`` are embeddings [tokens, hidden] of virtual
    tokens, or their keys and values."""

    deltas: Mapping[str, Delta] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    before: Tensor | Segment | None = None


def _before(model: Any) -> dict[str, int]:
    """A model that keeps a state instead of keys and values takes none."""
    config = model.config.get_text_config()
    if getattr(model, "_is_stateful", False):
        return {}
    heads = config.num_attention_heads
    head = getattr(config, "head_dim", None) or config.hidden_size // heads
    shared = getattr(config, "num_key_value_heads", None) or heads
    return {"hidden": config.hidden_size, "depth": config.num_hidden_layers, "heads": shared, "head": head}


def _is_linear(module: Any) -> bool:
    return type(module).__name__ == "Conv1D" or (hasattr(module, "in_features") and hasattr(module, "out_features"))


def _features(module: Any) -> tuple[int, int]:
    return module.in_features, module.out_features

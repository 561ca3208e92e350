"""LoRA adapters as files: what they say of themselves, and weights that fit the model."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from peft.tuners.tuners_utils import check_target_module_exists
from peft.utils.other import get_pattern_key
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from schemas.errors import ModelNotAvailable
from schemas.work import AdapterPin
from workers.engines.port import LoadAdapter

_READ = {
    "r", "lora_alpha", "target_modules", "lora_dropout", "fan_in_fan_out", "use_rslora", "rank_pattern",
    "alpha_pattern",
}  # fmt: skip
_PREFIX = "base_model.model."
MAX_CONFIG = 2**20
MAX_RANK = 512


@dataclass(frozen=True)
class Layers:
    """The linear layers of a model that adapters may change: (in, out) by name."""

    sizes: Mapping[str, tuple[int, int]]
    dtype: torch.dtype
    device: torch.device

    @classmethod
    def of(cls, model: Any) -> "Layers":
        """All but the output layer, which does not see all rows, and experts, which see some."""
        skipped = model.get_output_embeddings()
        sizes = {
            name: tuple(module.weight.shape) if type(module).__name__ == "Conv1D" else _features(module)
            for name, module in model.named_modules()
            if module is not skipped and ".experts." not in name and _is_linear(module)
        }
        return cls(sizes, model.dtype, model.device)


@dataclass(frozen=True)
class Delta:
    """What an adapter adds to a layer: x·A·B, A [rank, in], B [rank, out] with the scale in it."""

    a: Tensor
    b: Tensor


Deltas = Mapping[str, Delta]
"""By the name of the layer."""


def read_adapter(pin: AdapterPin, load: LoadAdapter, base: str, layers: Layers) -> Deltas:
    """Bring an adapter of the model ``base`` here, and read it.

    Raises ``ModelNotAvailable`` when there is none, or it is not one for this model.
    """
    try:
        folder = load(pin)
        config, weights = read_config(folder, base), load_file(folder / "adapter_model.safetensors")
        return dict(_deltas(config, weights, layers))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise ModelNotAvailable(
            f"the adapter {pin.name}@{pin.version} cannot be loaded: {str(error)[:300]}", param="model"
        ) from error


def read_config(folder: Path, base: str) -> LoraConfig:
    """The part of ``adapter_config.json`` that shapes the weights; what else it says is not followed.

    Raises ``ValueError`` when it is no LoRA adapter of a causal model or was trained on another base model.
    """
    with (folder / "adapter_config.json").open("rb") as file:
        given = json.loads(file.read(MAX_CONFIG))
    if given.get("peft_type") != "LORA" or given.get("task_type") != "CAUSAL_LM":
        raise ValueError("it is not a LoRA adapter of a causal language model")
    if given.get("base_model_name_or_path") != base:
        raise ValueError(f"it was trained on {given.get('base_model_name_or_path')!r}, not on {base!r}")
    options = {name: value for name, value in given.items() if name in _READ}
    return LoraConfig(task_type="CAUSAL_LM", inference_mode=True, **options)


def _deltas(config: LoraConfig, weights: Mapping[str, Tensor], layers: Layers) -> Iterator[tuple[str, Delta]]:
    """Raises ``ValueError`` when the weights are not those that the description and the model ask for."""
    changed = [name for name in layers.sizes if _targets(config, name)]
    if not changed:
        raise ValueError("it changes no layer that this model has")
    asked = {f"{_PREFIX}{name}.lora_{side}.weight" for name in changed for side in "AB"}
    if odd := sorted(asked.symmetric_difference(weights)):
        raise ValueError(f"its weights do not fit the model: {odd[:3]}")
    for name in changed:
        a, b = (weights[f"{_PREFIX}{name}.lora_{side}.weight"] for side in "AB")
        yield name, _delta(config, name, a, b, layers)


def _delta(config: LoraConfig, name: str, a: Tensor, b: Tensor, layers: Layers) -> Delta:
    rank = config.rank_pattern.get(get_pattern_key(config.rank_pattern.keys(), name), config.r)
    alpha = config.alpha_pattern.get(get_pattern_key(config.alpha_pattern.keys(), name), config.lora_alpha)
    if not 0 < rank <= MAX_RANK:
        raise ValueError(f"its rank is {rank}; from 1 to {MAX_RANK} can be served")
    inward, outward = layers.sizes[name]
    if a.shape != (rank, inward) or b.shape != (outward, rank):
        raise ValueError(f"size mismatch: {name} needs {rank} × {inward} and {outward} × {rank}")
    if not (a.isfinite().all() and b.isfinite().all()):
        raise ValueError(f"a weight of {name} is no number")
    scale = alpha / (math.sqrt(rank) if config.use_rslora else rank)
    made = (a.to(layers.device, layers.dtype), (b.float().t() * scale).to(layers.device, layers.dtype))
    return Delta(made[0].contiguous(), made[1].contiguous())


def _targets(config: LoraConfig, name: str) -> bool:
    return config.target_modules == "all-linear" or bool(check_target_module_exists(config, name))


def _is_linear(module: Any) -> bool:
    return type(module).__name__ == "Conv1D" or (hasattr(module, "in_features") and hasattr(module, "out_features"))


def _features(module: Any) -> tuple[int, int]:
    return module.in_features, module.out_features

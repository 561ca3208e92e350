"""Adapters as peft keeps them in files: what they say of themselves, and weights that fit the model."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from peft import LoraConfig
from peft.tuners.tuners_utils import check_target_module_exists
from peft.utils.other import get_pattern_key
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from schemas.errors import ModelNotAvailable
from schemas.work import AdapterPin
from workers.engines.adapters import Adapter, Delta, Layers, Scale
from workers.engines.port import LoadAdapter

Described = Mapping[str, Any]
Weights = Mapping[str, Tensor]

_READ = {
    "r", "lora_alpha", "target_modules", "lora_dropout", "fan_in_fan_out", "use_rslora", "rank_pattern",
    "alpha_pattern",
}  # fmt: skip
_PREFIX = "base_model.model."
_VIRTUAL = "prompt_embeddings"
MAX_CONFIG = 2**20
MAX_RANK = 512
MAX_VIRTUAL = 512
"""Virtual tokens before a prompt."""


def read_adapter(pin: AdapterPin, load: LoadAdapter, base: str, layers: Layers) -> Adapter:
    """Bring an adapter of the model ``base`` here, and read it.

    Raises ``ModelNotAvailable`` when there is none, or it is not one for this model.
    """
    try:
        folder = load(pin)
        described, weights = describe(folder, base), load_file(folder / "adapter_model.safetensors")
        if any(not weight.isfinite().all() for weight in weights.values()):
            raise ValueError("one of its weights is no number")
        return METHODS[described["peft_type"]](described, weights, layers)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise ModelNotAvailable(
            f"the adapter {pin.name}@{pin.version} cannot be loaded: {str(error)[:300]}", param="model"
        ) from error


def describe(folder: Path, base: str) -> Described:
    """What ``adapter_config.json`` says.

    Raises ``ValueError`` when it is no adapter of a causal model, was trained in a way that cannot be served, or on
    another base model.
    """
    with (folder / "adapter_config.json").open("rb") as file:
        given = json.loads(file.read(MAX_CONFIG))
    if given.get("peft_type") not in METHODS or given.get("task_type") != "CAUSAL_LM":
        raise ValueError(f"it is not an adapter of a causal language model that can be served: {', '.join(METHODS)}")
    if given.get("base_model_name_or_path") != base:
        raise ValueError(f"it was trained on {given.get('base_model_name_or_path')!r}, not on {base!r}")
    found: Described = given
    return found


def lora_config(described: Described) -> LoraConfig:
    """The part of a description that shapes the weights; what else it says is not followed.

    Raises ``ValueError`` when it is another method's.
    """
    if described["peft_type"] != "LORA":
        raise ValueError(f"it is not a LoRA adapter but {described['peft_type']}")
    return LoraConfig(
        task_type="CAUSAL_LM", inference_mode=True, **{key: value for key, value in described.items() if key in _READ}
    )


def _lora(described: Described, weights: Weights, layers: Layers) -> Adapter:
    return Adapter(deltas=dict(_deltas(lora_config(described), weights, layers)))


def _deltas(config: LoraConfig, weights: Weights, layers: Layers) -> Iterator[tuple[str, Delta]]:
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
    scale = alpha / (math.sqrt(rank) if config.use_rslora else rank)
    made = (a.to(layers.device, layers.dtype), (b.float().t() * scale).to(layers.device, layers.dtype))
    return Delta(made[0].contiguous(), made[1].contiguous())


def _targets(config: LoraConfig, name: str) -> bool:
    return config.target_modules == "all-linear" or bool(check_target_module_exists(config, name))


def _ia3(described: Described, weights: Weights, layers: Layers) -> Adapter:
    return Adapter(scales=dict(_scales(weights, layers)))


def _scales(weights: Weights, layers: Layers) -> Iterator[tuple[str, Scale]]:
    """A row scales what a layer is given, a column what it gives (Liu et al., 2022, arXiv:2205.05638)."""
    for key, weight in weights.items():
        name = key.removeprefix(_PREFIX).removesuffix(".ia3_l")
        if name not in layers.sizes:
            raise ValueError(f"its weights do not fit the model: {key!r}")
        inward, outward = layers.sizes[name]
        if weight.shape not in ((1, inward), (outward, 1)):
            raise ValueError(f"size mismatch: {name} needs 1 × {inward} or {outward} × 1")
        yield name, Scale(weight.flatten().to(layers.device, layers.dtype), inward=weight.shape == (1, inward))


def _prompt(described: Described, weights: Weights, layers: Layers) -> Adapter:
    """Lester et al., 2021, arXiv:2104.08691; Liu et al., 2021, arXiv:2103.10385."""
    return Adapter(before=_virtual(weights, layers, layers.hidden))


def _prefix(described: Described, weights: Weights, layers: Layers) -> Adapter:
    """Li and Liang, 2021, arXiv:2101.00190: keys and values of all layers by turns."""
    virtual = _virtual(weights, layers, layers.depth * 2 * layers.heads * layers.head)
    held = virtual.view(len(virtual), layers.depth * 2, layers.heads, layers.head).permute(1, 2, 0, 3)
    return Adapter(before=list(zip(held[::2].contiguous(), held[1::2].contiguous(), strict=True)))


def _virtual(weights: Weights, layers: Layers, width: int) -> Tensor:
    if not layers.hidden:
        raise ValueError("nothing can stand before a prompt of this model")
    found = weights[_VIRTUAL]
    if len(weights) != 1 or found.ndim != 2 or found.shape[1] != width:
        raise ValueError(f"size mismatch: {_VIRTUAL} is {tuple(found.shape)}, and this model needs tokens × {width}")
    if not 0 < len(found) <= MAX_VIRTUAL:
        raise ValueError(f"it has {len(found)} virtual tokens; from 1 to {MAX_VIRTUAL} can be served")
    return found.to(layers.device, layers.dtype)


METHODS: Mapping[str, Callable[[Described, Weights, Layers], Adapter]] = {
    "LORA": _lora,
    "IA3": _ia3,
    "PREFIX_TUNING": _prefix,
    "PROMPT_TUNING": _prompt,
    "P_TUNING": _prompt,
}
"""By the names that peft gives them."""

"""LoRA adapters on a running model: loaded when first asked for, the least recently used ones let go."""

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file

from schemas.errors import ModelNotAvailable
from schemas.work import AdapterPin
from workers.engines.port import LoadAdapter

_READ = {
    "r", "lora_alpha", "target_modules", "lora_dropout", "fan_in_fan_out", "use_rslora", "rank_pattern",
    "alpha_pattern",
}  # fmt: skip
MAX_CONFIG = 2**20


class Adapters:
    """The adapters of one base model. Not thread-safe: the engine's one thread calls it."""

    def __init__(self, model: Any, base: str, load: LoadAdapter, keep: int) -> None:
        self._model, self._base, self._load, self._keep = model, base, load, keep
        self._peft: Any = None
        self._loaded: OrderedDict[str, None] = OrderedDict()

    def use(self, pin: AdapterPin | None) -> None:
        """Make the model answer with this adapter, or bare.

        Raises:
            ModelNotAvailable: there is no such adapter, or it is not one for this model.
        """
        if pin is None:
            if self._peft is not None:
                self._peft.base_model.disable_adapter_layers()
            return
        name = pin.sha256
        if name not in self._loaded:
            self._add(pin)
        self._loaded.move_to_end(name)
        self._peft.base_model.enable_adapter_layers()
        self._peft.set_adapter(name, inference_mode=True)
        while len(self._loaded) > self._keep:
            self._peft.delete_adapter(self._loaded.popitem(last=False)[0])

    def _add(self, pin: AdapterPin) -> None:
        try:
            folder = self._load(pin)
            config, weights = read_config(folder, self._base), load_file(folder / "adapter_model.safetensors")
            self._attach(pin.sha256, config, weights)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            raise ModelNotAvailable(
                f"the adapter {pin.name}@{pin.version} cannot be loaded: {str(error)[:300]}", param="model"
            ) from error

    def _attach(self, name: str, config: LoraConfig, weights: dict[str, Any]) -> None:
        if self._peft is None:
            self._peft = get_peft_model(self._model, config, adapter_name=name)
        else:
            self._peft.add_adapter(name, config)
        self._loaded[name] = None
        try:
            self._fill(name, weights)
        except (ValueError, RuntimeError):
            self._detach(name)
            raise

    def _fill(self, name: str, weights: dict[str, Any]) -> None:
        result = set_peft_model_state_dict(self._peft, weights, adapter_name=name)
        missing = [key for key in result.missing_keys if name in key]
        if result.unexpected_keys or missing:
            raise ValueError(f"its weights do not fit the model: {[*result.unexpected_keys, *missing][:3]}")

    def _detach(self, name: str) -> None:
        del self._loaded[name]
        if self._loaded:
            self._peft.delete_adapter(name)
        else:
            self._peft.unload()
            self._peft = None


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

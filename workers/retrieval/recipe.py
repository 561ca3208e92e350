"""How a sentence-transformers model makes one vector of a text: ``modules.json`` and the files that it names."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from schemas.errors import ModelNotAvailable

Pooling = Literal["mean", "first", "last"]

_MODES: dict[str, Pooling] = {
    "cls": "first",
    "mean": "mean",
    "lasttoken": "last",
    "pooling_mode_cls_token": "first",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_lasttoken": "last",
}
_KNOWN = ("Transformer", "Pooling", "Normalize")
_BYTES = 2**20


@dataclass(frozen=True)
class Recipe:
    """``tokens`` is the longest text that the model was trained with, if its folder says so."""

    pooling: Pooling = "mean"
    tokens: int | None = None

    @classmethod
    def read(cls, folder: Path) -> "Recipe":
        """The recipe in a model's folder; mean pooling where there is none. Vectors are normalised in any case.

        Raises:
            ModelNotAvailable: the files cannot be read, or ask for what is not done here.
        """
        modules = _json(folder / "modules.json") or []
        if not isinstance(modules, list) or not all(isinstance(module, dict) for module in modules):
            raise ModelNotAvailable(f"{folder.name}/modules.json is no list of modules; fetch the model again")
        for module in modules:
            if (kind := str(module.get("type")).rpartition(".")[2]) not in _KNOWN:
                raise ModelNotAvailable(f"{folder.name} has a {kind} module; only {', '.join(_KNOWN)} are known here")
        pooling = next((module for module in modules if str(module.get("type")).endswith("Pooling")), None)
        at = str(pooling.get("path", "1_Pooling")) if pooling else ""
        tokens = (_json(folder / "sentence_bert_config.json") or {}).get("max_seq_length")
        return cls(_pooling(folder, at) if pooling else "mean", tokens if isinstance(tokens, int) else None)


def _pooling(folder: Path, at: str) -> Pooling:
    if not at.replace("_", "").isalnum():
        raise ModelNotAvailable(f"{folder.name}/modules.json names the folder {at!r}; it must be one beside it")
    config = _json(folder / at / "config.json") or {}
    named = config.get("pooling_mode")
    modes = [str(named)] if named else [mode for mode, on in config.items() if mode.startswith("pooling_mode_") and on]
    if len(modes) == 1 and modes[0] in _MODES:
        return _MODES[modes[0]]
    said = ", ".join(modes) or "nothing"
    raise ModelNotAvailable(f"{folder.name} pools by {said}; mean, cls and lasttoken are known here")


def _json(file: Path) -> Any:
    """What is in a file, or ``None`` when there is none."""
    try:
        with file.open("rb") as opened:
            return json.loads(opened.read(_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelNotAvailable(f"{file.parent.name}/{file.name} cannot be read; fetch the model again") from error

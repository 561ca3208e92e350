"""The base model that is trained on: a causal language model and its tokenizer."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import ModelNotAvailable

if TYPE_CHECKING:
    from torch import device


@dataclass(frozen=True)
class Base:
    """``model`` is a transformers causal LM (untyped there), ``tokenizer`` its tokenizer with a chat template."""

    model: Any
    tokenizer: Any

    @property
    def device(self) -> "device":
        place: device = self.model.device
        return place


def load(path: Path) -> Base:
    """A model from a local directory or GGUF file (whose weights are dequantised, so that they can be trained on).

    On CUDA where there is one. bfloat16 where the processor multiplies it natively (twice as fast, half
    the memory), else float32. Raises ``ModelNotAvailable`` when the files are no such model.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place, gguf = (path.parent, path.name) if path.is_file() else (path, None)
    options: dict[str, Any] = {"gguf_file": gguf, "local_files_only": True, "trust_remote_code": False}
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dtype = torch.bfloat16 if _multiplies_bfloat16(device) else torch.float32
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, **options)
        model = AutoModelForCausalLM.from_pretrained(place, dtype=dtype, **options)
    except (OSError, ValueError, KeyError) as error:
        raise ModelNotAvailable(
            f"no base model can be loaded from {path.name!r} ({type(error).__name__}); pull it again"
        ) from error
    return Base(model.to(device).eval(), tokenizer)


def _multiplies_bfloat16(device: "device") -> bool:
    import torch

    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    processor: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(processor.get("avx512_bf16") or processor.get("amx_bf16"))

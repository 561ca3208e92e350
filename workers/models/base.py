"""The base model that is trained on: a causal language model and its tokenizer."""

import logging
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import ModelNotAvailable
from workers.models.generators import Quantization

if TYPE_CHECKING:
    from torch import device

SAFE = ("gguf_file", "local_files_only", "trust_remote_code")


@dataclass(frozen=True)
class Base:
    """``model`` is a transformers causal LM (untyped there), ``tokenizer`` its tokenizer with a chat template."""

    model: Any
    tokenizer: Any
    quantization: Quantization = "none"

    @property
    def engine(self) -> str:
        """What a response says it was made with, as ``transformers 5.17.0 bfloat16``."""
        made = self.quantization in ("int8", "int4")
        precision = self.quantization if made else str(self.model.dtype).removeprefix("torch.")
        return f"transformers {version('transformers')} {precision}"

    @property
    def device(self) -> "device":
        place: device = self.model.device
        return place


def load(path: Path, quantization: Quantization = "none") -> Base:
    """A model from a local directory or GGUF file (whose weights are dequantised, so that they can be trained on).

    On CUDA where there is one. bfloat16 where the processor multiplies it natively (twice as fast, half
    the memory), else float32. ``quantization`` makes the weights bfloat16, or 8 or 4 bits wide on either device
    (bitsandbytes: LLM.int8() of Dettmers et al., 2022, and NF4 of Dettmers et al., 2023). Raises
    ``ModelNotAvailable`` when the files are no such model, or cannot be quantised here.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place, gguf = (path.parent, path.name) if path.is_file() else (path, None)
    options: dict[str, Any] = {"gguf_file": gguf, "local_files_only": True, "trust_remote_code": False}
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dtype = torch.bfloat16 if quantization != "none" or _multiplies_bfloat16(device) else torch.float32
    if quantization in ("int8", "int4"):
        options |= _quantised(path, quantization, device)
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, **{name: options[name] for name in SAFE})
        model = AutoModelForCausalLM.from_pretrained(place, dtype=dtype, **options)
    except (OSError, ValueError, KeyError) as error:
        raise ModelNotAvailable(
            f"no base model can be loaded from {path.name!r} ({type(error).__name__}); pull it again"
        ) from error
    placed = model if "quantization_config" in options else model.to(device)
    return Base(placed.eval(), tokenizer, quantization)


def _quantised(path: Path, quantization: Quantization, device: "device") -> dict[str, Any]:
    """What makes transformers quantise while it loads."""
    import torch
    from transformers import BitsAndBytesConfig

    if not (find_spec("bitsandbytes") and find_spec("accelerate")):
        raise ModelNotAvailable(f"{quantization} needs bitsandbytes: pip install 'headrace[quantization]'")
    if path.is_file():
        raise ModelNotAvailable(
            f"{path.name} is in the precision of its file and cannot be made {quantization}; name a folder instead"
        )
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it tells of each multiplication that it casts
    config = BitsAndBytesConfig(
        load_in_8bit=quantization == "int8",
        load_in_4bit=quantization == "int4",
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"quantization_config": config, "device_map": {"": str(device)}}


def _multiplies_bfloat16(device: "device") -> bool:
    import torch

    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    processor: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(processor.get("avx512_bf16") or processor.get("amx_bf16"))

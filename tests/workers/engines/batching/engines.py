"""Engines over the tiny model, random adapters for it, and what the library itself says."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model

from schemas.requests import Sampling
from schemas.results import Usage
from schemas.work import AdapterPin
from tests.contracts import tiny
from workers.engines.causal import CausalEngine
from workers.engines.port import Generation
from workers.models.base import load
from workers.training.lora import save

FLOAT32 = "workers.models.base._multiplies_bfloat16"
"""To be replaced by what says no: in bfloat16 the likeliest tokens of a random model are often equal."""
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@asynccontextmanager
async def running(folder: Path, shelf: Mapping[str, Path] | None = None, **options: Any) -> AsyncIterator[CausalEngine]:
    """``shelf`` has adapters by digest; what is not there cannot be fetched."""
    engine = CausalEngine(
        tiny.entry_of(folder, options={"threads": 1, **options}), folder, lambda pin: (shelf or {})[pin.sha256]
    )
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def say(
    engine: CausalEngine, prompt: str, adapter: AdapterPin | None = None, **sampling: Any
) -> tuple[str, Usage]:
    generation = Generation(prompt=prompt, sampling=Sampling(**{"max_tokens": 16, **sampling}), adapter=adapter)
    pieces = [piece async for piece in engine.generate(generation)]
    usage = pieces[-1].usage
    assert usage
    return "".join(piece.text for piece in pieces).rstrip("\ufffd"), usage


async def say_all(engine: CausalEngine, prompts: Sequence[str], **sampling: Any) -> list[str]:
    return [text for text, _ in await asyncio.gather(*(say(engine, prompt, **sampling) for prompt in prompts))]


def generated(folder: Path, prompts: Sequence[str], adapter: Path | None = None, tokens: int = 16) -> list[str]:
    """What ``generate()`` says, an adapter merged into the weights by peft; no broken character last."""
    base = load(folder)
    model = base.model
    if adapter:
        model = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    said = []
    for prompt in prompts:
        ids = base.tokenizer(prompt, return_tensors="pt").input_ids.to(base.device)
        mask = torch.ones_like(ids)
        out = model.generate(ids, attention_mask=mask, max_new_tokens=tokens, do_sample=False)
        said.append(base.tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).rstrip("\ufffd"))
    return said


def make_adapter(folder: Path, out: Path, seed: int, rank: int = 8, **config: Any) -> Path:
    """A random adapter of all linear layers of the tiny model; ``config`` overrides what its description says."""
    torch.manual_seed(seed)
    options = LoraConfig(
        task_type="CAUSAL_LM", r=rank, lora_alpha=2 * rank, target_modules=TARGETS, init_lora_weights=False
    )
    save(get_peft_model(load(folder).model, options), "tiny", out)
    described = out / "adapter_config.json"
    described.write_text(json.dumps(json.loads(described.read_text()) | config))
    return out


def pin_of(number: int) -> AdapterPin:
    return AdapterPin(name=f"a{number}", version="1", uri="objects/a", sha256=f"{number:064d}")

"""Causal language models on CUDA with vLLM in this process (``AsyncLLM``): safetensors, with several LoRA adapters in a
batch, loaded when first asked for."""

import asyncio
import os
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from schemas.errors import ModelNotAvailable, Overloaded
from schemas.requests import ResponseFormat, Sampling
from schemas.work import AdapterPin
from workers.engines.answer import Answer, prompt_of
from workers.engines.port import Generation, LoadAdapter, Piece, TokenLogprob
from workers.models.gguf import load_tokenizer
from workers.models.manifest import VllmEntry

ENVIRONMENT = {
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",  # the driver does not live through a fork of a process that has asked it
    "VLLM_NO_USAGE_STATS": "1",  # else it tells its makers of the machine and the model
}
DTYPES = {"none": "auto", "bf16": "bfloat16", "int4": "auto"}


class VllmEngine:
    """An ``Engine``. ``path`` is a folder of safetensors."""

    deterministic = False

    def __init__(self, entry: VllmEntry, path: Path, load_adapter: LoadAdapter) -> None:
        self._entry, self._path, self._load_adapter = entry, path, load_adapter
        self.slots = entry.options.slots
        self._free = asyncio.Semaphore(self.slots)
        self._adapters: dict[str, Any] = {}
        self._numbers = 0
        self._tokenizer: Any = None
        self._engine: Any = None
        self._ends: frozenset[int] = frozenset()
        self._label = ""

    async def start(self) -> None:
        """Load the model. Raises ``ModelNotAvailable`` when vLLM cannot, with its reason."""
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        import vllm
        from vllm.v1.engine.async_llm import AsyncLLM

        wanted = vllm.AsyncEngineArgs(**arguments(self._entry, self._path))
        self._tokenizer = await asyncio.to_thread(load_tokenizer, self._path, keep=False)
        try:
            self._engine = await asyncio.to_thread(AsyncLLM.from_engine_args, wanted)
        except (RuntimeError, ValueError) as error:
            raise ModelNotAvailable(
                f"vLLM cannot load {self._entry.name}: {str(error)[:500]}", param="model"
            ) from error
        self._ends = frozenset({self._tokenizer.eos_token_id} - {None})
        self._label = f"vllm {vllm.__version__} {self._entry.options.quantization}"

    async def stop(self) -> None:
        """Free the device."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await asyncio.to_thread(engine.shutdown)

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """See ``Engine``."""
        if self._engine is None:
            raise Overloaded(f"{self._entry.name} is not running")
        ids = await asyncio.to_thread(prompt_of, self._tokenizer, generation, self._entry.name, self._entry.context)
        adapter = await self._adapter(generation.adapter)
        async with self._free, aclosing(self._answer(ids, generation.sampling, adapter)) as pieces:
            async for piece in pieces:
                yield piece

    async def _answer(self, ids: list[int], sampling: Sampling, adapter: Any) -> AsyncGenerator[Piece, None]:
        room = min(sampling.max_tokens, self._entry.context - len(ids))
        answer = Answer(self._decode, sampling.stop, asked=len(ids), room=room, ends=self._ends, engine=self._label)
        outputs = self._engine.generate(
            {"prompt_token_ids": ids}, parameters(sampling, room), uuid.uuid4().hex, lora_request=adapter
        )
        async with aclosing(outputs):  # leaving it withdraws the request
            async for output in outputs:
                said = output.outputs[0]
                for at, token in enumerate(said.token_ids, start=1):
                    over = said.finish_reason is not None and at == len(said.token_ids)
                    piece = answer.feed(token, last=over, logprobs=told(said.logprobs, at - 1, token, sampling))
                    if piece:
                        yield piece
                        if piece.finish_reason:
                            return

    async def _adapter(self, pin: AdapterPin | None) -> Any:
        """vLLM's name for an adapter; vLLM loads it with the first request that has it, and lets the least used go.

        Raises ``ModelNotAvailable`` when there is none, or it is not one for this model.
        """
        if pin is None:
            return None
        if pin.sha256 not in self._adapters:
            from vllm.lora.request import LoRARequest

            folder = await asyncio.to_thread(self._checked, pin)
            self._numbers += 1
            self._adapters[pin.sha256] = LoRARequest(f"{pin.name}@{pin.version}", self._numbers, str(folder))
        return self._adapters[pin.sha256]

    def _checked(self, pin: AdapterPin) -> Path:
        from workers.engines.adapter_files import describe, lora_config

        try:
            folder = self._load_adapter(pin)
            config = lora_config(describe(folder, self._entry.name))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelNotAvailable(
                f"the adapter {pin.name}@{pin.version} cannot be loaded: {str(error)[:300]}", param="model"
            ) from error
        if config.r > self._entry.options.adapter_rank:
            raise ModelNotAvailable(
                f"the adapter {pin.name}@{pin.version} has rank {config.r}; raise 'adapter_rank' of {self._entry.name}",
                param="model",
            )
        return folder

    def _decode(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.backend_tokenizer.decode(ids, skip_special_tokens=True))


def arguments(entry: VllmEntry, path: Path) -> dict[str, Any]:
    """Those of ``AsyncEngineArgs``. Raises ``ModelNotAvailable`` for a quantisation that vLLM cannot make at load."""
    options = entry.options
    if options.quantization not in DTYPES:
        raise ModelNotAvailable(
            f"{entry.name}: vLLM makes no {options.quantization} of weights at load; name files in that precision, or "
            "'quantization: int4'"
        )
    quantised = {"quantization": "bitsandbytes"} if options.quantization == "int4" else {}
    return {
        "model": str(path),
        "dtype": DTYPES[options.quantization],
        "max_model_len": entry.context,
        "max_num_seqs": options.slots,
        "gpu_memory_utilization": options.gpu_memory,
        "enable_prefix_caching": True,
        "enable_lora": True,
        "max_loras": options.adapters,
        "max_cpu_loras": options.adapters,
        "max_lora_rank": options.adapter_rank,
        "trust_remote_code": False,
        "enable_log_requests": False,
        **quantised,
    }


def parameters(sampling: Sampling, room: int) -> Any:
    """``SamplingParams`` of vLLM, for tokens; text and stop strings are made here."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    form = sampling.response_format
    return SamplingParams(
        max_tokens=room,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        min_p=sampling.min_p,
        seed=sampling.seed,
        presence_penalty=sampling.presence_penalty,
        frequency_penalty=sampling.frequency_penalty,
        repetition_penalty=sampling.repetition_penalty,
        logit_bias=dict(sampling.logit_bias) or None,
        logprobs=sampling.top_logprobs if sampling.logprobs else None,
        structured_outputs=None if form.type == "text" else structured(form),
        detokenize=sampling.logprobs,
        output_kind=RequestOutputKind.DELTA,
    )


def structured(form: ResponseFormat) -> Any:
    """``StructuredOutputsParams`` of vLLM."""
    from vllm.sampling_params import StructuredOutputsParams

    match form.type:
        case "json_schema":
            return StructuredOutputsParams(json=form.json_schema)
        case "regex":
            return StructuredOutputsParams(regex=form.pattern)
    return StructuredOutputsParams(json_object=True)


def told(logprobs: Any, at: int, token: int, sampling: Sampling) -> TokenLogprob | None:
    """What vLLM says of the chances at one place of its output, when it was asked."""
    if not logprobs:
        return None
    chances = logprobs[at]
    ranked = sorted(chances.values(), key=lambda one: one.rank)[: sampling.top_logprobs]
    chosen = chances[token]
    return TokenLogprob(
        chosen.decoded_token or "", chosen.logprob, tuple((one.decoded_token or "", one.logprob) for one in ranked)
    )

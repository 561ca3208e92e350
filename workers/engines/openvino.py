"""Base models on x86 processors: GGUF and OpenVINO files, continuous batching, a cache of prefixes (openvino-genai).

The library computes in a process of its own (``openvino_steps``): it holds Python's lock while it steps, and a process
that crashes or hangs can be ended. Prompts, stop strings and text are made here, as for every engine of this process.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from schemas.errors import InternalError, ModelNotAvailable, Overloaded
from schemas.requests import Sampling
from workers.engines.answer import Answer, prompt_of, refusal, unknown_setting
from workers.engines.child import Child
from workers.engines.port import Generation, Piece
from workers.models.gguf import encoding, load_tokenizer
from workers.models.manifest import Hub, OpenvinoEntry, Wheel
from workers.models.threads import thread_count

SETTINGS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "repetition_penalty": "repetition_penalty",
    "seed": "rng_seed",
}
"""Our names and the library's."""
CHANCE = frozenset({"temperature", "top_p", "top_k", "min_p", "seed"})
"""What says nothing when the likeliest token is taken."""
KNOWN = frozenset(SETTINGS) | {"max_tokens", "stop", "n"}


class OpenvinoEngine:
    """An ``Engine`` without adapters. ``path`` is a GGUF file or a folder with ``openvino_model.xml``."""

    deterministic = False

    def __init__(self, entry: OpenvinoEntry, path: Path) -> None:
        self._entry, self._path = entry, path
        self.slots = entry.options.slots
        self._free = asyncio.Semaphore(self.slots)
        self._tokenizer: Any = None
        self._ends: frozenset[int] = frozenset()
        self._label = ""
        self._child: Child | None = None
        self._listening: asyncio.Task[None] | None = None
        self._under: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self._last = 0

    def unsupported(self, generation: Generation) -> str | None:
        """The name of what this engine cannot do for a generation, if there is any."""
        return "adapter" if generation.adapter else unknown_setting(generation.sampling, KNOWN)

    @property
    def pid(self) -> int | None:
        """The process that computes, while there is one."""
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Load the model. Raises ``ModelNotAvailable`` when OpenVINO cannot, with its reason."""
        load = wanted(self._entry, self._path)
        self._child = await Child.start("workers.engines.openvino_steps")
        try:
            self._child.send(load)
            keep = isinstance(self._entry.source, Wheel | Hub)
            self._tokenizer = await asyncio.to_thread(load_tokenizer, self._path, keep=keep)
            ready = await self._ready(self._child)
        except BaseException:
            await self.stop()
            raise
        self._ends = frozenset({*ready["ends"], self._tokenizer.eos_token_id} - {None})
        self._label = label(self._entry, self._path, ready["version"], ready["precision"])
        self._listening = asyncio.create_task(self._listen(self._child))

    async def _ready(self, child: Child) -> dict[str, Any]:
        first = await child.receive() or {"failed": "the process ended: had it too little memory?"}
        if "failed" in first:
            raise ModelNotAvailable(f"OpenVINO cannot load {self._entry.name}: {first['failed']}", param="model")
        ready: dict[str, Any] = first["ready"]
        return ready

    async def stop(self) -> None:
        """End the process that computes."""
        child, self._child = self._child, None
        if child:
            await child.stop()
        if self._listening:
            await self._listening

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """See ``Engine``. Raises ``InvalidField`` for a setting that OpenVINO has not."""
        if setting := self.unsupported(generation):
            raise refusal(self._entry.name, "openvino", setting)
        if self._child is None:
            raise Overloaded(f"{self._entry.name} is not running")
        ids = await asyncio.to_thread(prompt_of, self._tokenizer, generation, self._entry.name, self._entry.context)
        async with self._free, aclosing(self._answer(ids, generation.sampling)) as pieces:
            async for piece in pieces:
                yield piece

    async def _answer(self, ids: list[int], sampling: Sampling) -> AsyncGenerator[Piece, None]:
        room = min(sampling.max_tokens, self._entry.context - len(ids))
        answer = Answer(self._decode, sampling.stop, asked=len(ids), room=room, ends=self._ends, engine=self._label)
        id, heard = self._begin(ids, settings(sampling, room, self._ends))
        try:
            while True:
                said = await heard.get()
                self._check(said)
                tokens = said["tokens"]
                for at, token in enumerate(tokens, start=1):
                    piece = answer.feed(token, last=said["over"] and at == len(tokens))
                    if piece:
                        yield piece
                        if piece.finish_reason:
                            return
        finally:
            self._leave(id)

    def _begin(self, ids: list[int], wanted: dict[str, Any]) -> tuple[int, "asyncio.Queue[dict[str, Any]]"]:
        if self._child is None:
            raise Overloaded(f"{self._entry.name} is not running")
        self._last += 1
        self._under[self._last] = asyncio.Queue()
        self._child.send({"add": self._last, "ids": ids, "settings": wanted})
        return self._last, self._under[self._last]

    def _leave(self, id: int) -> None:
        if self._under.pop(id, None) is not None and self._child:
            self._child.send({"drop": id})

    def _check(self, said: dict[str, Any]) -> None:
        if "refused" in said:
            raise Overloaded(f"{self._entry.name} cannot take this now ({said['refused']}); shorten it or try again")
        if "broken" in said or not said["tokens"]:
            raise InternalError(f"{self._entry.name}: OpenVINO ended in the middle of the answer; try again")

    async def _listen(self, child: Child) -> None:
        """Hand what the process says to whom it is for."""
        while (line := await child.receive()) is not None:
            if "refused" in line:
                self._tell(line["refused"], {"refused": line["reason"]})
            for id, tokens, over in line.get("said", ()):
                self._tell(id, {"tokens": tokens, "over": over})
        for id in list(self._under):
            self._tell(id, {"broken": True})
        self._child = None
        await child.stop()

    def _tell(self, id: int, what: dict[str, Any]) -> None:
        if queue := self._under.get(id):
            queue.put_nowait(what)

    def _decode(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.backend_tokenizer.decode(ids, skip_special_tokens=True))


def wanted(entry: OpenvinoEntry, path: Path) -> dict[str, Any]:
    """What ``openvino_steps`` is to load. Raises ``ModelNotAvailable`` for a quantisation that it cannot make."""
    options = entry.options
    if options.quantization in ("int8", "int4"):
        raise ModelNotAvailable(
            f"{entry.name}: OpenVINO takes the weights as their file has them; for {options.quantization} name a GGUF "
            "file or OpenVINO folder in that precision, or use 'engine: transformers'"
        )
    properties: dict[str, Any] = {"INFERENCE_NUM_THREADS": thread_count(options.threads)}
    if options.quantization == "bf16":
        properties["INFERENCE_PRECISION_HINT"] = "bf16"
    if options.cache_precision != "default":
        properties["KV_CACHE_PRECISION"] = options.cache_precision
    return {"path": str(path), "slots": options.slots, "cache_gib": options.cache_gib, "properties": properties}


def settings(sampling: Sampling, room: int, ends: frozenset[int]) -> dict[str, Any]:
    """The attributes of a ``GenerationConfig``."""
    asked = sampling.model_dump(exclude_defaults=True)
    greedy = CHANCE if not sampling.temperature else frozenset()
    given = {SETTINGS[name]: value for name, value in asked.items() if name in SETTINGS and name not in greedy}
    always = {"max_new_tokens": room, "stop_token_ids": sorted(ends), "apply_chat_template": False}
    chance = {"do_sample": bool(sampling.temperature), "rng_seed": random.getrandbits(32)}
    return {**chance, **always, **given}


def label(entry: OpenvinoEntry, path: Path, version: str, precision: str) -> str:
    """What a response says it was made with, as ``openvino 2026.4.1.0 q4_1 bf16``: weights, then arithmetic."""
    cache = entry.options.cache_precision
    extra = f" cache {cache}" if cache != "default" else ""
    return f"openvino {version.split('-', maxsplit=1)[0]} {encoding(path)} {precision}{extra}"

"""What an engine is: text in, a stream of text out."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from schemas.requests import Message, Sampling
from schemas.results import FinishReason, TokenLogprob, Usage
from schemas.work import AdapterPin

__all__ = ["Classifier", "Embedder", "Engine", "Generation", "LoadAdapter", "Piece", "Reranker", "TokenLogprob"]

DEFAULTS = Sampling()

LoadAdapter = Callable[[AdapterPin], Path]
"""Brings an adapter here, verified by its digest, and says where: a folder of safetensors."""


@dataclass(frozen=True)
class Generation:
    """One thing to generate: either ``messages`` (rendered with the model's chat template) or a raw ``prompt``."""

    messages: tuple[Message, ...] = ()
    prompt: str | None = None
    sampling: Sampling = DEFAULTS
    adapter: AdapterPin | None = None


@dataclass(frozen=True)
class Piece:
    """Some text; the last piece carries why it ended, what it used, and what ``engine`` made it in what precision.

    ``logprobs`` are those of the tokens since the last piece, whether their text is shown yet or not.
    """

    text: str
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    engine: str = ""
    logprobs: tuple[TokenLogprob, ...] = ()


class Engine(Protocol):
    """One loaded model.

    ``slots`` is how many generations it takes at once. ``generate`` may be left at any piece
    (``aclose`` frees the slot); it raises errors of ``schemas.errors`` only: ``ContextTooLong``,
    ``InvalidField`` (a setting that it cannot honour: none is passed over in silence), ``ModelNotAvailable`` (an
    adapter that cannot be loaded), ``UpstreamFailed``, ``Overloaded``, ``InternalError``. It makes one choice: ``n`` is
    the caller's to carry out.
    """

    slots: int
    deterministic: bool

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]: ...


class Embedder(Protocol):
    """One loaded embedding model: one L2-normalised vector per text, and the tokens used."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], Usage]: ...


class Reranker(Protocol):
    """One loaded reranker: for each text how well it answers the query, from 0 to 1, and the tokens used."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def rerank(self, query: str, texts: Sequence[str]) -> tuple[list[float], Usage]: ...


class Classifier(Protocol):
    """One loaded classifier: for each text a score from 0 to 1 for each label, and the tokens used. Scores of labels
    that exclude each other add up to 1."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def classify(self, texts: Sequence[str]) -> tuple[list[dict[str, float]], Usage]: ...

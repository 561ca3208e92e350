"""The choices of one answer as they are made side by side, and what is said of each."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar

from schemas.requests import Sampling
from schemas.results import Choice, FinishReason, TokenLogprob, Usage
from workers.engines.port import Piece

T = TypeVar("T")
LEAST = -9999.0
"""The logprob of what cannot come, as in the OpenAI API: JSON has no infinity."""
TOKEN_CHARACTERS = 256
SEEDS = 2**63


@dataclass
class Telling:
    """One choice so far."""

    alternatives: int
    text: str = ""
    logprobs: list[TokenLogprob] = field(default_factory=list)
    reason: FinishReason = "stop"
    usage: Usage = field(default_factory=Usage)
    engine: str = ""

    def add(self, piece: Piece) -> tuple[TokenLogprob, ...]:
        """Take in a piece; its logprobs as they travel: finite, and no more of them than were asked for."""
        told = tuple(bounded(each, self.alternatives) for each in piece.logprobs)
        self.text += piece.text
        self.logprobs += told
        self.reason, self.usage = piece.finish_reason or self.reason, piece.usage or self.usage
        self.engine = piece.engine or self.engine
        return told

    @property
    def choice(self) -> Choice:
        return Choice(text=self.text, finish_reason=self.reason, logprobs=tuple(self.logprobs))


def samplings(sampling: Sampling) -> list[Sampling]:
    """What each choice is made with: one seed more than the choice before it has."""
    return [
        sampling.model_copy(update={"n": 1, "seed": None if sampling.seed is None else (sampling.seed + index) % SEEDS})
        for index in range(sampling.n)
    ]


def summed(usages: Sequence[Usage]) -> Usage:
    """What choices used together: they share their prompt."""
    first = usages[0]
    return first.model_copy(update={"completion_tokens": sum(usage.completion_tokens for usage in usages)})


def bounded(told: TokenLogprob, alternatives: int) -> TokenLogprob:
    top = tuple((token[:TOKEN_CHARACTERS], _finite(logprob)) for token, logprob in told.top[:alternatives])
    return TokenLogprob(told.token[:TOKEN_CHARACTERS], _finite(told.logprob), top)


def _finite(logprob: float) -> float:
    return round(logprob, 6) if LEAST < logprob <= 0 else 0.0 if logprob > 0 else LEAST


async def interleaved(sources: Sequence[AsyncGenerator[T, None]]) -> AsyncGenerator[tuple[int, T], None]:
    """What the sources say, with their index, as they say it. When one fails, so does the whole; when it is left, all
    are closed. What waits is bounded by what the sources say, which is kept anyway."""
    said: asyncio.Queue[tuple[int, T] | None] = asyncio.Queue()
    telling = asyncio.create_task(_tell(sources, said))
    try:
        while (heard := await said.get()) is not None:
            yield heard
        await telling
    finally:
        telling.cancel()
        await asyncio.wait({telling})


async def _tell(sources: Sequence[AsyncGenerator[T, None]], said: asyncio.Queue[tuple[int, T] | None]) -> None:
    async def tell(index: int, source: AsyncGenerator[T, None]) -> None:
        async with aclosing(source):
            async for piece in source:
                said.put_nowait((index, piece))

    try:
        async with asyncio.TaskGroup() as group:
            for index, source in enumerate(sources):
                group.create_task(tell(index, source))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    finally:
        said.put_nowait(None)

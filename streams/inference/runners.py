"""The kinds of runner: generation, embedding, and reading pictures."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from infra.metrics import Metrics
from schemas.requests import Sampling
from schemas.results import Delta, Final
from schemas.work import Work
from streams.inference.choices import Telling, interleaved, samplings, summed
from workers.engines.port import Embedder, Engine, Generation, Piece


class Generating:
    """Chat and completion on an engine; the choices of one answer are made side by side, as far as it has slots."""

    def __init__(self, engine: Engine, metrics: Metrics) -> None:
        self._engine, self._metrics = engine, metrics
        self.slots = engine.slots
        self._free = asyncio.Semaphore(engine.slots)

    async def run(self, work: Work) -> AsyncGenerator[Delta | Final, None]:
        sources = [self._generate(work, sampling) for sampling in samplings(work.sampling)]
        tellings = [Telling(work.sampling.top_logprobs) for _ in sources]
        async with aclosing(interleaved(sources)) as pieces:
            async for index, piece in pieces:
                telling = tellings[index]
                position, told = len(telling.text), len(telling.logprobs)
                logprobs = telling.add(piece)
                if work.pins.stream and (piece.text or logprobs):
                    yield delta(work, position, piece.text, index=index, told=told, logprobs=logprobs)
        yield self._whole(work, tellings)

    async def _generate(self, work: Work, sampling: Sampling) -> AsyncGenerator[Piece, None]:
        generation = Generation(
            messages=work.messages, prompt=work.prompt, sampling=sampling, adapter=work.model.adapter
        )
        async with self._free, aclosing(self._engine.generate(generation)) as pieces:
            async for piece in pieces:
                yield piece

    def _whole(self, work: Work, tellings: Sequence[Telling]) -> Final:
        usage = summed([telling.usage for telling in tellings])
        self._metrics.tokens(
            work.model.name,
            prompt=usage.prompt_tokens,
            completion=usage.completion_tokens,
            cached=usage.cached_tokens,
        )
        first, *others = (telling.choice for telling in tellings)
        return final(
            work,
            text=first.text,
            finish_reason=first.finish_reason,
            logprobs=first.logprobs,
            others=tuple(others),
            usage=usage,
            engine=tellings[0].engine,
        )


class Embedding:
    """Vectors for texts."""

    slots = 64
    """The model batches what runs together, and bounds what waits itself."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    async def run(self, work: Work) -> AsyncGenerator[Final, None]:
        vectors, usage = await self._embedder.embed(work.input)
        yield final(work, embeddings=tuple(map(tuple, vectors)), usage=usage)


def delta(work: Work, position: int, text: str, **said: Any) -> Delta:
    return Delta(id=work.id, tenant=work.tenant, trace=work.trace, pins=work.pins, position=position, text=text, **said)


def final(work: Work, **answer: object) -> Final:
    """The end of a piece of work, with what its model said."""
    return Final.model_validate(
        {"id": work.id, "tenant": work.tenant, "trace": work.trace, "pins": work.pins, "model": work.model, **answer}
    )

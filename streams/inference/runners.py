"""The kinds of runner: generation, embedding, and reading pictures."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from infra.metrics import Metrics
from schemas.results import Delta, Final, FinishReason, Usage
from schemas.work import Work
from workers.engines.port import Embedder, Engine, Generation


class Generating:
    """Chat and completion on an engine."""

    def __init__(self, engine: Engine, metrics: Metrics) -> None:
        self._engine, self._metrics = engine, metrics
        self.slots = engine.slots

    async def run(self, work: Work) -> AsyncGenerator[Delta | Final, None]:
        generation = Generation(
            messages=work.messages, prompt=work.prompt, sampling=work.sampling, adapter=work.model.adapter
        )
        text, engine, usage = "", "", Usage()
        reason: FinishReason = "stop"
        async with aclosing(self._engine.generate(generation)) as pieces:
            async for piece in pieces:
                if piece.text and work.pins.stream:
                    yield delta(work, len(text), piece.text)
                text += piece.text
                reason, usage = piece.finish_reason or reason, piece.usage or usage
                engine = piece.engine or engine
        self._metrics.tokens(
            work.model.name,
            prompt=usage.prompt_tokens,
            completion=usage.completion_tokens,
            cached=usage.cached_tokens,
        )
        yield final(work, text=text, finish_reason=reason, usage=usage, engine=engine)


class Embedding:
    """Vectors for texts."""

    slots = 4

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    async def run(self, work: Work) -> AsyncGenerator[Final, None]:
        vectors, usage = await self._embedder.embed(work.input)
        yield final(work, embeddings=tuple(map(tuple, vectors)), usage=usage)


def delta(work: Work, position: int, text: str) -> Delta:
    return Delta(id=work.id, tenant=work.tenant, trace=work.trace, pins=work.pins, position=position, text=text)


def final(work: Work, **answer: object) -> Final:
    """The end of a piece of work, with what its model said."""
    return Final.model_validate(
        {"id": work.id, "tenant": work.tenant, "trace": work.trace, "pins": work.pins, "model": work.model, **answer}
    )

"""Our engines through their port, without Kafka; options: ``manifest`` (a file), ``model``, ``state``, ``adapters``
(name to folder)."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.runtimes.lines import Job, Outcome, Work, serve
from schemas.errors import HeadraceError
from schemas.requests import Message, Sampling
from schemas.work import AdapterPin
from workers.engines.build import build, needs_files
from workers.engines.port import Engine, Generation
from workers.models.manifest import Manifest
from workers.models.store import fetch


class Ours:
    """One engine on a loop of its own."""

    def __init__(self, engine: Engine, adapters: Mapping[str, str]) -> None:
        self._engine, self._adapters = engine, adapters
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._runner.run(engine.start())

    def work(self, job: Job) -> Outcome:
        return self._runner.run(self._all(job))

    async def _all(self, job: Job) -> Outcome:
        outcome, slots, firsts = Outcome(0), asyncio.Semaphore(job.at_once), dict[int, float]()

        async def one(at: int) -> None:
            async with slots:
                try:
                    firsts[at] = await self._one(job, at, outcome)
                except HeadraceError as error:
                    outcome.failed.append(f"{error.code}: {error.message}")

        await asyncio.gather(*(one(at) for at in range(len(job.prompts))))
        outcome.first_s = [firsts[at] for at in sorted(firsts)]
        return outcome

    async def _one(self, job: Job, at: int, outcome: Outcome) -> float:
        """Seconds to its first token."""
        began, first = time.perf_counter(), None
        async for piece in self._engine.generate(self._generation(job, at)):
            if first is None and piece.text:
                first = time.perf_counter() - began
            if piece.usage:
                outcome.tokens += piece.usage.completion_tokens
        return first if first is not None else time.perf_counter() - began

    def _generation(self, job: Job, at: int) -> Generation:
        sampling = Sampling(max_tokens=job.max_tokens, temperature=0)
        adapter = self._pin(job.adapters[at]) if job.adapters else None
        if job.chat:
            messages = (Message(role="user", content=job.prompts[at]),)
            return Generation(messages=messages, sampling=sampling, adapter=adapter)
        return Generation(prompt=job.prompts[at], sampling=sampling, adapter=adapter)

    def _pin(self, name: str) -> AdapterPin | None:
        """An adapter by its folder; the digest is of the name, which tells the adapters of a bench apart."""
        if not name:
            return None
        return AdapterPin(name=name, version="1", uri=self._adapters[name], sha256=name.encode().hex().rjust(64, "0"))


def load(options: dict[str, Any]) -> Work:
    entry = Manifest.load(Path(options["manifest"])).entry(options["model"])
    path = fetch(entry, Path(options["state"])) if needs_files(entry) else None
    engine = build(entry, path, lambda pin: Path(pin.uri))
    return Ours(engine, options.get("adapters", {})).work


if __name__ == "__main__":
    serve(load)

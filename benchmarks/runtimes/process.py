"""A runtime as the bench sees it: a child process with a loaded model."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from benchmarks.peers.install import PEERS
from benchmarks.report import CannotRun
from benchmarks.runtimes.lines import Job, Outcome

LOAD_S = 600.0
JOB_S = 900.0
LINE = 2**22


@dataclass(frozen=True)
class Runtime:
    """``module`` of this package, in our environment or in that of ``peer``. A ``sequential`` one has no batches: it is
    given a few prompts only."""

    name: str
    module: str
    options: Mapping[str, Any]
    peer: str | None = None
    sequential: bool = False
    shares_prefix: bool = False

    @property
    def python(self) -> str:
        return str(PEERS[self.peer].path) if self.peer else sys.executable

    def missing(self) -> str | None:
        return PEERS[self.peer].missing() if self.peer else None


class Loaded:
    """A runtime that takes jobs, one at a time."""

    def __init__(self, runtime: Runtime, process: asyncio.subprocess.Process) -> None:
        self.runtime, self.process = runtime, process

    async def do(self, job: Job) -> Outcome:
        """Raises ``RuntimeError`` when the process ends instead."""
        if self.process.stdin is None:
            raise RuntimeError(f"{self.runtime.name} takes no jobs")
        self.process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
        return Outcome(**await self.said(JOB_S))

    async def said(self, timeout_s: float) -> dict[str, Any]:
        if self.process.stdout is None:
            raise RuntimeError(f"{self.runtime.name} says nothing")
        async with asyncio.timeout(timeout_s):
            line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.runtime.name} ended")
        said: dict[str, Any] = json.loads(line)
        if "error" in said:
            raise RuntimeError(str(said["error"]))
        return said

    async def end(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.communicate()


@asynccontextmanager
async def loaded(runtimes: Sequence[Runtime]) -> AsyncIterator[tuple[list[Loaded], dict[str, str]]]:
    """Those that could be loaded, one after the other, and why others could not. Raises ``CannotRun`` without any."""
    ready: list[Loaded] = []
    absent: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        for runtime in runtimes:
            if why := runtime.missing():
                absent[runtime.name] = why
                continue
            one = await _start(runtime)
            stack.push_async_callback(one.end)
            try:
                await one.said(LOAD_S)
                ready.append(one)
            except (RuntimeError, TimeoutError) as error:
                absent[runtime.name] = str(error) or "it did not load in time"
                await one.end()
        if not ready:
            raise CannotRun("; ".join(f"{name}: {why}" for name, why in absent.items()))
        yield ready, absent


async def _start(runtime: Runtime) -> Loaded:
    with TemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            runtime.python,
            "-m",
            f"benchmarks.runtimes.{runtime.module}",
            json.dumps(dict(runtime.options)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None if os.environ.get("HEADRACE_BENCH_VERBOSE") else errors,
            limit=LINE,
            env={**os.environ, "PYTHONPATH": str(Path.cwd()), "TOKENIZERS_PARALLELISM": "false"},
        )
    return Loaded(runtime, process)

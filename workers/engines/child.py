"""A process of our own that speaks lines of JSON."""

import asyncio
import sys
from typing import Any

import orjson

LINE_BYTES = 2**24
STOP_S = 5.0


class Child:
    """``module`` run by this interpreter. ``send`` never waits: what is written is bounded by who writes it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, module: str) -> "Child":
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", module)
        return cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=LINE_BYTES))

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, what: dict[str, Any]) -> None:
        """One line to it; one to a process that has ended is lost, and the next ``receive`` says so."""
        if self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(orjson.dumps(what) + b"\n")

    async def receive(self) -> dict[str, Any] | None:
        """Its next line; ``None`` when it has ended."""
        assert self._process.stdout  # noqa: S101  (it was started with a pipe)
        try:
            line = await self._process.stdout.readline()
            value: dict[str, Any] = orjson.loads(line)
        except ValueError:
            return None
        return value

    async def stop(self) -> None:
        """Close its input and wait until it ends; kill it when it does not."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

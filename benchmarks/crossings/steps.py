"""The crossings of a request with no work in them: which topic follows which, for every way to make them.

``requests`` -> ``work`` and ``audit`` -> ``results`` -> ``responses`` and ``audit``; the bytes stay as they are.
In and out are one process, the worker is another.
"""

import argparse
import asyncio
from dataclasses import dataclass

AT_ONCE = 64
TOPICS = ("requests", "work", "results", "responses", "audit")
PAUSE_S = 0.05
PAUSE = b'"model":"pause"'


@dataclass(frozen=True)
class Step:
    """What comes in on ``reads`` goes out on each of ``writes``."""

    reads: str
    writes: tuple[str, ...]
    works: bool = False

    async def work(self, value: bytes) -> None:
        """The model double: a pause for those who ask for one."""
        if self.works and PAUSE in value:
            await asyncio.sleep(PAUSE_S)


PROCESSES = {
    "control": (Step("requests", ("work", "audit")), Step("results", ("responses", "audit"))),
    "worker": (Step("work", ("results",), works=True),),
}


@dataclass(frozen=True)
class Place:
    """Where a process of the crossings runs."""

    process: str
    servers: str
    prefix: str

    @property
    def steps(self) -> tuple[Step, ...]:
        return PROCESSES[self.process]

    def topic(self, name: str) -> str:
        return f"{self.prefix}.{name}"

    @classmethod
    def parse(cls, parser: argparse.ArgumentParser) -> "Place":
        return cls.of(cls.arguments(parser).parse_args())

    @staticmethod
    def arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
        parser.add_argument("process", choices=PROCESSES)
        parser.add_argument("servers")
        parser.add_argument("prefix")
        return parser

    @classmethod
    def of(cls, given: argparse.Namespace) -> "Place":
        return cls(given.process, given.servers, given.prefix)

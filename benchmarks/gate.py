"""A gate against regressions of the hot paths: bytecode instructions that one record takes, not wall-clock time.

    python -m benchmarks.gate            compare with gate.json: 1 if a path takes over a tenth more
    python -m benchmarks.gate --record   write what is measured now

What C code does (pydantic, orjson, zlib) counts as the one instruction that calls it, so this sees what Python code
adds, and nothing of what a library or the machine does. Counts differ between versions of Python; each has its own.
"""

import argparse
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, cast

import orjson
import uvloop
from faust.types.tuples import TP, Message

from infra.broker import KafkaPublisher, Record
from infra.redis import Command, Store
from infra.settings import LimitSettings, Settings
from schemas.responses import Response
from schemas.results import Final, Usage
from schemas.work import Work
from streams.app import Parts, Shared, requests_in, way_out
from streams.delivery import deliver, guarded
from streams.release.answered import Answered
from tests.streams.making import Log

RECORDED = Path(__file__).with_name("gate.json")
SLACK = 1.10
WARM, COUNTED = 20, 20
PATHS = ("way in", "way out", "hand-over")


class Instructions:
    """Counts the bytecode instructions of this thread while it is entered."""

    def __init__(self) -> None:
        self.count = 0
        self._before: Any = None

    def __enter__(self) -> "Instructions":
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _trace(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "call":
            if frame.f_code.co_filename == __file__:
                return None
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        elif event == "opcode":
            self.count += 1
        return self._trace


class MemoryStore(Store):
    """A Redis that answers at once and knows only what these paths ask."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._held: dict[object, object] = {}

    async def _exchange(self, commands: list[Command]) -> list[Any]:
        return [self._answer(*command) for command in commands]

    def _answer(self, name: object, key: object, *rest: object) -> object:
        if name == "GET":
            return self._held.get(key)
        if name == "SET":
            if "NX" in rest and key in self._held:
                return None
            self._held[key] = rest[0]
            return b"OK"
        return [0, b"0"]  # a script's word that nothing is in the way


class Unanswered(Answered):
    """Nothing was answered before."""

    async def digest(self, partition: int, tenant: str | None, request_id: str, admitted: datetime) -> str | None:
        return None

    def remember(self, partition: int, response: Response) -> None:
        """Nothing is remembered either."""


class Event:
    """What a Faust stream yields."""

    def __init__(self, record: Record) -> None:
        self.message = Message(
            record.topic,
            record.partition,
            record.offset,
            timestamp=0.0,
            timestamp_type=0,
            headers=[],
            key=record.key,
            value=record.value,
            checksum=None,
            tp=TP(record.topic, record.partition),
        )

    def ack(self) -> None:
        """Nobody commits here."""


class Stream:
    """A Faust stream of these records."""

    def __init__(self, records: list[Record]) -> None:
        self._events = [Event(record) for record in records]

    def noack(self) -> "Stream":
        return self

    async def events(self) -> Any:
        for event in self._events:
            yield event


class Paths:
    """The hot paths on parts in memory."""

    def __init__(self, settings: Settings) -> None:
        self._log = Log()
        parts = Parts.of(settings, "gate")
        parts = replace(parts, publisher=cast(KafkaPublisher, self._log), store=MemoryStore(settings))
        shared = Shared.of(settings, parts)
        inward, outward = (
            requests_in(settings, parts, shared),
            way_out(parts, shared, Unanswered(settings, shared.answers)),
        )
        self._limits, self._metrics = settings.limits, parts.metrics
        self._in = guarded(inward, inward.give_up, settings.limits, parts.metrics, "in")
        self._out = guarded(outward, outward.give_up, settings.limits, parts.metrics, "out")

    async def count(self) -> dict[str, int]:
        """Instructions a record takes on each path."""
        asked = [request(number) for number in range(WARM + COUNTED)]
        inward = await self._each(self._in, asked)
        results = [result(Work.model_validate_json(value)) for value in self._said("work.text")]
        outward = await self._each(self._out, results)
        if len(self._said("responses")) != len(asked):
            raise RuntimeError("the paths did not answer every request: their counts mean nothing")
        return dict(zip(PATHS, (inward, outward, await hand_over(asked)), strict=True))

    async def _each(self, handle: Callable[[Record], Awaitable[None]], records: list[Record]) -> int:
        for record in records[:WARM]:
            await handle(record)
        with Instructions() as instructions:
            for record in records[WARM:]:
                await handle(record)
        return instructions.count // COUNTED

    def _said(self, topic: str) -> list[bytes]:
        return [value or b"" for said, _, value, _, _ in self._log.said if said.endswith(f".{topic}")]


async def hand_over(records: list[Record]) -> int:
    """From Faust's stream to a handler that does nothing."""

    async def handle(record: Record) -> None:
        pass

    await deliver(Stream(records[:WARM]), handle, in_flight=16)
    with Instructions() as instructions:
        await deliver(Stream(records[WARM:]), handle, in_flight=16)
    return instructions.count // COUNTED


def request(number: int) -> Record:
    text = f"How are you, number {number}? Write to ann@example.com. 你好吗"
    body = {"id": f"r-{number}", "model": "echo", "messages": [{"role": "user", "content": text}]}
    return Record("headrace.requests", 0, number, f"r-{number}".encode(), orjson.dumps(body), [], 0)


def result(work: Work) -> Record:
    """What a worker says to it."""
    final = Final(
        id=work.id,
        tenant=work.tenant,
        pins=work.pins,
        model=work.model,
        text="Fine, and how are you? 很好",
        usage=Usage(prompt_tokens=20, completion_tokens=8),
    )
    return Record("headrace.results", 0, 0, work.id.encode(), final.model_dump_json().encode(), [], 0)


def measured() -> dict[str, int]:
    with TemporaryDirectory() as folder:
        limits = LimitSettings(requests_per_minute=1_000_000)
        return uvloop.run(Paths(Settings(state=Path(folder), limits=limits)).count())


def verdicts(now: dict[str, int], then: dict[str, int]) -> list[tuple[str, bool]]:
    """A line for each path, and whether it passes; one that was never recorded does."""
    lines = []
    for path, count in now.items():
        before = then.get(path)
        change = f", recorded were {before} ({count / before - 1:+.1%})" if before else ", nothing is recorded"
        lines.append((f"{path}: {count} instructions a record{change}", before is None or count <= before * SLACK))
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write what is measured now")
    given = parser.parse_args()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    recorded = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    now = measured()
    if given.record:
        RECORDED.write_text(json.dumps({**recorded, version: now}, indent=1) + "\n")
        recorded[version] = now
    lines = verdicts(now, recorded.get(version, {}))
    print("\n".join(line if passes else f"{line}: too many" for line, passes in lines))
    return 0 if all(passes for _, passes in lines) else 1


if __name__ == "__main__":
    sys.exit(main())

"""A client that publishes to ``requests`` and reads ``responses`` and ``chunks``."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import orjson

from benchmarks.load import Answer, Question
from infra.broker import KafkaPublisher, Record
from infra.reader import Follower
from infra.settings import KafkaSettings
from infra.topics import Names

TIMEOUT_S = 60.0


def completed(value: bytes) -> bool:
    """Whether a response of the platform is an answer, not an end without one."""
    return b'"status":"completed"' in value


class KafkaClient:
    """Asks, and notes when the first chunk and the whole answer are there."""

    def __init__(
        self, kafka: KafkaSettings, *, good: Callable[[bytes], bool] = completed, chunks: bool = False
    ) -> None:
        self._names, self._good = Names(kafka), good
        self._publisher = KafkaPublisher(kafka, client_id="bench")
        topics = [self._names("responses"), *([self._names("chunks")] if chunks else [])]
        self._follower = Follower(kafka, topics, self._apply, since="latest", client_id="bench")
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._first: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        await self._publisher.start()
        await self._follower.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._follower.stop()
        await self._publisher.stop()

    async def ask(self, question: Question) -> Answer:
        """Raises ``RuntimeError`` at an end without an answer, ``TimeoutError`` when there is none."""
        answered = self._waiting[question.id] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        try:
            await self._publisher.publish(self._names("requests"), body(question), key=question.id)
            async with asyncio.timeout(TIMEOUT_S):
                value = await answered
        finally:
            self._waiting.pop(question.id, None)
            first = self._first.pop(question.id, None)
        ended = time.perf_counter()
        if not self._good(value):
            raise RuntimeError(value[-600:].decode(errors="replace"))
        return Answer((first or ended) - began, ended - began, tokens(value) if question.stream else 0)

    def _apply(self, record: Record) -> None:
        name = (record.key or b"").decode()
        waiting = self._waiting.get(name)
        if waiting is None or waiting.done():
            return
        self._first.setdefault(name, time.perf_counter())
        if record.topic == self._names("responses"):
            waiting.set_result(record.value or b"")


def body(question: Question) -> bytes:
    """The request as it stands on ``requests``."""
    asked = {
        "id": question.id,
        "model": question.model,
        "messages": [{"role": "user", "content": question.text}],
        "max_tokens": question.max_tokens,
    }
    if question.stream:
        asked["stream"] = True
    if question.priority != "interactive":
        asked["priority"] = question.priority
    return orjson.dumps(asked)


def tokens(value: bytes) -> int:
    return int(orjson.loads(value)["usage"]["completion_tokens"])

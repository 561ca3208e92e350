"""A client of the OpenAI API."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from benchmarks.load import Answer, Question

TIMEOUT_S = 60.0


class HttpClient:
    """Asks ``<base>/chat/completions``."""

    def __init__(self, base: str, headers: Mapping[str, str]) -> None:
        self._url = f"{base}/chat/completions"
        self._headers = {"Content-Type": "application/json", **headers}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            headers=self._headers,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def ask(self, question: Question) -> Answer:
        """Raises ``RuntimeError`` when the server does not answer with 200, or breaks off."""
        if self._session is None:
            raise RuntimeError("the client is not open")
        began = time.perf_counter()
        try:
            async with self._session.post(self._url, data=body(question)) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"{answer.status}: {(await answer.text())[:300]}")
                if question.stream:
                    return await _streamed(answer, began)
                await answer.read()
        except aiohttp.ClientError as error:
            raise RuntimeError(repr(error)) from error
        took = time.perf_counter() - began
        return Answer(took, took)


async def _streamed(answer: aiohttp.ClientResponse, began: float) -> Answer:
    """Reads server-sent events; the first delta with content is the first of the answer."""
    first, said = None, 0
    async for line in answer.content:
        if not line.startswith(b"data: {"):
            continue
        event = orjson.loads(line[6:])
        if first is None and any(choice["delta"].get("content") for choice in event["choices"]):
            first = time.perf_counter() - began
        said = (event.get("usage") or {}).get("completion_tokens", said)
    took = time.perf_counter() - began
    return Answer(first or took, took, said)


def body(question: Question) -> bytes:
    asked: dict[str, Any] = {
        "model": question.model,
        "messages": [{"role": "user", "content": question.text}],
        "max_tokens": question.max_tokens,
    }
    if question.stream:
        asked |= {"stream": True, "stream_options": {"include_usage": True}}
    return orjson.dumps(asked)

"""Any server of the OpenAI API: vLLM, SGLang, llama.cpp's server, a cloud."""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, cast, get_args

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from schemas.errors import (
    ContextTooLong,
    HeadraceError,
    InvalidField,
    InvalidRequest,
    ModelNotAvailable,
    Overloaded,
    TooLarge,
    Unavailable,
    UpstreamFailed,
)
from schemas.results import FinishReason, Usage
from workers.engines.asking import body
from workers.engines.circuit import Circuit
from workers.engines.port import Generation, Piece
from workers.engines.sse import Chunk, chunks
from workers.models.manifest import RemoteEntry

MAX_WAIT_S = 30.0
ERROR_BYTES = 64 * 2**10


class RemoteEngine:
    """An ``Engine``. Retries, with growing and random pauses, end with the first piece: what was said is not unsaid."""

    deterministic = False

    def __init__(self, entry: RemoteEntry, pause: Callable[[int], float] | None = None) -> None:
        self._entry, self._options = entry, entry.options
        self._pause = pause or self._backoff
        self.slots = entry.options.slots
        self._free = asyncio.Semaphore(self.slots)
        self._circuit = Circuit(entry.name, entry.options.failures, entry.options.rest_s)
        self._session: ClientSession | None = None

    async def start(self) -> None:
        """Open the connection pool. Raises ``ModelNotAvailable`` when the key's environment variable is not set."""
        options = self._options
        key = os.environ.get(options.api_key_env, "").strip() if options.api_key_env else ""
        if options.api_key_env and not key:
            raise ModelNotAvailable(f"set {options.api_key_env} to the API key of {self._entry.name}")
        timeout = ClientTimeout(total=None, connect=options.connect_timeout_s, sock_read=options.timeout_s)
        self._session = ClientSession(timeout=timeout, headers={"Authorization": f"Bearer {key}"} if key else None)

    async def stop(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """See ``Engine``."""
        if generation.adapter:
            raise ModelNotAvailable(
                f"{self._entry.name} is remote and cannot load the adapter {generation.adapter.name}"
            )
        async with self._free:
            with self._circuit.attempt():
                async with aclosing(self._persistent(generation)) as pieces:
                    async for piece in pieces:
                        yield piece

    async def _persistent(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        for attempt in range(self._options.retries + 1):
            begun = False
            try:
                async with aclosing(self._once(generation)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                return
            except Unavailable as error:
                if begun or not error.retriable or attempt == self._options.retries:
                    raise
                wait = error.retry_after
            await asyncio.sleep(min(MAX_WAIT_S, self._pause(attempt) if wait is None else wait))

    def _backoff(self, attempt: int) -> float:
        """Full jitter: between zero and a bound that doubles with each attempt."""
        return random.uniform(0, self._options.backoff_s * 2**attempt)  # noqa: S311

    async def _once(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        try:
            async with self._post(generation) as response:
                if response.status != 200:
                    raise await refusal(self._entry, response)
                events = chunks(response.content.iter_any(), self._options.answer_bytes)
                async for piece in self._pieces(events, generation.sampling.logprobs):
                    yield piece
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            raise failure(self._entry, error) from error

    def _post(self, generation: Generation) -> Any:
        if self._session is None:
            raise Overloaded(f"{self._entry.name} is not running")
        path = "completions" if generation.prompt is not None else "chat/completions"
        url = f"{self._options.base_url.rstrip('/')}/{path}"
        return self._session.post(url, json=body(self._options.model, generation), allow_redirects=False)

    async def _pieces(self, events: AsyncIterator[Chunk], logprobs: bool) -> AsyncIterator[Piece]:
        reason, usage, said = None, None, 0
        async for event in events:
            if event.error:
                raise mapped(self._entry, 500, event.error.code, event.error.message)
            reason = event.finish_reason or reason
            usage = event.usage or usage
            told = event.logprobs if logprobs else ()
            if event.text and logprobs and not (told or said):
                raise InvalidField(f"{self._entry.name} tells no logprobs: leave them out", param="logprobs")
            if event.text or told:
                said += 1
                yield Piece(event.text, logprobs=told)
        if reason is None:
            raise UpstreamFailed(f"{self._entry.name} ended its answer in the middle")
        counts = usage.model_dump() if usage else {"completion_tokens": said}
        yield Piece("", finish_reason(reason), Usage(**counts))


def finish_reason(reason: str) -> FinishReason:
    """The server's reason where it is one of ours, else ``stop`` (as for ``tool_calls``)."""
    return cast(FinishReason, reason) if reason in get_args(FinishReason) else "stop"


async def refusal(entry: RemoteEntry, response: ClientResponse) -> HeadraceError:
    """The error that a response other than 200 means, with the server's ``Retry-After`` where it gives seconds."""
    said = await response.content.read(ERROR_BYTES)
    try:
        event = Chunk.model_validate_json(said)
    except ValueError:
        event = Chunk()
    code, message = (event.error.code, event.error.message) if event.error else (None, "")
    error = mapped(entry, response.status, code, message)
    seconds = response.headers.get("Retry-After", "")
    if isinstance(error, Unavailable) and seconds.isascii() and seconds.isdigit():
        error.retry_after = float(seconds[:6])
    return error


def mapped(entry: RemoteEntry, status: int, code: str | int | None, message: str) -> HeadraceError:
    """A status of the server, with its error code and message, as one of our errors."""
    if code == "context_length_exceeded" or "maximum context length" in message:
        return ContextTooLong(f"the prompt is too long for {entry.name}: {message[:200]}", param="messages")
    error, words = STATUSES.get(status, (UpstreamFailed, "{name} failed with status {status}; see its server's log"))
    options = entry.options
    return error(
        words.format(name=entry.name, status=status, model=options.model, url=options.base_url, key=options.api_key_env)
        + (f": {message[:200]}" if error is InvalidRequest else "")
    )


_REFUSED = (InvalidRequest, "{name} refuses the request")
_KEY = (ModelNotAvailable, "{name} refuses the API key; check the environment variable of api_key_env ({key})")
_FULL = (Overloaded, "{name} has no room now (status {status}); try again later")
STATUSES: dict[int, tuple[type[HeadraceError], str]] = {
    400: _REFUSED,
    401: _KEY,
    403: _KEY,
    404: (ModelNotAvailable, "there is no {model!r} at {url}; check both"),
    413: (TooLarge, "the request is too large for {name}; shorten it"),
    422: _REFUSED,
    429: _FULL,
    503: _FULL,
    529: _FULL,
}
"""What statuses mean; any other is a failure of the server."""


def failure(entry: RemoteEntry, error: Exception) -> UpstreamFailed:
    """What a broken connection, a silence or nonsense on the wire means."""
    if isinstance(error, TimeoutError):
        return UpstreamFailed(f"{entry.name} was silent for too long; see timeout_s and connect_timeout_s")
    return UpstreamFailed(f"{entry.name} cannot be reached at {entry.options.base_url} ({type(error).__name__})")

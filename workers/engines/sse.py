"""Server-sent events of a streaming completion (WHATWG HTML, section 9.2), read within bounds."""

from collections.abc import AsyncIterable, AsyncIterator
from itertools import zip_longest

from pydantic import Field, ValidationError

from schemas.base import Frozen
from schemas.errors import UpstreamFailed
from schemas.results import TokenLogprob

LINE_BYTES = 2**20


class TokenCounts(Frozen):
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class Said(Frozen):
    content: str | None = None


class Alternative(Frozen):
    token: str
    logprob: float


class Told(Alternative):
    top_logprobs: tuple[Alternative, ...] = ()


class Logprobs(Frozen):
    """``content`` in a chat, lists side by side in a completion."""

    content: tuple[Told, ...] | None = None
    tokens: tuple[str, ...] = ()
    token_logprobs: tuple[float | None, ...] = ()
    top_logprobs: tuple[dict[str, float] | None, ...] | None = None

    @property
    def by_token(self) -> tuple[TokenLogprob, ...]:
        if self.content is not None:
            return tuple(
                TokenLogprob(each.token, each.logprob, tuple((top.token, top.logprob) for top in each.top_logprobs))
                for each in self.content
            )
        told = zip_longest(self.tokens, self.token_logprobs[: len(self.tokens)], self.top_logprobs or ())
        return tuple(
            TokenLogprob(token, logprob, tuple((top or {}).items()))
            for token, logprob, top in told
            if token is not None and logprob is not None
        )


class Choice(Frozen):
    """``delta`` in a chat, ``text`` in a completion."""

    delta: Said = Said()
    text: str | None = None
    logprobs: Logprobs | None = None
    finish_reason: str | None = None


class Failed(Frozen):
    message: str = ""
    code: str | int | None = None


class Chunk(Frozen):
    """One event of a stream; what is not named here is not read."""

    choices: tuple[Choice, ...] = ()
    usage: TokenCounts | None = None
    error: Failed | None = None

    @property
    def text(self) -> str:
        return "".join(choice.delta.content or choice.text or "" for choice in self.choices[:1])

    @property
    def logprobs(self) -> tuple[TokenLogprob, ...]:
        told = self.choices[0].logprobs if self.choices else None
        return told.by_token if told else ()

    @property
    def finish_reason(self) -> str | None:
        return self.choices[0].finish_reason if self.choices else None


async def chunks(body: AsyncIterable[bytes], most: int) -> AsyncIterator[Chunk]:
    """The events up to ``[DONE]`` or the end. Raises ``UpstreamFailed`` for more than ``most`` bytes, and for an
    event that is no chunk."""
    async for line in lines(body, most):
        if not line.startswith(b"data:"):
            continue
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            return
        try:
            yield Chunk.model_validate_json(data)
        except ValidationError as error:
            raise UpstreamFailed("the model server sent an event that is no completion chunk") from error


async def lines(body: AsyncIterable[bytes], most: int) -> AsyncIterator[bytes]:
    """The lines of a body, without their ends; a last one without an end is cut off and not read."""
    held, total = b"", 0
    async for part in body:
        total += len(part)
        *whole, held = (held + part).split(b"\n")
        if total > most or len(held) > LINE_BYTES:
            raise UpstreamFailed(f"the model server sent more than the {most} bytes that an answer may have")
        for line in whole:
            yield line

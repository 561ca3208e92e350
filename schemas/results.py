"""What the inner side says about a request on ``headrace.results``: raw, read by the way out only."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from schemas.base import Event, Frozen
from schemas.errors import ErrorBody
from schemas.screening import Finding
from schemas.work import Attachment, ModelPin, Pins, Work

FinishReason = Literal["stop", "length", "content_filter", "abort"]
Status = Literal["completed", "refused", "blocked", "failed", "expired", "cancelled"]


class Usage(Frozen):
    """Tokens in, out and taken from a prefix cache."""

    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    cached_tokens: int = Field(default=0, ge=0)

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True)
class TokenLogprob:
    """A token's text, the natural logarithm of its probability, and the likeliest tokens at its place with theirs."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


class Choice(Frozen):
    """One of several answers to one request."""

    text: str = ""
    finish_reason: FinishReason = "stop"
    logprobs: tuple[TokenLogprob, ...] = ()


class _Result(Event):
    pins: Pins


class Delta(_Result):
    """A piece of a streamed choice; ``position`` is the number of characters before it, ``told`` that of logprobs."""

    kind: Literal["delta"] = "delta"
    index: int = Field(default=0, ge=0)
    position: int = Field(ge=0)
    text: str
    told: int = Field(default=0, ge=0)
    logprobs: tuple[TokenLogprob, ...] = ()


class Final(_Result):
    """The whole answer: its first choice, and ``others`` after it. Terminal."""

    kind: Literal["final"] = "final"
    text: str = ""
    embeddings: tuple[tuple[float, ...], ...] = ()
    scores: dict[str, float] = Field(default_factory=dict)
    finish_reason: FinishReason = "stop"
    logprobs: tuple[TokenLogprob, ...] = ()
    others: tuple[Choice, ...] = ()
    usage: Usage = Usage()
    model: ModelPin | None = None
    engine: str = ""
    """What ran the model, and in what precision."""
    cached: bool = False
    file: Attachment | None = None
    found: tuple[Finding, ...] = ()
    """For uploads: what was seen in the picture itself; the text read stands in ``text``."""

    @property
    def choices(self) -> tuple[Choice, ...]:
        first = Choice(text=self.text, finish_reason=self.finish_reason, logprobs=self.logprobs)
        return (first, *self.others)


class Ended(_Result):
    """An end without an answer. Terminal."""

    kind: Literal["ended"] = "ended"
    status: Literal["refused", "blocked", "failed", "expired", "cancelled"]
    error: ErrorBody
    model: ModelPin | None = None


class Handover(_Result):
    """Not an end: another pool has the next leg. ``read`` is text out of untrusted media that the next
    leg contains and that must be screened before it; ``reason`` is an error code when this is a fallback."""

    kind: Literal["handover"] = "handover"
    work: Work
    model: ModelPin | None = None
    read: str = ""
    reason: str = ""


Result = Annotated[Delta | Final | Ended | Handover, Field(discriminator="kind")]
RESULT: TypeAdapter[Delta | Final | Ended | Handover] = TypeAdapter(Result)

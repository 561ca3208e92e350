"""What clients read: one terminal ``Response`` per request, and ``Chunk``s for those who stream."""

from pydantic import Field

from schemas.base import Digest, Event, Frozen, Source
from schemas.errors import ErrorBody
from schemas.requests import Kind
from schemas.results import Choice, FinishReason, Status, TokenLogprob, Usage
from schemas.screening import Verdict
from schemas.work import Attachment


class Versions(Frozen):
    """With what the answer was made."""

    model: str | None = None
    engine: str | None = None
    """What ran the model, and in what precision, as "openvino 2026.4.1 q4_1"."""
    adapter: str | None = None
    prompt: str | None = None
    policy: str
    rules: str


class Response(Event):
    """The end of a request; ``id`` is the request's id. It cannot be built without a verdict.

    ``text``, ``finish_reason`` and ``logprobs`` are of the first choice, ``others`` are those after it.
    ``of`` is set when a record reused an id for other content: then ``id`` is ``<of>#<digest>``.
    """

    kind: Kind | str
    status: Status
    text: str = ""
    embeddings: tuple[tuple[float, ...], ...] = ()
    scores: dict[str, float] = Field(default_factory=dict)
    finish_reason: FinishReason = "stop"
    logprobs: tuple[TokenLogprob, ...] = ()
    others: tuple[Choice, ...] = ()
    usage: Usage = Usage()
    error: ErrorBody | None = None
    verdict: Verdict
    prompt_verdict: Verdict
    versions: Versions
    cached: bool = False
    digest: Digest
    source: Source
    of: str | None = None
    file: Attachment | None = None
    subject: str | None = None
    """The data key of whom it is about, where personal content is sealed."""

    @property
    def choices(self) -> tuple[Choice, ...]:
        first = Choice(text=self.text, finish_reason=self.finish_reason, logprobs=self.logprobs)
        return (first, *self.others)


class Chunk(Event):
    """Screened text of a streamed choice; ``position`` is the number of its characters before it, ``told`` that of
    its logprobs."""

    index: int = Field(default=0, ge=0)
    position: int = Field(ge=0)
    text: str
    told: int = Field(default=0, ge=0)
    logprobs: tuple[TokenLogprob, ...] = ()
    subject: str | None = None

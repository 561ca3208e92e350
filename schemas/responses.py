"""What clients read: one terminal ``Response`` per request, and ``Chunk``s for those who stream."""

from pydantic import Field

from schemas.base import Digest, Event, Frozen, Source
from schemas.errors import ErrorBody
from schemas.requests import Kind
from schemas.results import FinishReason, Status, Usage
from schemas.screening import Verdict
from schemas.work import Attachment


class Versions(Frozen):
    """With what the answer was made."""

    model: str | None = None
    adapter: str | None = None
    prompt: str | None = None
    policy: str
    rules: str


class Response(Event):
    """The end of a request; ``id`` is the request's id. It cannot be built without a verdict.

    ``of`` is set when a record reused an id for other content: then ``id`` is ``<of>#<digest>``.
    """

    kind: Kind | str
    status: Status
    text: str = ""
    embeddings: tuple[tuple[float, ...], ...] = ()
    scores: dict[str, float] = Field(default_factory=dict)
    finish_reason: FinishReason = "stop"
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


class Chunk(Event):
    """Screened text of a streamed answer; ``position`` is the number of characters before it."""

    position: int = Field(ge=0)
    text: str

"""Admitted work for the pools, and what is pinned into it.

Everything that could make a second opinion differ is decided once, at admission, and travels with
the work and its results: the way out only applies it.
"""

from typing import Literal

from pydantic import AwareDatetime, Field

from schemas.base import Digest, Event, Frozen, Identifier, Source
from schemas.requests import Kind, Message, Priority, Sampling
from schemas.screening import Finding, Verdict

Pool = Literal["text", "vision", "speech", "embed", "remote"]
WorkKind = Literal["chat", "completion", "embedding", "classify", "rerank", "read"]


class AdapterPin(Frozen):
    """One adapter version: a directory of safetensors in the object store and its digest."""

    name: Identifier
    version: str
    uri: str
    sha256: Digest


class ModelPin(Frozen):
    """One model at one version, and the pool that runs it. ``version`` is a digest of its manifest entry."""

    name: Identifier
    version: str
    pool: Pool
    local: bool = True
    adapter: AdapterPin | None = None

    def __str__(self) -> str:
        return f"{self.name}@{self.version}" + (f"+{self.adapter.name}@{self.adapter.version}" if self.adapter else "")


class Attachment(Frozen):
    """A checked upload in the object store (claim check). ``name`` is for people only."""

    file_id: Identifier
    uri: str
    sha256: Digest
    media_type: str
    bytes: int = Field(ge=0)
    name: str = ""
    found: tuple[Finding, ...] = ()
    """What is seen in a picture, where somebody looks."""


class Pins(Frozen):
    """What admission decided about a request. ``digest`` is of the request's content (its canonical
    JSON without id, time and trace), so the same id with other content is told apart."""

    kind: Kind | Literal["upload", "feedback"]
    digest: Digest
    source: Source
    admitted: AwareDatetime
    policy: str
    rules: str
    verdict: Verdict
    prompt: str | None = None
    model: ModelPin | None = None
    cache_key: Digest | None = None
    conversation: Identifier | None = None
    stream: bool = False
    priority: Priority = "interactive"
    security: Literal["low", "medium", "high"] = "low"
    key_id: str | None = None
    private_topic: bool = False
    """Whether the answer also goes to ``headrace.responses.<tenant>``."""
    subject: str | None = None
    """The data key of whom it is about, where personal content is sealed."""
    placeholders: str | None = None
    """What the placeholders in the work stand for, sealed under the key of whom it is about (base64)."""


class Work(Event):
    """One leg of a request, for one pool. ``id`` is the request's id; ``leg`` counts the hand-overs."""

    kind: WorkKind
    pool: Pool
    pins: Pins
    model: ModelPin
    fallbacks: tuple[ModelPin, ...] = ()
    messages: tuple[Message, ...] = ()
    prompt: str | None = None
    input: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    sampling: Sampling = Sampling()
    deadline: AwareDatetime | None = None
    leg: int = Field(default=0, ge=0, le=8)


class Cancel(Event):
    """Tells workers to drop a request; ``id`` is the request's id."""

"""Who asked what, each decision with its reason and version, and what was answered. No content: digests of it."""

from typing import Literal

from pydantic import Field

from schemas.base import Event, Frozen, Source

Severity = Literal["info", "low", "medium", "high", "critical"]
Stage = Literal[
    "admission", "screening", "cache", "routing", "inference", "release",
    "upload", "feedback", "training", "registry", "key", "access", "alert", "erasure", "checkpoint", "configuration",
]  # fmt: skip


class Decision(Frozen):
    """One decision of one stage; ``code`` is a reason code for programs."""

    stage: Stage
    outcome: str
    code: str = ""
    detail: dict[str, str | int | float | bool | None] = Field(default_factory=dict)


class Audit(Event):
    """The decisions of one hop about one request. ``id`` is a function of where it comes from, so a
    redelivery repeats it; ``content`` is an HMAC of what was asked or answered."""

    request_id: str
    actor: str
    action: str
    decisions: tuple[Decision, ...] = ()
    versions: dict[str, str | None] = Field(default_factory=dict)
    source: Source | None = None
    content: str | None = None
    status: str | None = None
    severity: Severity | None = None
    """Without it a record is as severe as the worst of its decisions."""
    parent: str | None = None
    """The audit record that this one follows from."""
    subject: str | None = None
    """The pseudonym of whom it is about (a keyed HMAC of tenant and user), and after a dot which of their data keys."""
    sealed: str | None = None
    """What was asked or answered, sealed under the key of the subject and bound to ``id`` (base64)."""

"""One record on its way in: what is known and decided of it so far."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from infra.broker import Record
from schemas.audit import Decision, Stage
from schemas.base import Event, now
from schemas.errors import HeadraceError
from schemas.requests import Kind, Request
from schemas.results import Ended, Final
from schemas.screening import Action, Verdict
from schemas.work import Attachment, Cancel, ModelPin, Pins, Work
from streams.admission.identity import Sender
from streams.redaction.disguise import Disguise


@dataclass
class Journey:
    """The one mutable thing on the way in. A stage ends the journey by adding a result, or by raising."""

    record: Record
    id: str
    digest: str
    policy: str
    rules: str
    received: datetime = field(default_factory=now)
    sender: Sender | None = None
    key_id: str | None = None
    subject: str | None = None
    trace: str | None = None
    kind: Kind | Literal["upload", "feedback"] = "chat"
    request: Request | None = None
    said: Event | None = None
    """The event as its client said it."""
    unscreened: Request | None = None
    """The request as it was before anything was redacted."""
    disguise: Disguise | None = None
    placeholders: str | None = None
    prompt_version: str | None = None
    verdict: Verdict | None = None
    attachments: tuple[Attachment, ...] = ()
    candidates: tuple[ModelPin, ...] = ()
    cache_key: str | None = None
    deadline: datetime | None = None
    work: Work | None = None
    cancel: Cancel | None = None
    results: list[Final | Ended] = field(default_factory=list)
    scrutiny: bool = False
    """Whether it is judged more strictly, for what its sender asked before."""
    dropped: bool = False
    conflict: bool = False
    decisions: list[Decision] = field(default_factory=list)

    @property
    def tenant(self) -> str | None:
        return self.sender.tenant if self.sender else None

    @property
    def local_only(self) -> bool:
        return self.verdict is not None and self.verdict.action is Action.LOCAL_ONLY

    @property
    def ended(self) -> bool:
        return self.dropped or bool(self.results) or self.work is not None

    @property
    def outcome(self) -> str:
        """How the way in ended: ``admitted`` to a pool, ``answered`` here, ``dropped`` as a repeat, or why not."""
        if self.dropped:
            return "dropped"
        if not self.results:
            return "admitted"
        last = self.results[-1]
        return last.status if isinstance(last, Ended) else "answered"

    @property
    def asked(self) -> Request:
        """The request; stages after decoding rely on it."""
        if self.request is None:
            raise RuntimeError("the record is not decoded yet")
        return self.request

    @property
    def pins(self) -> Pins:
        """What is decided so far, in the form that travels."""
        request = self.request
        return Pins(
            kind=self.kind,
            digest=self.digest,
            source=self.record.source,
            admitted=self.received,
            policy=self.policy,
            rules=self.rules,
            verdict=self.verdict or unscreened(self.policy, self.rules),
            prompt=self.prompt_version,
            model=self.candidates[0] if self.candidates else None,
            cache_key=self.cache_key,
            conversation=request.conversation if request else None,
            stream=request.stream if request else False,
            priority=request.priority if request else "interactive",
            security=request.security if request else "low",
            key_id=self.key_id,
            private_topic=bool(self.sender and self.sender.bound),
            subject=self.subject,
            placeholders=self.placeholders,
        )

    def decide(self, stage: Stage, outcome: str, code: str = "", **detail: str | int | float | bool | None) -> None:
        """Note a decision for the audit."""
        self.decisions.append(Decision(stage=stage, outcome=outcome, code=code, detail=detail))

    def refuse(self, error: HeadraceError) -> None:
        """End the journey with an error as the answer."""
        self.results.append(
            Ended(
                id=f"{self.id}#{self.digest[:8]}" if self.conflict else self.id,
                tenant=self.tenant,
                trace=self.trace,
                pins=self.pins,
                status=status_of(error),
                error=error.body(),
            )
        )


JourneyStage = Callable[[Journey], Awaitable[None]]


def unscreened(policy: str, rules: str) -> Verdict:
    """The verdict on a text that there is not."""
    return Verdict(action=Action.ALLOW, policy=policy, rules=rules, reason="nothing to screen")


def status_of(error: HeadraceError) -> Literal["refused", "blocked", "failed", "expired", "cancelled"]:
    """How a request ends that met this error."""
    match error.code:
        case "content_blocked":
            return "blocked"
        case "deadline_exceeded":
            return "expired"
        case "cancelled":
            return "cancelled"
    return "failed" if error.http_status >= 500 else "refused"

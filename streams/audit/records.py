"""Audit records: what was decided, by which stage, and why; no content, only keyed digests of it."""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version

from infra.broker import Record
from infra.settings import Settings
from schemas.audit import Audit, Decision, Severity, Stage
from schemas.base import Event, new_id
from schemas.cloudevents import header
from schemas.responses import Response
from schemas.results import Ended, Final, Handover
from schemas.work import Pins
from streams.audit.conditions import named, rank
from streams.journey import Journey

OUTCOMES: Mapping[str, Severity] = {"refused": "low", "expired": "low", "failed": "medium", "blocked": "high"}
CODES: Mapping[str, Severity] = {
    "invalid_api_key": "medium",
    "key_revoked": "medium",
    "forbidden": "medium",
    "tenant_mismatch": "medium",
    "bad_signature": "high",
}


def grade(status: str | None, decisions: Sequence[Decision]) -> Severity:
    """As severe as how it ended, as why, and as the worst that screening found."""
    found = [OUTCOMES.get(status or "", "info"), *(CODES.get(each.code, "info") for each in decisions)]
    found += [named(each.detail["level"]) for each in decisions if "level" in each.detail]
    return max(found, key=rank)


class Auditor:
    """Builds records. ``key`` makes content digests useless to whoever does not have it."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"headrace audit content", sha256)

    def digest(self, content: str) -> str:
        """HMAC-SHA256 of a text, in hexadecimal."""
        return hmac.new(self._key, content.encode("utf-8", "surrogatepass"), sha256).hexdigest()

    def admission(self, journey: Journey) -> Audit:
        """What the way in decided about one record."""
        source = journey.record.source
        return Audit(
            id=f"in:{source}",
            tenant=journey.tenant,
            trace=journey.trace,
            request_id=journey.id,
            actor=journey.key_id or journey.tenant or "anonymous",
            action="admission",
            decisions=tuple(journey.decisions),
            versions={
                "policy": journey.policy,
                "rules": journey.rules,
                "prompt": journey.prompt_version,
                "model": str(journey.candidates[0]) if journey.candidates else None,
            },
            source=source,
            content=self.digest(journey.digest),
            status=journey.outcome,
            severity=grade(journey.outcome, journey.decisions),
            subject=journey.subject,
        )

    def release(self, record: Record, response: Response, before: tuple[Decision, ...] = ()) -> Audit:
        """What the way out decided; its time is the response's, so a repeat is the same record."""
        verdict = response.verdict
        screened = Decision(
            stage="screening", outcome=verdict.ordered.value, code=verdict.reason[:100], detail={"level": verdict.level}
        )
        released = Decision(
            stage="release",
            outcome=response.status,
            code=response.error.code if response.error else response.finish_reason,
            detail={"cached": response.cached, "tokens": response.usage.total_tokens},
        )
        return Audit(
            id=f"out:{record.source}",
            time=response.time,
            tenant=response.tenant,
            trace=response.trace,
            request_id=response.id,
            actor="release",
            action="release",
            parent=f"in:{response.source}",
            decisions=(*before, screened, released),
            versions=response.versions.model_dump(),
            source=record.source,
            content=self.digest("\0".join(choice.text for choice in response.choices)),
            status=response.status,
            severity=grade(response.status, (*before, screened, released)),
            subject=response.subject,
        )

    def handover(self, record: Record, handover: Handover, decision: Decision) -> Audit:
        """A leg ended and the next one begins."""
        return self._inner(record, handover, "handover", decision)

    def repeat(self, record: Record, result: Final | Ended) -> Audit:
        """A later end of a request that has its answer: recorded, and dropped."""
        return self._inner(record, result, "repeat", Decision(stage="release", outcome="dropped", code="repeat"))

    def change(self, record: Record, event: Event, stage: Stage, outcome: str, code: str = "") -> Audit:
        """A change to the registry or a step of training, as its topic tells it."""
        return Audit(
            id=f"change:{record.source}",
            time=event.time,
            tenant=event.tenant,
            trace=event.trace,
            request_id=event.id,
            actor=header(record.headers, "ce_source") or "unknown",
            action=stage,
            decisions=(Decision(stage=stage, outcome=outcome, code=code[:200]),),
            source=record.source,
            content=self.digest((record.value or b"").decode(errors="replace")),
            status=outcome,
        )

    def start(self, component: str, settings: Settings) -> Audit:
        """A process begins with these settings: a digest of them, and what auditors must know of them."""
        said = settings.model_dump_json(exclude={"state"})
        detail: dict[str, str | int | float | bool | None] = {
            "kafka": settings.kafka.servers,
            "security_protocol": settings.kafka.security_protocol,
            "sealed_topics": ",".join(sorted(settings.privacy.sealed_topics)),
            "content": settings.audit.content,
            "on_failure": settings.audit.on_failure,
            "checkpoints": settings.audit.checkpoints,
            "witnesses": ",".join(witness.name for witness in settings.audit.witnesses),
        }
        return Audit(
            id=f"start:{new_id()}",
            request_id=component,
            actor=component,
            action="start",
            decisions=(Decision(stage="configuration", outcome="started", detail=detail),),
            versions={"headrace": version("headrace"), "settings": self.digest(said)},
            status="started",
            severity="info",
        )

    def _inner(self, record: Record, result: Final | Ended | Handover, action: str, decision: Decision) -> Audit:
        return Audit(
            id=f"out:{record.source}",
            time=result.time,
            tenant=result.tenant,
            trace=result.trace,
            request_id=result.id,
            actor="release",
            action=action,
            parent=f"in:{result.pins.source}",
            decisions=(decision,),
            versions={"policy": result.pins.policy, "rules": result.pins.rules, "model": _model(result.pins)},
            source=record.source,
            subject=result.pins.subject,
        )


def _model(pins: Pins) -> str | None:
    return str(pins.model) if pins.model else None

"""Changes on the log that no request made: training, models, prompts, policies and keys, each audited once read."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson
from pydantic import TypeAdapter, ValidationError

from infra.broker import Record
from infra.topics import Names
from schemas.access import Access
from schemas.audit import Audit, Decision
from schemas.errors import HeadraceError, InvalidField
from schemas.registry import Key, ModelVersion, Policy, Prompt
from schemas.screened import Backscan, Review, Screened
from schemas.training import TrainingJob, TrainingProgress, TrainingResult
from streams.audit.records import Auditor, grade
from streams.deadletter.box import DeadLetters
from streams.outbox import Outbox

_TRAINING: TypeAdapter[TrainingJob | TrainingProgress | TrainingResult] = TypeAdapter(
    TrainingJob | TrainingProgress | TrainingResult
)
TOPICS = ("training", "models", "prompts", "policies", "keys", "accesses", "backscans", "reviews", "screening.verdicts")


@dataclass(frozen=True)
class Watch:
    """Handles one record of the topics above."""

    names: Names
    outbox: Outbox
    auditor: Auditor
    dead_letters: DeadLetters
    judged: Callable[[str], str]
    """What became of a policy record; raises ``Unavailable`` while that is not known."""

    async def __call__(self, record: Record) -> None:
        if record.value is None:
            return
        try:
            special = {
                "accesses": self._read,
                "backscans": self._backscan,
                "reviews": self._review,
                "screening.verdicts": self._screened,
            }
            audit = special.get(self._kind(record), self._change)(record, record.value)
        except (ValidationError, orjson.JSONDecodeError) as error:
            raise InvalidField(f"no event of {record.topic}") from error
        if audit:
            await self.outbox.audit(audit)

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None:
        await self.dead_letters.bury(record, error, attempts)

    def _read(self, record: Record, value: bytes) -> Audit:
        """Somebody reads audit content, or was refused. Who shows it waits for this record under the access's id."""
        access = Access.model_validate_json(value)
        detail = {"target": access.target, "since": access.since}
        decision = Decision(stage="access", outcome=access.outcome, code=access.what, detail=detail)
        audit = self.auditor.change(record, access, "access", access.outcome)
        return audit.model_copy(update={"actor": access.actor, "decisions": (decision,)})

    def _backscan(self, record: Record, value: bytes) -> Audit:
        found = Backscan.model_validate_json(value)
        detail = {"level": found.level, "before": found.before, "reason": found.reason[:200]}
        decision = Decision(stage="screening", outcome=found.action, code="backscan", detail=detail)
        said = {
            "request_id": found.request_id,
            "action": "backscan",
            "decisions": (decision,),
            "versions": {"policy": found.policy, "rules": found.rules},
            "severity": "info" if found.level == "none" else found.level,
        }
        return self.auditor.change(record, found, "screening", found.action).model_copy(update=said)

    def _screened(self, record: Record, value: bytes) -> Audit:
        """A verdict on a text of another system, or why there was none."""
        found = Screened.model_validate_json(value)
        if not found.action and not found.error:
            raise InvalidField(f"no verdict on {record.topic}")
        outcome, code = ("refused", found.error.code) if found.error else (found.action, found.reason[:100])
        decision = Decision(stage="screening", outcome=outcome, code=code, detail={"level": found.level})
        said = {
            "actor": found.asker or "anonymous",
            "decisions": (decision,),
            "versions": {"policy": found.policy, "rules": found.rules},
            "severity": grade(outcome, (decision,)),
        }
        return self.auditor.change(record, found, "screening", outcome).model_copy(update=said)

    def _review(self, record: Record, value: bytes) -> Audit:
        """A text is held back, or a person has decided about it."""
        review = Review.model_validate_json(value)
        audit = self.auditor.change(record, review, "screening", review.status, review.note)
        return audit.model_copy(update={"actor": review.by or audit.actor, "action": "review"})

    def _kind(self, record: Record) -> str:
        return record.topic.removeprefix(f"{self.names.prefix}.")

    def _change(self, record: Record, value: bytes) -> Audit | None:
        change = self.auditor.change
        match self._kind(record):
            case "training":
                event = _TRAINING.validate_json(value)
                if isinstance(event, TrainingProgress):
                    return None
                outcome = "requested" if isinstance(event, TrainingJob) else event.outcome
                return change(record, event, "training", outcome, event.model)
            case "models":
                model = ModelVersion.model_validate_json(value)
                return change(record, model, "registry", model.status, f"model {model.name}@{model.version}")
            case "prompts":
                prompt = Prompt.model_validate_json(value)
                return change(record, prompt, "registry", "live", f"prompt {prompt.name}@{prompt.version}")
            case "policies":
                policy = Policy.model_validate_json(value)
                by = "".join(f", approved by {each.by}" for each in policy.approvals)
                said = f"policy {policy.name}@{policy.version}{by}"
                return change(record, policy, "registry", self.judged(policy.id), said)
            case _:
                key = Key.model_validate_json(value)
                return change(record, key, "key", "revoked" if key.revoked else "issued", key.id)

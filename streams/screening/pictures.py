"""The verdict on what pictures show."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import Blocked
from schemas.screening import Action, Finding
from streams.journey import Journey
from streams.registry import Registry
from streams.screening.reviews import Decisions, Held, is_held
from streams.screening.screener import Screener


@dataclass(frozen=True)
class Pictures:
    """Judges findings of a request's pictures, where there are any, and notes the verdict on its journey."""

    screener: Screener
    registry: Registry
    decisions: Decisions

    def __call__(self, journey: Journey, found: Sequence[Finding]) -> None:
        """Raises ``Blocked``."""
        if not found:
            return
        policy = self.registry.policy(journey.policy, journey.tenant).screening
        verdict = self.screener.judge(found, "image", policy, journey.policy)
        if is_held(verdict):
            held = Held(journey.tenant, journey.id, journey.digest)
            verdict = self.decisions.passed(verdict, journey.record, held)
        journey.verdict = verdict
        journey.decide("screening", verdict.ordered.value, verdict.reason[:100], level=verdict.level)
        if verdict.action is Action.BLOCK:
            raise Blocked(policy.told(verdict.findings), param="messages")

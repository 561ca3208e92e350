"""Verdicts for other systems under the live policy: one judge for HTTP and Kafka alike."""

from dataclasses import dataclass

from infra.metrics import Metrics
from schemas.errors import TooLarge
from schemas.screening import Verdict
from streams.registry import Registry
from streams.screening.scan import Asked
from streams.screening.screener import Screener


@dataclass(frozen=True)
class Judge:
    """``most`` characters are screened at once."""

    registry: Registry
    screener: Screener
    metrics: Metrics
    most: int

    def verdict(self, asked: Asked, tenant: str | None) -> Verdict:
        """Raises ``TooLarge``."""
        if len(asked.text) > self.most:
            raise TooLarge(f"the text has {len(asked.text)} characters, {self.most} are allowed", param="text")
        version = self.registry.live_policy
        policy = self.registry.policy(version, tenant).screening
        verdict = self.screener.screen(asked.text, asked.direction, policy, version).verdict
        self.metrics.verdict(asked.direction, verdict.ordered.value, verdict.level)
        return verdict

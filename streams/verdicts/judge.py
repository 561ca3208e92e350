"""Verdicts for other systems under the live policy: one judge for HTTP and Kafka alike."""

from dataclasses import dataclass

from infra.limits import Limiter
from infra.metrics import Metrics
from schemas.errors import HeadraceError, TooLarge
from schemas.registry import Key
from schemas.screened import Screened
from schemas.screening import Verdict
from streams.registry import Registry
from streams.screening.scan import Asked, quoted
from streams.screening.screener import Screener


@dataclass(frozen=True)
class Asker:
    """Who asks, with which key, and over HTTP from where."""

    tenant: str
    key: Key | None = None
    address: str | None = None

    @property
    def name(self) -> str:
        return self.key.id if self.key else self.tenant


@dataclass(frozen=True)
class Judge:
    """``most`` characters are screened at once."""

    registry: Registry
    screener: Screener
    metrics: Metrics
    limiter: Limiter
    most: int

    async def verdict(self, asked: Asked, asker: Asker) -> Verdict:
        """Raises ``TooLarge``, ``RateLimited``, ``QuotaExceeded``."""
        if len(asked.text) > self.most:
            raise TooLarge(f"the text has {len(asked.text)} characters, {self.most} are allowed", param="text")
        key = asker.key
        minute, day = (key.requests_per_minute, key.tokens_per_day) if key else (None, None)
        await self.limiter.admit(asker.tenant, key.id if key else None, minute, day, asker.address)
        version = self.registry.live_policy
        policy = self.registry.policy(version, asker.tenant).screening
        verdict = self.screener.screen(asked.text, asked.direction, policy, version, quoted(asked)).verdict
        self.metrics.verdict(asked.direction, verdict.ordered.value, verdict.level)
        return verdict


def answer(request_id: str, asker: Asker | None, said: Verdict | HeadraceError, trace: str | None = None) -> Screened:
    """What is published of a verdict, or of why there is none: the auditors read it there."""
    common = {
        "id": request_id,
        "tenant": asker.tenant if asker else None,
        "asker": asker.name if asker else "",
        "trace": trace,
    }
    if isinstance(said, HeadraceError):
        return Screened(**common, error=said.body())
    return Screened(
        **common,
        action=said.ordered.value,
        level=said.level,
        findings=said.findings,
        policy=said.policy,
        rules=said.rules,
        reason=said.reason,
    )

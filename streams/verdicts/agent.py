"""Texts to screen from Kafka: each is answered, with its verdict or with what is wrong with it."""

import contextlib
from dataclasses import dataclass
from typing import Any

from infra.broker import Record
from infra.settings import LimitSettings
from schemas.errors import ErrorBody, HeadraceError
from schemas.screened import Screened, ScreenRequest
from streams.admission.decoding import decode, identify, parse
from streams.admission.identity import Identity
from streams.deadletter.box import DeadLetters
from streams.outbox import Outbox
from streams.screening.scan import Asked
from streams.verdicts.judge import Judge


@dataclass(frozen=True)
class Screening:
    """Handles one record of ``screening.requests``."""

    judge: Judge
    identity: Identity
    outbox: Outbox
    dead_letters: DeadLetters
    limits: LimitSettings

    async def __call__(self, record: Record) -> None:
        body: dict[str, Any] | None = None
        try:
            body = parse(record, self.limits)
            answer = self._judged(record, body)
        except HeadraceError as error:
            if error.retriable:
                raise
            answer = self._failed(record, body, error.body())
        await self.outbox.screened(answer)

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None:
        """After the last attempt: the dead letter keeps the bytes, and whoever waits is told."""
        await self.dead_letters.bury(record, error, attempts)
        body = None
        with contextlib.suppress(HeadraceError):
            body = parse(record, self.limits)
        await self.outbox.screened(self._failed(record, body, error.body()))

    def _judged(self, record: Record, body: dict[str, Any]) -> Screened:
        sender = self.identity.of(record, body)
        event = decode(record, body, ScreenRequest)
        self.identity.fresh(event, sender, body)
        verdict = self.judge.verdict(Asked(event.id, event.text, event.direction, event.system), sender.tenant)
        return Screened(
            id=event.id,
            tenant=sender.tenant,
            trace=event.trace,
            action=verdict.ordered.value,
            level=verdict.level,
            findings=verdict.findings,
            policy=verdict.policy,
            rules=verdict.rules,
            reason=verdict.reason,
        )

    def _failed(self, record: Record, body: dict[str, Any] | None, error: ErrorBody) -> Screened:
        tenant = None
        with contextlib.suppress(HeadraceError):
            tenant = self.identity.of(record, body or {}).tenant
        return Screened(id=identify(record, body), tenant=tenant, error=error)

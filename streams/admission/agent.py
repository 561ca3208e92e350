"""The way in: from a record to work for a pool, or to an end, through one visible fold of stages.

Requests, uploads and feedback come in alike; they differ in their intake and in the stages after it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from infra.broker import Record
from infra.logs import bind
from infra.metrics import Metrics
from infra.settings import Settings
from infra.vault.vault import Vault
from schemas.base import Event
from schemas.errors import Blocked, HeadraceError, InvalidJson, TooLarge, Unavailable
from schemas.screened import Review
from schemas.screening import Verdict
from streams.abuse.standing import Offender, Standings
from streams.admission.decoding import identify, parse
from streams.admission.entry import MOST
from streams.admission.identity import Identity
from streams.audit.records import Auditor
from streams.deadletter.box import DeadLetters, redriven
from streams.erasure.content import asked, with_content
from streams.erasure.subjects import subject_in
from streams.journey import Journey, JourneyStage
from streams.outbox import Outbox
from streams.registry import Registry
from streams.screening.reviews import held, is_held

Intake = Callable[[Journey, dict[str, Any]], Awaitable[None]]
"""The first stage, which decodes the parsed body."""


@dataclass(frozen=True)
class WayIn:
    """Handles one record: folds the stages over its journey, publishes the outcome together with its audit record, and
    returns when both are acknowledged."""

    settings: Settings
    registry: Registry
    rules: str
    identity: Identity
    intake: Intake
    stages: tuple[JourneyStage, ...]
    outbox: Outbox
    auditor: Auditor
    dead_letters: DeadLetters
    metrics: Metrics
    vault: Vault | None = None
    standings: Standings | None = None

    async def __call__(self, record: Record) -> None:
        journey = self._begin(record)
        with self.metrics.stage("admission"):
            await self._travel(journey)
        await self._finish(journey)

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None:
        """After the last attempt: the dead letter keeps the bytes, and the client is told."""
        journey = self._begin(record)
        with contextlib.suppress(HeadraceError):
            body = self._parse(journey)
            journey.sender = self.identity.of(record, body)
            journey.subject = await subject_in(self.vault, journey.sender, body)
        await self.dead_letters.bury(record, error, attempts, journey.subject)
        journey.decide("admission", "dead-lettered", error.code, attempts=attempts)
        journey.refuse(error)
        await self._finish(journey)

    def _begin(self, record: Record) -> Journey:
        """Its id is known once its body was looked at (``_parse``)."""
        digest = sha256(record.value or b"").hexdigest()
        return Journey(record, "", digest, self.registry.live_policy, self.rules)

    async def _travel(self, journey: Journey) -> None:
        try:
            body = self._parse(journey)
            with bind(request_id=journey.id):
                await self.intake(journey, body)
                for stage in self.stages:
                    if journey.ended:
                        break
                    await stage(journey)
        except HeadraceError as error:
            if isinstance(error, Unavailable) and error.retriable:
                raise
            if isinstance(error, InvalidJson) or (isinstance(error, TooLarge) and journey.request is None):
                await self.dead_letters.bury(journey.record, error, 1)
                with contextlib.suppress(HeadraceError):
                    journey.sender = self.identity.of(journey.record, {})
            journey.decide("admission" if journey.request is None else "screening", "refused", error.code)
            journey.refuse(error)
            if isinstance(error, Blocked):
                await self._note(journey)

    async def _note(self, journey: Journey) -> None:
        """A blocked request counts against who asked."""
        if self.standings is None or journey.tenant is None:
            return
        before = await self.standings.look(offender := Offender(journey.tenant, journey.key_id))
        standing = await self.standings.note(offender, journey.id)
        self.metrics.abuse("blocked")
        if standing.left_s and not before.left_s:
            self.metrics.abuse("suspended")
            journey.decide("admission", "suspended", "suspended", until=f"{standing.until:%Y-%m-%dT%H:%M:%SZ}")

    def _parse(self, journey: Journey) -> dict[str, Any]:
        """The body, and with it the id; what cannot be read has one all the same."""
        body = None
        try:
            body = parse(journey.record, self.settings.limits)
        finally:
            journey.id = _request_id(journey.record, identify(journey.record, body))
        return body

    async def _finish(self, journey: Journey) -> None:
        audit = await with_content(self.vault, self.auditor.admission(journey), journey.said)
        effects = [self.outbox.audit(audit), *map(self.outbox.result, journey.results)]
        if journey.work:
            effects.append(self.outbox.work(journey.work))
        if journey.verdict and journey.said and is_held(journey.verdict):
            effects.append(self.outbox.review(await self._held(journey, journey.said, journey.verdict)))
        if journey.cancel:
            effects.append(self.outbox.cancel(journey.cancel))
        await asyncio.gather(*effects)
        self.metrics.admitted(journey.tenant or "none", journey.outcome)

    async def _held(self, journey: Journey, said: Event, verdict: Verdict) -> Review:
        return await held(
            self.vault,
            asked(said),
            verdict,
            getattr(said, "user", None) or journey.key_id,
            id=journey.id,
            tenant=journey.tenant,
            trace=journey.trace,
            source=journey.record.source,
            digest=journey.digest,
            subject=journey.subject,
        )


def _request_id(record: Record, request_id: str) -> str:
    """A record that came back from the dead letter is a request of its own: the first one has its end."""
    times = redriven(record)
    return f"{request_id[:MOST]}#r{times}" if times else request_id

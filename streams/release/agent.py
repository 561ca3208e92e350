"""The way out: from ``results`` to exactly one response per request.

``responses`` is a function of ``results``: the first terminal result of a request in its partition is the answer.
Nothing here looks at the clock or at chance, so a redelivery publishes the same bytes again.
"""

import logging
from dataclasses import dataclass

from infra.broker import Record
from infra.limits import Limiter
from infra.logs import bind
from infra.metrics import Metrics
from infra.vault.vault import Vault
from schemas.audit import Decision
from schemas.errors import HeadraceError, Unavailable
from schemas.policies import ScreeningPolicy
from schemas.responses import Response
from schemas.results import RESULT, Delta, Ended, Final, Handover, Result
from schemas.screening import Action, Direction, Verdict
from schemas.work import Pins
from streams.admission.admit import ANY_DIGEST
from streams.audit.records import Auditor
from streams.cache.store import AnswerCache
from streams.deadletter.box import DeadLetters, redriven
from streams.erasure.content import texts, with_content
from streams.outbox import Outbox
from streams.redaction.placeholders import Known
from streams.redaction.reading import ReadingDisguise
from streams.redaction.sealed import NOTHING, opened
from streams.registry import Registry
from streams.release.answered import Answered
from streams.release.choices import restored, screen_choices
from streams.release.chunks import Streams
from streams.release.compose import compose, conflict, failed
from streams.release.handover import next_leg
from streams.release.store import AnswerStore
from streams.routing.health import Health
from streams.screening.reviews import Decisions, Held, digest_of, held, is_held
from streams.screening.screener import Screened, Screener

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WayOut:
    """Handles one record of ``results``."""

    registry: Registry
    screener: Screener
    answered: Answered
    streams: Streams
    store: AnswerStore
    cache: AnswerCache
    limiter: Limiter
    health: Health
    outbox: Outbox
    auditor: Auditor
    dead_letters: DeadLetters
    metrics: Metrics
    decisions: Decisions
    reading: ReadingDisguise
    vault: Vault | None = None

    async def __call__(self, record: Record) -> None:
        result = returned(record, RESULT.validate_json(record.value or b""))
        with bind(request_id=result.id), self.metrics.stage("release"):
            answered = await self._answered(record, result)
            if isinstance(result, Final | Ended):
                await self._end(record, result, answered)
            elif answered is not None:
                log.info("a result came after the answer", extra={"kind": result.kind})
            elif isinstance(result, Delta):
                await self._pass_on(record, result)
            else:
                await self._hand_over(record, result)

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None:
        """After the last attempt: the dead letter keeps the bytes, and whoever waits for an answer is told."""
        await self.dead_letters.bury(record, error, attempts)
        try:
            result = returned(record, RESULT.validate_json(record.value or b""))
        except ValueError:
            return
        if isinstance(result, Final | Ended) and await self._answered(record, result) is None:
            await self._release(record, failed(result, error), ScreeningPolicy())

    async def _answered(self, record: Record, result: Result) -> str | None:
        return await self.answered.digest(record.partition, result.tenant, result.id, result.pins.admitted)

    async def _pass_on(self, record: Record, delta: Delta) -> None:
        for chunk in self.streams.feed(delta, await self._known(record, delta)):
            await self.outbox.chunk(chunk)

    async def _hand_over(self, record: Record, handover: Handover) -> None:
        policy = self._screening(handover.pins, handover.tenant)
        read = self._read(record, handover, policy)
        if read and (disguised := await self.reading(handover, read, policy)):
            handover, read = disguised
        outcome, decision = next_leg(handover, read, policy)
        if isinstance(outcome, Ended):
            if read and is_held(read.verdict):
                await self._hold(record, handover, read.verdict, handover.read, "ocr")
            await self._release(record, outcome, policy, decision)
            return
        self._note_health(handover, failed=bool(handover.reason))
        await self.outbox.audit(self.auditor.handover(record, handover, decision))
        await self.outbox.work(outcome)

    def _read(self, record: Record, handover: Handover, policy: ScreeningPolicy) -> Screened | None:
        """What was read out of a file, screened; ``None`` when nothing was."""
        if not handover.read:
            return None
        screened = self.screener.screen(handover.read, "ocr", policy, handover.pins.policy)
        if not is_held(screened.verdict):
            return screened
        verdict = self._reviewed(record, handover, screened.verdict, handover.read, "ocr")
        return Screened(handover.read if verdict.action is Action.ALLOW else "", verdict)

    async def _end(self, record: Record, result: Final | Ended, answered: str | None) -> None:
        """The first end is the answer; a later one is recorded and dropped, or was asked under a used id."""
        self._note_health(result, failed=isinstance(result, Ended) and result.status == "failed")
        if answered is None:
            await self._release(record, result, self._screening(result.pins, result.tenant))
        elif answered == result.pins.digest or ANY_DIGEST in (answered, result.pins.digest):
            await self.outbox.audit(self.auditor.repeat(record, result))
        else:
            refusal = conflict(result)
            if await self._answered(record, refusal) is None:
                await self._release(record, refusal, ScreeningPolicy())

    async def _release(
        self, record: Record, result: Final | Ended, policy: ScreeningPolicy, *decisions: Decision
    ) -> None:
        """Screen, audit, publish, remember: nothing is said before its audit record is acknowledged."""
        known = await self._known(record, result)
        system = self.registry.system_prompt(result.pins.prompt)
        choices, verdict = screen_choices(result, self.screener, policy, known, system)
        if isinstance(result, Final) and is_held(verdict):
            verdict = self._reviewed(record, result, verdict, texts(result.choices), "output")
            if verdict.action is Action.ALLOW:
                choices = tuple(restored(choice, known) for choice in result.choices)
        response = compose(result, verdict, choices, policy)
        self.streams.end(response.tenant, response.id)
        audit = self.auditor.release(record, response, decisions)
        await self.outbox.audit(await with_content(self.vault, audit, response))
        if isinstance(result, Final) and is_held(verdict):
            await self._hold(record, result, verdict, texts(result.choices), "output")
        said = await self.outbox.response(response, partition=record.partition, private=result.pins.private_topic)
        self.answered.remember(record.partition, response)
        self.metrics.answered(response.status, response.kind, cached=response.cached)
        self.metrics.verdict("output", verdict.ordered.value, verdict.level)
        await self._afterwards(response, result, said, again=bool(redriven(record)))

    def _reviewed(
        self, record: Record, result: Final | Handover, verdict: Verdict, text: str, direction: Direction
    ) -> Verdict:
        """What a person let through goes on as it is."""
        held = Held(result.tenant, result.id, digest_of(text), direction)
        return self.decisions.passed(verdict, record, held)

    async def _hold(
        self, record: Record, result: Final | Handover, verdict: Verdict, text: str, direction: Direction
    ) -> None:
        """Give people what is held back to look at."""
        review = await held(
            self.vault,
            text,
            verdict,
            result.pins.key_id,
            id=result.id,
            tenant=result.tenant,
            time=result.time,
            trace=result.trace,
            direction=direction,
            source=record.source,
            digest=digest_of(text),
            subject=result.pins.subject,
        )
        await self.outbox.review(review)

    async def _afterwards(self, response: Response, result: Final | Ended, said: bytes, *, again: bool) -> None:
        """Count what was used, and make the next request cheaper; what comes ``again`` was counted."""
        pins = result.pins
        if not response.cached and not again:
            if response.tenant and response.usage.total_tokens:
                await self.limiter.charge(response.tenant, pins.key_id, response.id, response.usage.total_tokens)
            if pins.cache_key and result.model == pins.model:
                await self.cache.put(pins.cache_key, response)
        try:
            await self.store.put(response, said)
        except Unavailable:
            log.info("redis is away: the answer stands on the log alone")

    async def _known(self, record: Record, result: Delta | Final | Ended) -> Known:
        """What names in a result stand for, sealed under the id that it was made under; an end without an answer has
        none."""
        if isinstance(result, Ended):
            return NOTHING
        name = result.id.removesuffix(f"#r{redriven(record)}")
        return await opened(self.vault, result.pins, result.tenant, name)

    def _note_health(self, result: Final | Ended | Handover, *, failed: bool) -> None:
        if result.model is None:
            return
        if failed:
            circuit = self.registry.policy(result.pins.policy, result.tenant).routing.circuit
            self.health.failed(result.model.name, circuit)
        elif not isinstance(result, Ended):
            self.health.succeeded(result.model.name)

    def _screening(self, pins: Pins, tenant: str | None) -> ScreeningPolicy:
        return self.registry.policy(pins.policy, tenant).screening


def returned(record: Record, result: Result) -> Result:
    """A result that was sent back is of a request of its own: the first one has its end."""
    times = redriven(record)
    if not times:
        return result
    name = f"{result.id}#r{times}"
    work = {"work": result.work.model_copy(update={"id": name})} if isinstance(result, Handover) else {}
    return result.model_copy(update={"id": name, **work})

"""Inference: from ``work`` to ``results``. Whatever happens, a piece of work comes to an end or to its next leg."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import ValidationError

from infra.broker import Record
from infra.logs import bind
from infra.metrics import Metrics
from infra.settings import WorkerSettings
from schemas.base import now
from schemas.errors import Cancelled, Expired, HeadraceError, InternalError, Unavailable
from schemas.results import Delta, Ended, Final, Handover
from schemas.work import Work
from streams.deadletter.box import DeadLetters
from streams.inference.attempts import Attempts
from streams.inference.cancels import Cancels
from streams.inference.flights import Flights, Outcome
from streams.inference.slots import Slots
from streams.journey import status_of
from streams.outbox import Outbox

log = logging.getLogger(__name__)
BYTES_A_TOKEN = 4


class Runner(Protocol):
    """Does one model's work: any number of deltas, then one final or handover. Raises errors of ``schemas.errors``."""

    slots: int

    def run(self, work: Work) -> AsyncGenerator[Outcome, None]: ...


class Runners(Protocol):
    """The models of a worker's pools; loads one when it is first needed.

    Raises:
        ModelNotAvailable: the model, or that version of it, cannot run here.
    """

    async def get(self, work: Work) -> Runner: ...


@dataclass(frozen=True)
class Inference:
    """Handles one record of ``work.<pool>``."""

    runners: Runners
    cancels: Cancels
    outbox: Outbox
    dead_letters: DeadLetters
    metrics: Metrics
    settings: WorkerSettings = field(default_factory=WorkerSettings)
    attempts: Attempts = field(default_factory=Attempts)
    slots: dict[str, Slots] = field(default_factory=dict)
    flights: Flights = field(default_factory=Flights)

    async def __call__(self, record: Record) -> None:
        try:
            work = Work.model_validate_json(record.value or b"")
        except ValidationError as error:
            await self.dead_letters.bury(record, InternalError(f"no work: {error.error_count()} fields at fault"), 1)
            return
        with bind(request_id=work.id), self.metrics.stage("inference"):
            await self._run(work)

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None:
        """After the last attempt: the dead letter keeps the bytes, and the request ends."""
        await self.dead_letters.bury(record, error, attempts)
        with suppress(ValidationError):  # what is no work, or does not open, has no request to end
            await self._end(Work.model_validate_json(record.value or b""), error)

    async def _run(self, work: Work) -> None:
        try:
            with self.cancels.interrupting(work):
                await self._work(work)
        except Cancelled as error:
            await self._end(work, error)
        except TimeoutError:
            await self._end(work, Expired(f"the deadline {work.deadline} passed before the answer was complete"))
        except HeadraceError as error:
            await self._fail(work, error)
        except Exception as error:
            log.exception("a defect while working")
            await self._fail(work, InternalError(f"a defect in the worker: {type(error).__name__}"))

    async def _work(self, work: Work) -> None:
        left = (work.deadline - now()).total_seconds() if work.deadline else None
        if left is not None and left <= 0:
            raise TimeoutError
        async with asyncio.timeout(left):
            await self._relay(self.flights.join(work, self._compute))

    async def _compute(self, work: Work) -> AsyncGenerator[Outcome, None]:
        """What the runner says, with a slot held until it has said the last of it."""
        runner = await self.runners.get(work)
        slots = self.slots.get(work.model.name) or self._slots(work.model.name, runner.slots)
        turn = slots.hold(work.pins.priority, work.tenant or "", cost(work))
        async with self.attempts.in_turn(work), turn:
            self.metrics.queued(work.pool, sum(each.waiting for each in self.slots.values()))
            with self.attempts.noted(work):
                async with aclosing(runner.run(work)) as outcomes:
                    async for outcome in outcomes:
                        if not isinstance(outcome, Delta):
                            break
                        yield outcome
                    else:
                        raise InternalError(f"{work.model.name} stopped in the middle of its answer")
        yield outcome

    def _slots(self, model: str, size: int) -> Slots:
        made = self.slots[model] = Slots(size, self.settings.batch_share, self.settings.weights)
        return made

    async def _relay(self, outcomes: AsyncGenerator[Outcome, None]) -> None:
        """Publish what a runner says; deltas that come faster than they are acknowledged go out together."""
        sending: asyncio.Task[None] | None = None
        held: dict[int, Delta] = {}
        try:
            async with aclosing(outcomes):
                async for outcome in outcomes:
                    if not isinstance(outcome, Delta):
                        if isinstance(outcome, Final) and outcome.cached and outcome.model:
                            self.metrics.shared(outcome.model.name)
                        await _finish(sending)
                        await self.outbox.result(outcome)
                        return
                    held[outcome.index] = joined(held.get(outcome.index), outcome)
                    if sending is None or sending.done():
                        await _finish(sending)
                        sending = asyncio.create_task(self.outbox.result(held.pop(next(iter(held)))))
        finally:
            await _finish(sending)

    async def _fail(self, work: Work, error: HeadraceError) -> None:
        """The next model of the chain, if another could do better; else the end."""
        log.warning("a model failed", extra={"model": str(work.model), "code": error.code})
        another_may = isinstance(error, Unavailable | InternalError)
        if another_may and work.fallbacks and work.leg < 8:
            await self.outbox.result(handover(work, reason=error.code))
        else:
            await self._end(work, error)

    async def _end(self, work: Work, error: HeadraceError) -> None:
        await self.outbox.result(
            Ended(
                id=work.id,
                tenant=work.tenant,
                trace=work.trace,
                pins=work.pins,
                status=status_of(error),
                error=error.body(),
                model=work.model,
            )
        )


def cost(work: Work) -> int:
    """About how many tokens a piece of work will read and write, for taking turns."""
    texts = (work.prompt or "", *work.input, *(message.text for message in work.messages))
    prompt = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) // BYTES_A_TOKEN
    return 1 + prompt + (work.sampling.n * work.sampling.max_tokens if work.kind in ("chat", "completion") else 0)


def joined(held: Delta | None, delta: Delta) -> Delta:
    """What is held of a choice, and what follows on it, as one."""
    if held is None:
        return delta
    return held.model_copy(update={"text": held.text + delta.text, "logprobs": held.logprobs + delta.logprobs})


def handover(work: Work, *, reason: str = "", **changes: object) -> Handover:
    """The next leg of a piece of work: for the first of its fallbacks."""
    following = work.fallbacks[0]
    update = {
        "leg": work.leg + 1, "model": following, "pool": following.pool, "fallbacks": work.fallbacks[1:], **changes
    }  # fmt: skip
    return Handover(
        id=work.id,
        tenant=work.tenant,
        trace=work.trace,
        pins=work.pins,
        work=work.model_copy(update=update),
        model=work.model,
        reason=reason,
    )


async def _finish(sending: asyncio.Task[None] | None) -> None:
    if sending:
        await sending

"""Texts to screen from Kafka: each is answered, with its verdict or with what is wrong with it."""

import contextlib
from dataclasses import dataclass
from typing import Any

from infra.broker import Record
from infra.settings import LimitSettings
from schemas.errors import HeadraceError, Unavailable
from schemas.screened import Screened, ScreenRequest
from streams.admission.decoding import decode, identify, parse
from streams.admission.identity import Identity, Sender
from streams.deadletter.box import DeadLetters
from streams.outbox import Outbox
from streams.screening.scan import Asked
from streams.verdicts.judge import Asker, Judge, answer


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
            said = await self._judged(record, body)
        except HeadraceError as error:
            if isinstance(error, Unavailable) and error.retriable:
                raise
            said = self._failed(record, body, error)
        await self.outbox.screened(said)

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None:
        """After the last attempt: the dead letter keeps the bytes, and whoever waits is told."""
        await self.dead_letters.bury(record, error, attempts)
        body = None
        with contextlib.suppress(HeadraceError):
            body = parse(record, self.limits)
        await self.outbox.screened(self._failed(record, body, error))

    async def _judged(self, record: Record, body: dict[str, Any]) -> Screened:
        sender = self.identity.of(record, body)
        event = decode(record, body, ScreenRequest)
        self.identity.fresh(event, sender, body)
        asker = _asker(sender)
        verdict = await self.judge.verdict(Asked(event.id, event.text, event.direction, event.system), asker)
        return answer(event.id, asker, verdict, event.trace)

    def _failed(self, record: Record, body: dict[str, Any] | None, error: HeadraceError) -> Screened:
        asker = None
        with contextlib.suppress(HeadraceError):
            asker = _asker(self.identity.of(record, body or {}))
        return answer(identify(record, body), asker, error)


def _asker(sender: Sender) -> Asker:
    return Asker(sender.tenant, sender.key)

"""Erasure: a subject is asked to be erased, each component purges and confirms, and every step is audited."""

from dataclasses import dataclass

from pydantic import ValidationError

from infra.broker import Record
from infra.settings import KafkaSettings
from infra.vault.vault import Vault
from schemas.audit import Audit
from schemas.erasure import ERASURE_EVENT, Erasure, Hold, Purged, Refused
from schemas.errors import HeadraceError, InvalidField
from streams.audit.records import Auditor
from streams.deadletter.box import DeadLetters
from streams.erasure.footprint import Finder
from streams.erasure.holds import history
from streams.erasure.purges import Purges
from streams.outbox import Outbox


@dataclass(frozen=True)
class Eraser:
    """Handles one record of ``erasures``. A redelivery goes on with the components that have not confirmed."""

    kafka: KafkaSettings
    vault: Vault
    find: Finder
    purges: Purges
    outbox: Outbox
    auditor: Auditor
    dead_letters: DeadLetters

    async def __call__(self, record: Record) -> None:
        try:
            event = ERASURE_EVENT.validate_json(record.value or b"")
        except ValidationError as error:
            raise InvalidField(f"no event of {record.topic}") from error
        await self.outbox.audit(self._audit(record, event))
        if isinstance(event, Erasure):
            await self._erase(event, record.offset)

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None:
        """What can be tried again is, for as long as it takes: an erasure that was asked for is not forgotten."""
        if error.retriable:
            raise error
        await self.dead_letters.bury(record, error, attempts)

    async def _erase(self, erasure: Erasure, offset: int) -> None:
        known = await history(self.kafka, before=offset)
        if erasure.id in known.refused:
            return
        if why := await self._against(erasure, known.holds.get(erasure.subject)):
            refused = Refused(id=f"{erasure.id}#refused", erasure=erasure.id, subject=erasure.subject, reason=why)
            await self.outbox.erasure(refused)
            return
        if not (missing := known.missing(erasure)):
            return
        found = await self.find(erasure.subject)
        for component in missing:
            count, note = await self.purges.table[component](found)
            await self.outbox.erasure(
                Purged(
                    id=f"{erasure.id}#{component}",
                    erasure=erasure.id,
                    subject=erasure.subject,
                    component=component,
                    count=count,
                    note=note,
                )
            )

    async def _against(self, erasure: Erasure, hold: Hold | None) -> str:
        """Why it may not be done."""
        if hold:
            return f"a legal hold stands: {hold.reason}"
        if erasure.vault != await self.vault.mark():
            return "it was asked for under another key store than this platform's: ask where its settings are"
        return ""

    def _audit(self, record: Record, event: Erasure | Purged | Refused | Hold) -> Audit:
        match event:
            case Erasure():
                outcome, code = "requested", event.reason
            case Purged():
                outcome, code = "purged", f"{event.component}: {event.count} {event.note}"
            case Refused():
                outcome, code = "refused", event.reason
            case Hold():
                outcome, code = "released" if event.released else "held", event.reason
        audit = self.auditor.change(record, event, "erasure", outcome, code)
        return audit.model_copy(update={"subject": event.subject})

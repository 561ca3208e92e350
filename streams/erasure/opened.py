"""Sealed records on their way to an agent: the one seam where what agents read is opened."""

import logging
from dataclasses import dataclass
from typing import Protocol

from infra.broker import Record
from infra.vault.sealing import is_sealed
from infra.vault.vault import Vault
from schemas.errors import HeadraceError, KeyErased

log = logging.getLogger(__name__)


class Handling(Protocol):
    """What agents are: a handler, and what it does after the last attempt."""

    async def __call__(self, record: Record) -> None: ...

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None: ...


@dataclass(frozen=True)
class Opened:
    """Gives a handler records in plain. One whose subject was erased is passed over: nobody can read it any more."""

    handler: Handling
    vault: Vault

    async def __call__(self, record: Record) -> None:
        if is_sealed(record.value):
            try:
                record = await self.vault.open_record(record)
            except KeyErased:
                log.info("passed over what was erased", extra={"source": str(record.source)})
                return
        await self.handler(record)

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None:
        """Raises what can be tried again, so that the record waits for the data keys."""
        if is_sealed(record.value):
            try:
                record = await self.vault.open_record(record)
            except KeyErased:
                return
            except HeadraceError as why:
                if why.retriable:
                    raise
                error = why
        await self.handler.give_up(record, error, attempts)

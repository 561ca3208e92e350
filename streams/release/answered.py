"""Which requests have their answer: a memory of ``responses``, learnt from ``responses`` itself.

The owner of a partition of ``results`` reads the same partition of ``responses`` before it decides anything, and again
after every rebalance. Redis makes older answers cheap to know; without it what is remembered is what counts.
"""

import asyncio
import logging
from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Protocol

from pydantic import ValidationError

from infra.reader import read_all
from infra.settings import Settings
from infra.topics import Names
from infra.vault.vault import Vault
from schemas.base import now
from schemas.errors import Unavailable
from schemas.responses import Response

log = logging.getLogger(__name__)


class Answers(Protocol):
    """Stored answers (see ``streams.release.store``)."""

    async def get(self, tenant: str | None, request_id: str) -> Response | None: ...


class _Partition:
    """What is known of one partition: digests by identity, oldest first, and how far ``responses`` was read."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.digests: OrderedDict[bytes, str] = OrderedDict()
        self.read_to: int | None = None
        self.knows_since = now()
        self.fresh = False
        self.lock = asyncio.Lock()

    def remember(self, response: Response) -> None:
        self.digests[identity(response.tenant, response.id)] = response.digest
        while len(self.digests) > self.limit:
            self.digests.popitem(last=False)
            self.knows_since = now()


class Answered:
    """The digest of the request that was answered under an id, for the partitions that this process owns."""

    def __init__(self, settings: Settings, answers: Answers, vault: Vault | None = None) -> None:
        self._settings, self._answers, self._vault = settings, answers, vault
        self._topic = Names(settings.kafka)("responses")
        self._partitions: dict[int, _Partition] = {}

    async def digest(self, partition: int, tenant: str | None, request_id: str, admitted: datetime) -> str | None:
        """The digest of the answered request, or ``None`` if it has no answer yet. What was ``admitted`` after the
        memory begins is answered in the memory or not at all."""
        state = await self._state(partition)
        known = state.digests.get(identity(tenant, request_id))
        if known or admitted > state.knows_since:
            return known
        try:
            stored = await self._answers.get(tenant, request_id)
        except Unavailable:
            return None
        return stored.digest if stored else None

    def remember(self, partition: int, response: Response) -> None:
        """Note what was just published."""
        self._partitions[partition].remember(response)

    def stale(self) -> None:
        """Partitions may have had another owner meanwhile: read what it published before deciding anything."""
        for state in self._partitions.values():
            state.fresh = False

    async def _state(self, partition: int) -> _Partition:
        state = self._partitions.setdefault(partition, _Partition(self._settings.limits.remembered))
        if not state.fresh:
            async with state.lock:
                if not state.fresh:
                    await self._catch_up(partition, state)
                    state.fresh = True
        return state

    async def _catch_up(self, partition: int, state: _Partition) -> None:
        since = timedelta(seconds=self._settings.limits.remember_s)
        if state.read_to is None:
            state.knows_since = now() - since
        count = 0
        async for record in read_all(
            self._settings.kafka,
            [self._topic],
            since=since,
            partition=partition,
            start=state.read_to,
            vault=self._vault,
        ):
            state.read_to = record.offset + 1
            try:
                state.remember(Response.model_validate_json(record.value or b""))
                count += 1
            except ValidationError:
                log.error("no response at %s", record.source)
        log.info("learnt what is answered", extra={"partition": partition, "responses": count})


def identity(tenant: str | None, request_id: str) -> bytes:
    """16 bytes for one request of one tenant."""
    return blake2b(f"{tenant or ''}\0{request_id}".encode(), digest_size=16).digest()

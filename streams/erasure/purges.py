"""What each component does to have nothing of a subject any more. All can be repeated."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from infra.objects import ObjectStore
from infra.reader import read_all
from infra.redis import Store
from infra.settings import Settings
from infra.topics import Names
from infra.truncation import truncate
from infra.vault.kept import Kept
from infra.vault.vault import SEALED, Vault
from schemas.cloudevents import header
from schemas.erasure import Component
from schemas.errors import NotFound
from schemas.work import Attachment
from streams.erasure.footprint import Footprint
from streams.outbox import Outbox

Did = tuple[int, str]
"""How much was purged, and of what."""
Purge = Callable[[Footprint], Awaitable[Did]]
TRANSIENT = ("requests", "uploads", "work", "results")
"""Kinds of topics whose records are done with once they are committed."""


@dataclass(frozen=True)
class Purges:
    """The components of ``schemas.erasure`` that there are."""

    settings: Settings
    vault: Vault
    store: Store
    objects: ObjectStore
    outbox: Outbox

    @property
    def table(self) -> Mapping[Component, Purge]:
        return {
            "keys": self.keys,
            "answers": self.answers,
            "files": self.files,
            "examples": self.examples,
            "topics": self.topics,
        }

    async def keys(self, found: Footprint) -> Did:
        await self.vault.erase(found.subject)
        return 1, "data keys"

    async def answers(self, found: Footprint) -> Did:
        """Answers, claims and marks in Redis by id; cached answers by subject, or all where none were noted."""
        names = [
            f"{kind}:{tenant}:{request_id}"
            for tenant, request_id in found.ids
            for kind in ("answer", "claim", "submitted")
        ]
        if not self.vault.active:
            names += [name async for name in self.store.names("cache:*")]
        count = await self.store.delete(*names) + await Kept(self.store, self.vault).purge(found.subject)
        await self.store.rewrite()
        return count, "entries in Redis"

    async def files(self, found: Footprint) -> Did:
        """The bytes first: it is their records that tell where they are, should this be cut off."""
        return await asyncio.to_thread(self._delete, found), "files"

    async def examples(self, found: Footprint) -> Did:
        """Tombstones; compaction then takes the values from the disk."""
        wanted = {request_id for _, request_id in found.ids} | found.opinions
        keys = set()
        async for record in read_all(self.settings.kafka, [Names(self.settings.kafka)("examples")]):
            key = (record.key or b"").decode(errors="replace")
            sealed = (header(record.headers, SEALED) or "").startswith(f"{found.subject}.")
            if key in wanted or sealed:
                keys.add(key) if record.value is not None else keys.discard(key)
        for key in sorted(keys):
            await self.outbox.forget_example(key)
        return len(keys), "examples"

    async def topics(self, found: Footprint) -> Did:
        if not self.settings.privacy.truncate:
            return 0, "left to retention"
        return await truncate(self.settings.kafka, TRANSIENT), "records in transit"

    def _delete(self, found: Footprint) -> int:
        uris = set(found.uris)
        for tenant, file_id in found.files:
            with suppress(NotFound):
                uris.add(self.objects.get_record(tenant, file_id, Attachment).uri)
        count = self.objects.delete(uris, found.files)
        for tenant, file_id in found.files:
            with suppress(NotFound):
                self.objects.delete_record(tenant, file_id)
        return count

"""Answers as they come by on the log: remembered for a while, and handed to whoever waits."""

import asyncio
import logging
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from pydantic import ValidationError

from infra.broker import Record
from schemas.errors import DuplicateId, Unavailable
from schemas.responses import Chunk, Response
from streams.admission.admit import ANY_DIGEST

log = logging.getLogger(__name__)
CHUNKS_WAITING = 256


class Archive(Protocol):
    """Where answers are that came by too long ago to be remembered here."""

    async def get(self, tenant: str, request_id: str) -> Response | None: ...


class Waiter:
    """One who waits for one request. Chunks that do not fit are dropped: the answer has the whole text."""

    def __init__(self, tenant: str, request_id: str, digest: str | None) -> None:
        self.tenant, self.id, self.digest = tenant, request_id, digest
        self.ended = False
        self._events: asyncio.Queue[Chunk | Response] = asyncio.Queue()

    def offer(self, event: Chunk | Response) -> None:
        if isinstance(event, Response):
            self.ended = True
        elif self._events.qsize() >= CHUNKS_WAITING:
            return
        self._events.put_nowait(event)

    async def next(self, timeout_s: float) -> Chunk | Response | None:
        """The next chunk, or the answer, after which nothing comes; ``None`` when ``timeout_s`` passed first."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._events.get()
        except TimeoutError:
            return None

    def wants(self, response: Response) -> bool:
        """Whether this is the end of what is waited for, and not of other content under the same id."""
        if response.tenant != self.tenant:
            return False
        if self.digest is None:
            return response.of is None
        return response.digest in (self.digest, ANY_DIGEST)


class Answers:
    """Follows ``responses`` and ``chunks``. At most ``count`` answers of ``size`` bytes together are remembered."""

    def __init__(self, archive: Archive, *, count: int = 4096, size: int = 32 * 2**20) -> None:
        self._archive, self._count, self._size = archive, count, size
        self._held = 0
        self._recent: OrderedDict[tuple[str | None, str], tuple[Response, int]] = OrderedDict()
        self._waiters: dict[str, list[Waiter]] = defaultdict(list)

    def response(self, record: Record) -> None:
        """Take in a record of ``responses``; one that cannot be read is passed over."""
        try:
            response = Response.model_validate_json(record.value or b"")
        except ValidationError:
            log.warning("passed over an unreadable response", extra={"source": str(record.source)})
            return
        self._remember(response, len(record.value or b""))
        for waiter in self._waiters.get(response.of or response.id, ()):
            if waiter.wants(response):
                waiter.offer(response)

    def chunk(self, record: Record) -> None:
        """Take in a record of ``chunks``; what nobody here waits for is not even parsed."""
        waiters = self._waiters.get((record.key or b"").decode(errors="replace"))
        if not waiters:
            return
        try:
            chunk = Chunk.model_validate_json(record.value or b"")
        except ValidationError:
            log.warning("passed over an unreadable chunk", extra={"source": str(record.source)})
            return
        for waiter in waiters:
            if waiter.tenant == chunk.tenant:
                waiter.offer(chunk)

    async def find(self, tenant: str, request_id: str) -> Response | None:
        """The answer to a request, remembered or out of the archive; without the archive only what is remembered."""
        if found := self._recent.get((tenant, request_id)):
            return found[0]
        try:
            return await self._archive.get(tenant, request_id)
        except Unavailable:
            log.warning("the archive of answers is away")
            return None

    def awaited(self, tenant: str, request_id: str) -> list[Waiter]:
        """Those who wait for a request here."""
        return [waiter for waiter in self._waiters.get(request_id, ()) if waiter.tenant == tenant]

    @contextmanager
    def waiting(self, tenant: str, request_id: str, digest: str | None = None) -> Iterator[Waiter]:
        """Wait from now on.

        Raises:
            DuplicateId: the same id is in flight here with other content.
        """
        if digest and any(other.digest not in (None, digest) for other in self.awaited(tenant, request_id)):
            raise DuplicateId(f"the id {request_id} is in flight with other content: use a new one", param="id")
        waiter = Waiter(tenant, request_id, digest)
        self._waiters[request_id].append(waiter)
        try:
            yield waiter
        finally:
            self._waiters[request_id].remove(waiter)
            if not self._waiters[request_id]:
                del self._waiters[request_id]

    def _remember(self, response: Response, size: int) -> None:
        """The first answer counts; a repeat says the same."""
        key = (response.tenant, response.id)
        if key in self._recent:
            return
        self._recent[key] = (response, size)
        self._held += size
        while len(self._recent) > self._count or self._held > self._size:
            _, (_, gone) = self._recent.popitem(last=False)
            self._held -= gone

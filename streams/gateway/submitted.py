"""Which requests were submitted, so that one still running is told from one that never was."""

import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from schemas.errors import Unavailable

log = logging.getLogger(__name__)


class Marks(Protocol):
    """A memory that all gateways share, such as ``infra.redis.Store``."""

    async def get(self, key: str) -> bytes | None: ...

    async def set(self, key: str, value: bytes, ttl_s: int, only_if_absent: bool = False) -> bool: ...


@dataclass(frozen=True)
class Mark:
    """What was asked (its digest), and the record key that it went under."""

    digest: str
    key: str


class Submitted:
    """Remembers the latest ``count`` requests here and, when the marks are there, all for ``ttl_s`` seconds."""

    def __init__(self, marks: Marks, *, ttl_s: int, count: int = 20_000) -> None:
        self._marks, self._ttl_s, self._count = marks, ttl_s, count
        self._here: OrderedDict[tuple[str, str], Mark] = OrderedDict()

    async def add(self, tenant: str, request_id: str, mark: Mark) -> Mark:
        """The mark that stands for this id: the first one that was made."""
        if first := await self.find(tenant, request_id):
            return first
        self._keep(tenant, request_id, mark)
        try:
            value = f"{mark.digest} {mark.key}".encode()
            await self._marks.set(_name(tenant, request_id), value, self._ttl_s, only_if_absent=True)
        except Unavailable:
            log.warning("submitted requests are remembered by this process only")
        return mark

    async def find(self, tenant: str, request_id: str) -> Mark | None:
        """The mark of a request; ``None`` when the tenant submitted no such request."""
        if here := self._here.get((tenant, request_id)):
            return here
        try:
            found = await self._marks.get(_name(tenant, request_id))
        except Unavailable:
            return None
        return Mark(*found.decode().split(" ", 1)) if found else None

    def _keep(self, tenant: str, request_id: str, mark: Mark) -> None:
        self._here[tenant, request_id] = mark
        if len(self._here) > self._count:
            self._here.popitem(last=False)


def _name(tenant: str, request_id: str) -> str:
    return f"submitted:{tenant}:{request_id}"

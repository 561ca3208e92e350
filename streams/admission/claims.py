"""Which record first used a request id: the cheap way to see a duplicate. The way out is the sure one."""

from infra.redis import Store
from schemas.base import Source
from schemas.errors import DuplicateId, Unavailable
from streams.journey import Journey

CLAIM_S = 86_400


class Claims:
    """Claims in Redis; while it is away every record counts as new, and the log decides at the way out."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(self, journey: Journey) -> None:
        """Claim a journey's id; a duplicate is dropped, since the first record of the id brings the answer.

        Raises:
            DuplicateId: the id was used for other content.
        """
        try:
            first = await self._first(journey.tenant or "", journey.id, journey.record.source, journey.digest)
        except DuplicateId:
            journey.conflict = True
            raise
        if not first:
            journey.dropped = True
            journey.decide("admission", "dropped", "duplicate")

    async def _first(self, tenant: str, request_id: str, source: Source, digest: str) -> bool:
        """Whether this record is the first of its id. A redelivery of the first is the first again."""
        key = f"claim:{tenant}:{request_id}"
        mine = f"{source} {digest}"
        try:
            if await self._store.set(key, mine.encode(), CLAIM_S, only_if_absent=True):
                return True
            held = await self._store.get(key)
        except Unavailable:
            return True
        if held is None or held.decode() == mine:
            return True
        if held.decode().rpartition(" ")[2] != digest:
            raise DuplicateId(f"the id {request_id} was used for another request: choose a new one", param="id")
        return False

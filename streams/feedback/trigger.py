"""When enough was corrected: a training job by itself."""

import logging

from infra.redis import Store
from infra.settings import TrainingTrigger
from schemas.errors import Unavailable
from schemas.training import TrainingJob
from streams.outbox import Outbox

log = logging.getLogger(__name__)
COUNT = """
if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then return 0 end
return redis.call('SCARD', KEYS[1])
"""


class Trigger:
    """Counts corrections by tenant and model, each once, and publishes a job after every so many."""

    def __init__(self, store: Store, settings: TrainingTrigger, outbox: Outbox) -> None:
        self._store, self._settings, self._outbox = store, settings, outbox

    async def count(self, tenant: str, model: str, feedback_id: str) -> None:
        """Count one correction. Without Redis nothing is counted: a job can always be asked for by hand."""
        needed = self._settings.corrections
        if not needed:
            return
        try:
            total = int(await self._store.script(COUNT, [f"corrections:{tenant}:{model}"], [feedback_id]))
        except Unavailable:
            log.warning("redis is away: a correction was not counted towards training")
            return
        if total and total % needed == 0:
            job = TrainingJob(id=f"auto-{tenant}-{model}-{total}", tenant=tenant, model=model, requested_by="trigger")
            await self._outbox.training(job)

"""Which requests were withdrawn, as workers hear of it."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from pydantic import ValidationError

from infra.broker import Record
from infra.reader import Follower
from infra.settings import Settings
from infra.topics import Names
from schemas.errors import Cancelled
from schemas.work import Cancel, Work

log = logging.getLogger(__name__)
MEMORY = 10_000
SINCE = timedelta(minutes=10)


class Cancels:
    """Remembers the latest cancellations, and interrupts what runs when its own comes."""

    def __init__(self) -> None:
        self._cancelled: OrderedDict[tuple[str | None, str], None] = OrderedDict()
        self._running: dict[tuple[str | None, str], asyncio.Task[object]] = {}

    def apply(self, cancel: Cancel) -> None:
        key = (cancel.tenant, cancel.id)
        self._cancelled[key] = None
        while len(self._cancelled) > MEMORY:
            self._cancelled.popitem(last=False)
        if task := self._running.pop(key, None):
            task.cancel()

    def has(self, work: Work) -> bool:
        return (work.tenant, work.id) in self._cancelled

    @contextmanager
    def interrupting(self, work: Work) -> Iterator[None]:
        """Interrupt the block if the request is withdrawn before it or within it.

        Raises:
            Cancelled: it was.
        """
        key, task = (work.tenant, work.id), asyncio.current_task()
        withdrawn = Cancelled("the request was withdrawn")
        if task is None or self.has(work):
            raise withdrawn
        self._running[key] = task
        try:
            yield
        except asyncio.CancelledError:
            if not self.has(work) or task.uncancel():
                raise
            raise withdrawn from None
        finally:
            self._running.pop(key, None)

    def follower(self, settings: Settings, client_id: str) -> Follower:
        """What keeps this up to date while it runs."""

        def apply(record: Record) -> None:
            try:
                self.apply(Cancel.model_validate_json(record.value or b""))
            except ValidationError:
                log.error("no cancellation", extra={"source": str(record.source)})

        topic = Names(settings.kafka)("cancels")
        return Follower(settings.kafka, [topic], apply, since=SINCE, client_id=client_id)

"""Asking the platform over the log: say it signed, wait for its end, withdraw it when nobody waits any more."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from infra.settings import Settings
from infra.signing import sign
from schemas.base import new_id
from schemas.cloudevents import encode
from schemas.errors import DuplicateId, Expired, HeadraceError, Unavailable
from schemas.feedback import Feedback
from schemas.requests import Request
from schemas.responses import Chunk, Response
from schemas.uploads import Upload
from streams.admission.admit import ANY_DIGEST
from streams.admission.decoding import content_digest
from streams.gateway.access import Caller
from streams.gateway.answers import Waiter
from streams.gateway.parts import Parts

log = logging.getLogger(__name__)
PUBLISH_S = 10.0
Said = Request | Upload | Feedback
"""What the gateway says for its callers; each is answered by a ``Response`` of the same id."""


class Exchange:
    """One per gateway. ``timeout_s`` of the settings bounds how long anybody waits."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._parts = parts
        self._timeout_s = settings.gateway.timeout_s
        self._withdrawals: set[asyncio.Task[None]] = set()

    async def say(self, event: Said, *, key: str | None = None) -> None:
        """Publish an event with the gateway's signature.

        Raises:
            Unavailable: Kafka did not acknowledge it in time.
            TooLarge: Kafka takes no record of that size.
        """
        topic, usual = address(event)
        value, headers = encode(event, source="headrace/gateway")
        headers = sign(value, headers, self._parts.key.id, self._parts.key.secret)
        try:
            async with asyncio.timeout(min(PUBLISH_S, self._timeout_s)):
                name, vault = self._parts.names(topic), self._parts.vault
                if vault and vault.active:
                    subject = await vault.subject(event.tenant, subject_of(event))
                    value, headers = await vault.seal_record(name, subject, value, headers)
                await self._parts.publisher.publish(name, value, key=key or usual, headers=headers)
        except TimeoutError as error:
            raise Unavailable("Kafka did not acknowledge the request: try again") from error

    @asynccontextmanager
    async def opened(self, event: Said, caller: Caller) -> AsyncIterator[Waiter]:
        """Publish an event and wait for its end; leaving before that withdraws a request, unless its caller named it by
        an idempotency key and so may come back. Under a chosen id the answer may be there already, or under way.

        Raises:
            DuplicateId: the id was used for other content.
        """
        tenant, digest = event.tenant or "", content_digest(event)
        with self._parts.answers.waiting(tenant, event.id, digest) as waiter:
            if caller.chosen and (known := await self._known(event, digest)):
                waiter.offer(known)
            try:
                if not waiter.ended and self._alone(waiter):
                    await self.say(event)
                yield waiter
            finally:
                if isinstance(event, Request) and not caller.returns and not waiter.ended and self._alone(waiter):
                    self._withdraw(event)

    async def events(self, waiter: Waiter, keep_alive_s: float) -> AsyncGenerator[Chunk | Response | None, None]:
        """Chunks, then the answer; ``None`` after each silence of ``keep_alive_s``.

        Raises:
            Expired: no answer within the time that the settings allow.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + self._timeout_s
        while (left := until - clock()) > 0:
            event = await waiter.next(min(keep_alive_s, left))
            yield event
            if isinstance(event, Response):
                return
        raise Expired(f"no answer within {self._timeout_s:g} s: submit long work to /v1/requests and poll")

    async def end(self, waiter: Waiter) -> Response:
        """The answer, whatever it says."""
        return [event async for event in self.events(waiter, self._timeout_s) if isinstance(event, Response)][-1]

    async def ask(self, event: Said, caller: Caller) -> Response:
        async with self.opened(event, caller) as waiter:
            return await self.end(waiter)

    async def close(self) -> None:
        """Let the withdrawals under way reach the log."""
        if self._withdrawals:
            await asyncio.wait(self._withdrawals, timeout=PUBLISH_S)

    async def _known(self, event: Said, digest: str) -> Response | None:
        known = await self._parts.answers.find(event.tenant or "", event.id)
        if known and known.digest not in (digest, ANY_DIGEST):
            raise DuplicateId(f"the id {event.id} was used for another request: choose a new one", param="id")
        return known

    def _alone(self, waiter: Waiter) -> bool:
        """Whether nobody else here asked the same; who only polls asks nothing."""
        others = self._parts.answers.awaited(waiter.tenant, waiter.id)
        return [other for other in others if other.digest] == [waiter]

    def _withdraw(self, request: Request) -> None:
        """Cancel beside whatever goes on: the handler that leaves is being cancelled itself."""
        cancel = cancelling(request.id, request.tenant, request.on_behalf_of, request.trace)
        task = asyncio.create_task(self._cancel(cancel, address(request)[1]))
        self._withdrawals.add(task)
        task.add_done_callback(self._withdrawals.discard)

    async def _cancel(self, cancel: Request, key: str) -> None:
        try:
            await self.say(cancel, key=key)
        except HeadraceError as error:
            log.warning("could not withdraw a request", extra={"target": cancel.target, "code": error.code})


def cancelling(target: str, tenant: str | None, key_id: str | None, trace: str | None = None) -> Request:
    """The request that withdraws another; said under the key of its target it stands behind it in its partition."""
    return Request(id=new_id(), kind="cancel", target=target, tenant=tenant, on_behalf_of=key_id, trace=trace)


def subject_of(event: Said) -> str | None:
    """Whom an event is about: its user, else the key of its caller."""
    return event.user or (event.on_behalf_of if isinstance(event, Request) else None)


def address(event: Said) -> tuple[str, str]:
    """The topic that an event is said on, and its record key."""
    if isinstance(event, Upload):
        return "uploads", event.id
    if isinstance(event, Feedback):
        return "feedback", event.request_id
    return "requests", event.conversation or event.id

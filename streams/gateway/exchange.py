"""Asking the platform over the log: say it signed, wait for its end, withdraw it when nobody waits any more."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.settings import Settings
from infra.signing import sign
from schemas.base import Event, new_id
from schemas.cloudevents import encode
from schemas.errors import DuplicateId, Expired, HeadraceError, Unavailable
from schemas.requests import Request
from schemas.responses import Chunk, Response
from streams.admission.admit import ANY_DIGEST
from streams.admission.decoding import content_digest
from streams.gateway.answers import Waiter
from streams.gateway.parts import Parts

log = logging.getLogger(__name__)
PUBLISH_S = 10.0


class Exchange:
    """One per gateway. ``timeout_s`` of the settings bounds how long anybody waits."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._parts = parts
        self._timeout_s = settings.gateway.timeout_s
        self._withdrawals: set[asyncio.Task[None]] = set()

    async def say(self, topic: str, key: str, event: Event) -> None:
        """Publish an event with the gateway's signature.

        Raises:
            Unavailable: Kafka did not acknowledge it in time.
            TooLarge: Kafka takes no record of that size.
        """
        value, headers = encode(event, source="headrace/gateway")
        signed = sign(value, headers, self._parts.key.id, self._parts.key.secret)
        try:
            async with asyncio.timeout(min(PUBLISH_S, self._timeout_s)):
                await self._parts.publisher.publish(self._parts.names(topic), value, key=key, headers=signed)
        except TimeoutError as error:
            raise Unavailable("Kafka did not acknowledge the request: try again") from error

    async def request(self, request: Request) -> None:
        await self.say("requests", record_key(request), request)

    @asynccontextmanager
    async def opened(self, request: Request, *, chosen: bool) -> AsyncIterator[Waiter]:
        """Publish a request and wait for it; leaving before its end withdraws it. With an id that the client has
        ``chosen`` the answer may be there already, or under way for somebody else.

        Raises:
            DuplicateId: the id was used for other content.
        """
        tenant, digest = request.tenant or "", content_digest(request)
        with self._parts.answers.waiting(tenant, request.id, digest) as waiter:
            known = await self.known(tenant, request.id, digest) if chosen else None
            if known:
                waiter.offer(known)
            try:
                if not known and self._alone(waiter):
                    await self.request(request)
                yield waiter
            finally:
                if not waiter.ended and self._alone(waiter):
                    self.withdraw(request)

    async def known(self, tenant: str, request_id: str, digest: str) -> Response | None:
        """The answer that is there already.

        Raises:
            DuplicateId: it answers other content.
        """
        known = await self._parts.answers.find(tenant, request_id)
        if known and known.digest not in (digest, ANY_DIGEST):
            raise DuplicateId(f"the id {request_id} was used for another request: choose a new one", param="id")
        return known

    async def events(self, waiter: Waiter, keep_alive_s: float) -> AsyncIterator[Chunk | Response | None]:
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
        async for event in self.events(waiter, self._timeout_s):
            if isinstance(event, Response):
                return event
        raise Expired("the wait was cut short")

    async def ask(self, request: Request, *, chosen: bool) -> Response:
        async with self.opened(request, chosen=chosen) as waiter:
            return await self.end(waiter)

    async def tell(self, topic: str, key: str, event: Event, *, chosen: bool) -> Response:
        """Publish an event of another topic and wait for what became of it."""
        tenant = event.tenant or ""
        with self._parts.answers.waiting(tenant, event.id) as waiter:
            if chosen and (known := await self._parts.answers.find(tenant, event.id)):
                return known
            await self.say(topic, key, event)
            return await self.end(waiter)

    def withdraw(self, request: Request) -> None:
        """Cancel a request beside whatever goes on."""
        cancel = cancelling(request.id, request.tenant, request.on_behalf_of, request.trace)
        task = asyncio.create_task(self._withdraw(cancel, record_key(request)))
        self._withdrawals.add(task)
        task.add_done_callback(self._withdrawals.discard)

    async def _withdraw(self, cancel: Request, key: str) -> None:
        try:
            await self.cancel(cancel, key)
        except HeadraceError as error:
            log.warning("could not withdraw a request", extra={"target": cancel.target, "code": error.code})

    async def cancel(self, cancel: Request, key: str) -> None:
        """Publish a cancel under the record key of its target, so that it stands behind it in the same partition."""
        await self.say("requests", key, cancel)

    def _alone(self, waiter: Waiter) -> bool:
        """Whether nobody else here asked the same; who only polls asks nothing."""
        others = self._parts.answers.awaited(waiter.tenant, waiter.id)
        return [other for other in others if other.digest] == [waiter]

    async def close(self) -> None:
        """Let the withdrawals under way reach the log."""
        if self._withdrawals:
            await asyncio.wait(self._withdrawals, timeout=PUBLISH_S)


def cancelling(target: str, tenant: str | None, key_id: str | None, trace: str | None = None) -> Request:
    """The request that withdraws another."""
    return Request(id=new_id(), kind="cancel", target=target, tenant=tenant, on_behalf_of=key_id, trace=trace)


def record_key(request: Request) -> str:
    return request.conversation or request.id

"""``/v1/requests``: submit now; poll, wait, be called back or withdraw later."""

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from aiohttp import web

from schemas.errors import DuplicateId, InvalidField, NotFound
from schemas.requests import Request
from schemas.responses import Response
from streams.admission.decoding import content_digest
from streams.gateway.access import Access, Caller
from streams.gateway.answers import Answers
from streams.gateway.asked import Submission, to_request
from streams.gateway.bodies import read
from streams.gateway.callbacks import Callbacks
from streams.gateway.exchange import Exchange, address, cancelling
from streams.gateway.replies import reply
from streams.gateway.submitted import Mark, Submitted

LONGEST_WAIT_S = 60.0


class Requests:
    def __init__(self, exchange: Exchange, answers: Answers, submitted: Submitted, callbacks: Callbacks) -> None:
        self._exchange, self._answers = exchange, answers
        self._submitted, self._callbacks = submitted, callbacks

    def routes(self, access: Access) -> Iterable[web.RouteDef]:
        return [
            web.post("/v1/requests", access.scoped("requests", self.submit)),
            web.get("/v1/requests/{id}", access.scoped("requests", self.poll)),
            web.delete("/v1/requests/{id}", access.scoped("requests", self.withdraw)),
        ]

    async def submit(self, http: web.Request, caller: Caller) -> web.Response:
        """202 once the request is on the log."""
        asked = await read(http, Submission)
        request = to_request(asked, asked.kind, caller)
        if asked.callback is not None:
            self._callbacks.check(asked.callback)
        await self._mark(request)
        with self._callbacks.promised(asked.callback, request, caller.key_id) if asked.callback else nullcontext():
            await self._exchange.say(request)
        headers = {"Location": f"/v1/requests/{request.id}"}
        return reply(_running(request.id), status=202, headers=headers)

    async def poll(self, http: web.Request, caller: Caller) -> web.Response:
        """The answer, when it is there before ``?wait=`` seconds have passed; else that the request is running."""
        request_id, wait_s = http.match_info["id"], _wait(http)
        with self._answers.waiting(caller.tenant, request_id) as waiter:
            found = await self._answers.find(caller.tenant, request_id)
            if not found:
                await self._key(caller, request_id)
                event = await waiter.next(wait_s) if wait_s else None
                found = event if isinstance(event, Response) else None
        return _shown(found) if found else reply(_running(request_id))

    async def withdraw(self, http: web.Request, caller: Caller) -> web.Response:
        """202 once the cancel is on the log; a request that has ended stays as it is."""
        request_id = http.match_info["id"]
        if found := await self._answers.find(caller.tenant, request_id):
            return _shown(found)
        key = await self._key(caller, request_id)
        await self._exchange.say(cancelling(request_id, caller.tenant, caller.key_id, caller.trace), key=key)
        return reply({**_running(request_id), "status": "cancelling"}, status=202)

    async def _mark(self, request: Request) -> None:
        mark = Mark(content_digest(request), address(request)[1])
        first = await self._submitted.add(request.tenant or "", request.id, mark)
        if first.digest != mark.digest:
            raise DuplicateId(f"the id {request.id} was used for another request: choose a new one", param="id")

    async def _key(self, caller: Caller, request_id: str) -> str:
        """The record key of a running request."""
        if mark := await self._submitted.find(caller.tenant, request_id):
            return mark.key
        if any(waiter.digest for waiter in self._answers.awaited(caller.tenant, request_id)):
            return request_id
        raise NotFound(f"there is no request {request_id!r}: it was never submitted, or its answer is no longer kept")


def _wait(http: web.Request) -> float:
    try:
        wait_s = float(http.query.get("wait", "0"))
    except ValueError:
        wait_s = -1.0
    if not 0 <= wait_s <= LONGEST_WAIT_S:
        raise InvalidField(f"wait: seconds from 0 to {LONGEST_WAIT_S:g}", param="wait")
    return wait_s


def _running(request_id: str) -> dict[str, Any]:
    return {"id": request_id, "object": "request", "status": "running"}


def _shown(response: Response) -> web.Response:
    return web.Response(text=shown(response), content_type="application/json")


def shown(response: Response) -> str:
    """An ended request as JSON: the response as it stands on the log."""
    return response.model_dump_json(exclude_none=True)

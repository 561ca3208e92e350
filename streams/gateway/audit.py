"""``/v1/audit``: what auditors read. Operators cannot, and each reading is audited before anything is sent."""

import re
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from typing import Any, Literal

import orjson
from aiohttp import web

from infra.broker import Record
from infra.reader import parse_since
from schemas.access import Access as Reading
from schemas.errors import Forbidden, InvalidField, NotFound, Overloaded
from streams.audit.conditions import Condition
from streams.audit.trail import WINDOW, Trail
from streams.gateway.access import Access, Caller
from streams.gateway.replies import reply
from streams.gateway.sse import EventStream

READERS = 16
"""Readings at once; each has a consumer of its own."""
LONGEST_S = 3600.0
"""After that a stream of events ends; the client comes again and goes on where it was."""
QUIET_S = 15.0
SCOPES = frozenset({"auditor", "auditor-all"})
POSITIONS = re.compile(r"\d{1,5}:\d{1,18}(,\d{1,5}:\d{1,18}){0,999}")


class AuditDesk:
    """Scope ``auditor`` reads what concerns its tenant, ``auditor-all`` everything; ``admin`` reads nothing here."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail
        self._readers = 0

    def routes(self, access: Access) -> Iterable[web.RouteDef]:
        return [
            web.get("/v1/audit/events", access.scoped(None, self.events)),
            web.get("/v1/audit/requests/{id}", access.scoped(None, self.story)),
            web.get("/v1/audit/checkpoints", access.scoped(None, self.checkpoints)),
        ]

    async def events(self, http: web.Request, caller: Caller) -> web.StreamResponse:
        """Server-sent events. The id of each is where to go on: ``partition:offset`` of what comes next."""
        asked = http.query.getall("filter", [])
        condition, since = Condition.parse(asked), parse_since(http.query.get("since", "latest"))
        positions = _positions(http.headers.get("Last-Event-ID", ""))
        async with self._reading(caller, "events", " ".join(asked), http.query.get("since", "")):
            stream = EventStream(http)
            await stream.open()
            ends, heard = time.monotonic() + LONGEST_S, time.monotonic()
            async with aclosing(self._trail.follow(positions, since)) as batches:
                async for batch in batches:
                    for record in batch:
                        positions[record.partition] = record.offset + 1
                        audit = decoded(record)
                        if visible(audit, caller) and condition(audit):
                            heard = time.monotonic()
                            await stream.send(shown(record, audit), event_id=_text(positions))
                    if time.monotonic() - heard > QUIET_S:
                        heard = time.monotonic()
                        await stream.keep_alive(event_id=_text(positions))
                    if time.monotonic() > ends:
                        break
            await stream.response.write_eof()
            return stream.response

    async def story(self, http: web.Request, caller: Caller) -> web.Response:
        """All that was decided about one request, in order of time."""
        wanted, since = http.match_info["id"], _window(http)
        async with self._reading(caller, "request", wanted, http.query.get("since", "")):
            found = [(record, decoded(record)) for record in await self._trail.story(wanted, since)]
        events = [shown(record, audit) for record, audit in found if visible(audit, caller)]
        if not events:
            raise NotFound(f"the audit log of the last {since} has nothing of request {wanted!r}")
        return reply({"object": "list", "data": sorted(events, key=lambda event: str(event["record"].get("time")))})

    async def checkpoints(self, http: web.Request, caller: Caller) -> web.Response:
        """The newest signed head of each partition; with ``all=true`` every one since then."""
        since = _window(http)
        async with self._reading(caller, "checkpoints", "", http.query.get("since", "")):
            heads = await self._trail.heads(since)
        if http.query.get("all") != "true":
            heads = list({head.key: head for head in heads}.values())
        data = [{"log": _str(head.key), "offset": head.offset, "note": _str(head.value)} for head in heads]
        return reply({"object": "list", "data": data})

    @asynccontextmanager
    async def _reading(
        self, caller: Caller, what: Literal["events", "request", "checkpoints"], target: str, since: str
    ) -> AsyncIterator[None]:
        """A reading that may take place and is on the log."""
        access = Reading(
            tenant=caller.tenant, trace=caller.trace, actor=caller.key_id,
            what=what, target=target[:1000], since=since[:100],
        )  # fmt: skip
        if not SCOPES & set(caller.scopes):
            await self._trail.denied(access)
            raise Forbidden("only a key of scope 'auditor' reads the audit log: issue one with 'headrace keys'")
        if self._readers >= READERS:
            raise Overloaded(f"{READERS} readings of the audit log are under way: try again in a moment")
        self._readers += 1
        try:
            await self._trail.granted(access)
            yield
        finally:
            self._readers -= 1


def visible(audit: dict[str, Any], caller: Caller) -> bool:
    """Whether a caller may see a record: that of another tenant, or of none, only with ``auditor-all``."""
    return "auditor-all" in caller.scopes or audit.get("tenant") == caller.tenant


def decoded(record: Record) -> dict[str, Any]:
    """The fields of an audit record; none of what is no record."""
    try:
        audit = orjson.loads(record.value or b"null")
    except orjson.JSONDecodeError:
        return {}
    return audit if isinstance(audit, dict) else {}


def shown(record: Record, audit: dict[str, Any]) -> dict[str, Any]:
    return {"partition": record.partition, "offset": record.offset, "record": audit}


def _positions(text: str) -> dict[int, int]:
    """Offsets to go on from, by partition."""
    if not text:
        return {}
    if not POSITIONS.fullmatch(text):
        raise InvalidField("Last-Event-ID: send the id of an event as it came", param="Last-Event-ID")
    pairs = (part.split(":") for part in text.split(","))
    return {int(partition): int(offset) for partition, offset in pairs}


def _text(positions: dict[int, int]) -> str:
    return ",".join(f"{partition}:{offset}" for partition, offset in sorted(positions.items()))


def _window(http: web.Request) -> timedelta:
    since = parse_since(http.query.get("since", "")) if "since" in http.query else WINDOW
    if not isinstance(since, timedelta):
        raise InvalidField("since: give a time back from now, as in 24h or 30d", param="since")
    return since


def _str(data: bytes | None) -> str:
    return (data or b"").decode(errors="replace")

"""Who calls, what they may do, and under which id and trace their request runs."""

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from aiohttp import web

from infra.logs import bind
from infra.tracing import child
from schemas.base import new_id
from schemas.errors import Forbidden, InvalidField, Unauthenticated
from schemas.registry import Key
from streams.gateway.address import Network, client, pseudonym
from streams.gateway.parts import Keys

Scope = Literal["requests", "files", "feedback"]
REQUEST_ID = web.RequestKey("request_id", str)
CHOSEN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,119}")
"""An ``Identifier`` without ``#``, which the platform sets apart other content under a used id with."""


@dataclass(frozen=True)
class Caller:
    """``chosen``: the client chose the id, so the request may be there already; ``returns``: it did so by an
    idempotency key, so when it leaves it may come back for the answer."""

    tenant: str
    key_id: str
    request_id: str
    chosen: bool
    returns: bool
    trace: str
    scopes: tuple[str, ...] = ()
    address: str | None = None
    """A pseudonym of where they call from."""


Guarded = Callable[[web.Request, Caller], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Access:
    """Lets in those with a key of the right scope."""

    def __init__(self, keys: Keys, trusted: Sequence[Network] = ()) -> None:
        self._keys, self._trusted = keys, trusted

    def scoped(self, scope: Scope | None, handler: Guarded) -> Handler:
        """A handler behind the door; ``None`` asks for any valid key."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            caller = self._caller(request, scope)
            with bind(request_id=caller.request_id):
                return await handler(request, caller)

        return guarded

    def _caller(self, request: web.Request, scope: Scope | None) -> Caller:
        key = self._keys.authenticate(bearer(request))
        if scope and scope not in key.scopes and "admin" not in key.scopes:
            raise Forbidden(f"this key has no scope {scope!r}: use one that has, or issue it with 'headrace keys'")
        returns = "Idempotency-Key" in request.headers
        chosen = returns or "X-Request-Id" in request.headers
        request_id = request[REQUEST_ID] = _identify(request, key)
        trace = child(request.headers.get("traceparent"))
        return Caller(key.tenant, key.id, request_id, chosen, returns, trace, key.scopes, self._address(request, key))

    def _address(self, request: web.Request, key: Key) -> str | None:
        found = client(request.remote, request.headers.getall("X-Forwarded-For", ()), self._trusted)
        with suppress(Unauthenticated):  # a key of another master key signs nothing
            return pseudonym(found, self._keys.signing_key(key.id)) if found else None
        return None


def bearer(request: web.Request) -> str:
    """The key in ``Authorization: Bearer …`` (RFC 6750)."""
    scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not presented.strip():
        raise Unauthenticated("send your API key as 'Authorization: Bearer hr-…'")
    return presented.strip()


def _identify(request: web.Request, key: Key) -> str:
    """The id of the request. An idempotency key counts within its tenant only."""
    if idempotency := request.headers.get("Idempotency-Key"):
        if len(idempotency) > 255:
            raise InvalidField("Idempotency-Key: at most 255 characters", param="Idempotency-Key")
        return "idem-" + sha256(f"{key.tenant}\n{idempotency}".encode()).hexdigest()[:48]
    chosen = request.headers.get("X-Request-Id")
    if chosen is None:
        return new_id()
    if not CHOSEN_ID.fullmatch(chosen):
        raise InvalidField(
            "X-Request-Id: at most 120 letters, digits and . _ : ~ -, beginning with a letter or digit",
            param="X-Request-Id",
        )
    return chosen

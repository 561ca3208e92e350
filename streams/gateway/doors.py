"""What every request passes: its count, its time, its id, and which web pages may call."""

import time

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from infra.settings import GatewaySettings
from schemas.base import new_id
from schemas.errors import Overloaded
from streams.gateway.access import REQUEST_ID
from streams.gateway.parts import Meter

CORS_METHODS = "GET, POST, DELETE, OPTIONS"
CORS_HEADERS = "Authorization, Content-Type, Idempotency-Key, X-Request-Id, traceparent"


def measured(meter: Meter) -> Middleware:
    """Counts and times by route, and names the request in the answer and in the logs."""

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status = time.perf_counter(), 499
        request[REQUEST_ID] = new_id()
        try:
            response = await handler(request)
            status = response.status
            if not response.prepared:
                response.headers["X-Request-Id"] = request[REQUEST_ID]
            return response
        finally:
            meter.http(_route(request), status, time.perf_counter() - began)

    return measure


def _route(request: web.Request) -> str:
    """The route's pattern: a bounded set, whatever paths are tried."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "none"


def counted(limit: int) -> Middleware:
    """At most ``limit`` API calls at once; health and metrics always answer."""
    in_flight = 0

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal in_flight
        if not request.path.startswith("/v1/"):
            return await handler(request)
        if in_flight >= limit:
            raise Overloaded(f"{limit} requests are in flight here: try again in a moment")
        in_flight += 1
        try:
            return await handler(request)
        finally:
            in_flight -= 1

    return count


def cors(settings: GatewaySettings) -> Middleware:
    """Lets pages of the listed origins call (WHATWG Fetch, CORS protocol); with none listed it does nothing."""

    @web.middleware
    async def share(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        if origin not in settings.cors_origins:
            return await handler(request)
        request[ALLOWED_ORIGIN] = origin
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            headers = {"Access-Control-Allow-Methods": CORS_METHODS, "Access-Control-Allow-Headers": CORS_HEADERS}
            return web.Response(status=204, headers={**headers, "Access-Control-Max-Age": "600"})
        return await handler(request)

    return share


ALLOWED_ORIGIN = web.RequestKey("allowed_origin", str)


async def name_origin(request: web.Request, response: web.StreamResponse) -> None:
    """On every answer, streams included, just before its headers go out."""
    if origin := request.get(ALLOWED_ORIGIN):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "X-Request-Id, Retry-After, Location"
        response.headers["Vary"] = "Origin"

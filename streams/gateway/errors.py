"""Every failure in the shape of the OpenAI API, with the status that its class has."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from schemas.errors import ErrorBody, HeadraceError, InternalError, InvalidField, QuotaExceeded, RateLimited, TooLarge
from schemas.responses import Response
from streams.gateway.replies import reply

log = logging.getLogger(__name__)
TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class Ended(HeadraceError):
    """The platform ended a request without an answer; carries what it said."""

    def __init__(self, body: ErrorBody) -> None:
        super().__init__(body.message, param=body.param)
        self._body = body

    def body(self) -> ErrorBody:
        return self._body


def completed(response: Response) -> Response:
    """The response itself.

    Raises:
        Ended: it has no answer.
    """
    if response.status == "completed":
        return response
    error = response.error or InternalError(f"the request ended as {response.status} without a reason").body()
    raise Ended(error)


def envelope(error: ErrorBody) -> dict[str, Any]:
    """``{"error": {"message", "type", "code", "param"}}``."""
    fallback = "server_error" if error.http_status >= 500 else "invalid_request_error"
    return {
        "error": {
            "message": error.message,
            "type": TYPES.get(error.http_status, fallback),
            "code": error.code,
            "param": error.param,
        }
    }


def answer(error: ErrorBody) -> web.Response:
    """The HTTP answer of an error; ``x-should-retry`` keeps the OpenAI client from repeating what cannot help."""
    headers = {"x-should-retry": "true" if error.retriable else "false"}
    if error.http_status in (429, 503) and error.retriable:
        headers["Retry-After"] = str(_retry_after(error.code))
    if error.http_status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return reply(envelope(error), status=error.http_status, headers=headers)


def _retry_after(code: str) -> int:
    """Seconds: a quota is new with the next day in UTC, a rate drains evenly, what is away may be back soon."""
    if code == QuotaExceeded.code:
        return 86_400 - int(time.time()) % 86_400
    return 5 if code == RateLimited.code else 1


@web.middleware
async def shaped(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers errors; what is none of ours is logged and told as a defect."""
    try:
        return await handler(request)
    except HeadraceError as error:
        return answer(error.body())
    except web.HTTPRequestEntityTooLarge:
        return answer(TooLarge(f"the body may have {request.client_max_size} bytes: upload files instead").body())
    except web.HTTPException as error:
        return _foreign(request, error)
    except ConnectionResetError:
        raise
    except Exception:
        log.exception("a defect in the gateway", extra={"method": request.method})
        return answer(InternalError("a defect of the gateway: its log has more at this time").body())


def _foreign(request: web.Request, error: web.HTTPException) -> web.Response:
    """aiohttp's own refusals: no such route, no such method and the like."""
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status, "invalid_request")
    message = f"{request.method} {request.path}: {error.reason}"
    body = ErrorBody(code=code, message=message, http_status=error.status, retriable=False)
    response = answer(body)
    if allow := error.headers.get("Allow"):
        response.headers["Allow"] = allow
    return response


def invalid_field(error: ValidationError, data: Mapping[str, Any] | None = None) -> InvalidField:
    """The most specific of pydantic's complaints, without the value; ``param`` is its path in ``data``."""
    complaints = error.errors(include_url=False, include_context=False, include_input=False)
    paths = [_path(complaint["loc"], data) for complaint in complaints]
    deepest = max(range(len(paths)), key=lambda index: len(paths[index]))
    param = ".".join(map(str, paths[deepest])) or None
    message = complaints[deepest]["msg"].removeprefix("Value error, ")
    if complaints[deepest]["type"] == "extra_forbidden":
        message = "there is no such field"
    return InvalidField(f"{param}: {message}" if param else message, param=param)


def _path(loc: tuple[int | str, ...], data: Any) -> list[int | str]:
    """A location without the names of union branches that pydantic puts into it."""
    path: list[int | str] = []
    for index, part in enumerate(loc):
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            if index < len(loc) - 1 or not isinstance(data, Mapping):
                continue
        path.append(part)
    return path

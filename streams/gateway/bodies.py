"""Reading what clients send: limited before it is parsed, JSON before it is judged, strict in every field."""

import asyncio
from typing import Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from schemas.errors import InvalidJson, InvalidRequest, TooLarge, UnsupportedType
from streams.gateway.errors import invalid_field

READ_S = 60.0
B = TypeVar("B", bound=BaseModel)


async def read_object(request: web.Request) -> dict[str, Any]:
    """The JSON object in a body.

    Raises:
        UnsupportedType: the body does not say that it is JSON.
        TooLarge: it has more bytes than the settings allow.
        InvalidRequest: it did not arrive in time.
        InvalidJson: it is no JSON (NaN and infinities are none, RFC 8259), or no object.
    """
    if request.content_type != "application/json" and not request.content_type.endswith("+json"):
        raise UnsupportedType(f"JSON is read here, not {request.content_type}: set 'Content-Type: application/json'")
    check_length(request, request.client_max_size)
    try:
        async with asyncio.timeout(READ_S):
            data = orjson.loads(await request.read())
    except TimeoutError as error:
        raise too_slow() from error
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"the body is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise InvalidJson(f"the body must be a JSON object, not {type(data).__name__}")
    return data


def too_slow() -> InvalidRequest:
    """The answer to a body that does not come."""
    return InvalidRequest(f"the body did not arrive within {READ_S:g} s: send it again, whole")


def check_length(request: web.Request, limit: int) -> None:
    """Refuse by the announced length, before a byte is read."""
    if (request.content_length or 0) > limit:
        raise TooLarge(f"the body has {request.content_length} bytes, {limit} are allowed: upload files instead")


def parse(model: type[B], data: dict[str, Any]) -> B:
    """The body as a model, without coercion: "1" is no number. A known field that is null counts as left out.

    Raises:
        InvalidField: a field is unknown, missing, of the wrong type or out of range.
    """
    given = {name: value for name, value in data.items() if value is not None or name not in model.model_fields}
    try:
        return model.model_validate_json(orjson.dumps(given), strict=True)
    except ValidationError as error:
        raise invalid_field(error, given) from error


async def read(request: web.Request, model: type[B]) -> B:
    return parse(model, await read_object(request))

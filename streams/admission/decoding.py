"""From bytes to a request, or to an error that says what is wrong, and always to an id."""

from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID, uuid5

import orjson
from pydantic import TypeAdapter, ValidationError

from infra.broker import Record
from infra.settings import LimitSettings
from infra.signing import SIGNATURE
from schemas.base import Event, Identifier
from schemas.cloudevents import header
from schemas.errors import InvalidField, InvalidJson, TooLarge

NAMESPACE = UUID("5f0c4b1e-6d4e-5b0e-9a43-1b9d2f7c6a10")
_IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)
E = TypeVar("E", bound=Event)


def parse(record: Record, limits: LimitSettings) -> dict[str, Any]:
    """The JSON object in a record.

    Raises:
        TooLarge: over ``limits.record_bytes``; measured before anything is parsed.
        InvalidJson: no JSON, or no object.
    """
    value = record.value or b""
    if len(value) > limits.record_bytes:
        raise TooLarge(
            f"the record has {len(value)} bytes, {limits.record_bytes} are allowed: upload large content first"
        )
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"the value is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise InvalidJson(f"the value must be a JSON object, not {type(body).__name__}")
    return body


def decode(record: Record, body: dict[str, Any], model: type[E]) -> E:
    """The event in a parsed record. What CloudEvents headers say fills what the body leaves out.

    Raises:
        InvalidField: names the first field at fault and counts the others.
    """
    filled = dict(body) if "id" in body else {"id": identify(record, body), **body}
    if trace := header(record.headers, "traceparent"):
        filled.setdefault("trace", trace)
    try:
        return model.model_validate(filled)
    except ValidationError as error:
        raise field_error(error) from error


def field_error(error: ValidationError) -> InvalidField:
    """The first of pydantic's complaints, without the value that caused it."""
    first, *others = error.errors(include_url=False, include_context=False, include_input=False)
    param = ".".join(str(part) for part in first["loc"]) or None
    more = f" (and {len(others)} more)" if others else ""
    return InvalidField(f"{param or 'request'}: {first['msg']}{more}", param=param)


def identify(record: Record, body: dict[str, Any] | None) -> str:
    """The request's id: the body's, else the ``ce_id`` header's, else one made from the signature (so that a replay
    has the same) or from the record's place on the log (so that a redelivery has)."""
    for candidate in ((body or {}).get("id"), header(record.headers, "ce_id")):
        try:
            return _IDENTIFIER.validate_python(candidate, strict=True)
        except ValidationError:
            continue
    return str(uuid5(NAMESPACE, header(record.headers, SIGNATURE) or str(record.source)))


VOLATILE = {"id", "time", "trace", "tenant", "deadline", "schema_version", "on_behalf_of", "address"}


def content_digest(event: Event) -> str:
    """SHA-256 of what was asked, apart from id and times: tells a retry from another request under the same id."""
    content = event.model_dump(mode="json", exclude=VOLATILE)
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()

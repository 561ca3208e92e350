"""CloudEvents 1.0 in Kafka's binary binding: attributes as ``ce_*`` headers, the value plain JSON.

A record without headers is as valid: the body alone says all that is needed.
Source: CloudEvents Kafka protocol binding 1.0.2, section 3.2.
"""

from collections.abc import Iterable, Sequence

from schemas.base import Event

Header = tuple[str, bytes]
PREFIX = "io.headrace."


def type_of(event: Event) -> str:
    """``io.headrace.request.v1`` for a ``Request``."""
    return f"{PREFIX}{type(event).__name__.lower()}.v{event.schema_version}"


def encode(event: Event, *, source: str, extra: Iterable[Header] = ()) -> tuple[bytes, list[Header]]:
    """The value and the headers of an event; ``source`` names the component that says it."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event.id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", type_of(event).encode()),
        ("ce_time", event.time.isoformat().encode()),
        ("content-type", b"application/json"),
    ]
    if event.trace:
        headers.append(("traceparent", event.trace.encode()))
    return event.model_dump_json(exclude_none=True).encode(), [*headers, *extra]


def header(headers: Sequence[Header] | None, name: str) -> str | None:
    """The last header of that name as text; ``None`` when it is absent or not UTF-8."""
    for key, value in reversed(headers or ()):
        if key == name:
            try:
                return value.decode()
            except UnicodeDecodeError:
                return None
    return None

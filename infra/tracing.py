"""W3C Trace Context through Kafka headers; OpenTelemetry when it is asked for, and no cost when it is not.

Source: W3C Trace Context (Recommendation, 2021), version 00.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

from schemas.errors import Unavailable

_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
SAMPLED = 1


class Traceparent(NamedTuple):
    """Where in which trace: 32 and 16 hexadecimal digits, not all zero."""

    trace_id: str
    span_id: str
    flags: int = SAMPLED

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """``None`` when the text is missing or not exactly a ``traceparent``."""
        match = _TRACEPARENT.fullmatch(text or "")
        return cls(match[1], match[2], int(match[3], 16)) if match else None

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"


def child(traceparent: str | None) -> str:
    """A ``traceparent`` one step below the given one; the root of a new trace when that is missing or invalid."""
    parent = Traceparent.parse(traceparent) or Traceparent(secrets.token_hex(16), "")
    return str(Traceparent(parent.trace_id, secrets.token_hex(8), parent.flags & SAMPLED))


class Tracer:
    """Spans of this process. Until ``start`` is called a span only passes the trace on."""

    def __init__(self) -> None:
        self._provider: Any = None

    @property
    def started(self) -> bool:
        return self._provider is not None

    def start(self, endpoint: str | None, service: str) -> None:
        """Send spans by OTLP over HTTP to ``endpoint`` (``http://host:4318``); with ``None`` nothing happens.

        Raises:
            Unavailable: an endpoint is set, but the extra is not installed.
        """
        if endpoint is None:
            return
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise Unavailable("traces need an extra: pip install 'headrace[tracing]'") from error
        self._provider = TracerProvider(resource=Resource.create({"service.name": service}))
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))

    def stop(self) -> None:
        """Send what is left and go back to passing on."""
        provider, self._provider = self._provider, None
        if provider:
            provider.shutdown()

    @contextmanager
    def span(self, name: str, traceparent: str | None, **attributes: str | int | float | bool) -> Iterator[str]:
        """One step of a trace; yields the ``traceparent`` that what follows from it carries."""
        if self._provider is None:
            yield child(traceparent)
            return
        from opentelemetry.trace import format_span_id, format_trace_id

        tracer = self._provider.get_tracer("headrace")
        with tracer.start_as_current_span(name, context=_context(traceparent), attributes=attributes) as span:
            context = span.get_span_context()
            trace_id, span_id = format_trace_id(context.trace_id), format_span_id(context.span_id)
            yield str(Traceparent(trace_id, span_id, context.trace_flags))


def _context(traceparent: str | None) -> Any:
    """The OpenTelemetry context below a ``traceparent``; an empty one begins a new trace."""
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    parent = Traceparent.parse(traceparent)
    if parent is None:
        return Context()
    trace_id, span_id, flags = int(parent.trace_id, 16), int(parent.span_id, 16), TraceFlags(parent.flags)
    return set_span_in_context(NonRecordingSpan(SpanContext(trace_id, span_id, True, flags)), Context())


TRACER = Tracer()
span = TRACER.span

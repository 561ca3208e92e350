import gzip
import re
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from infra.tracing import Traceparent, Tracer, child, span
from schemas.errors import Unavailable

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"
FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")


def test_a_child_is_of_the_same_trace_with_a_span_of_its_own() -> None:
    made = child(GIVEN)
    assert FORM.fullmatch(made)
    assert made.split("-")[1] == TRACE
    assert made.split("-")[2] != SPAN
    assert made.endswith("-01")


@pytest.mark.parametrize(("flags", "kept"), [("00", "00"), ("01", "01"), ("ff", "01"), ("fe", "00")])
def test_only_the_sampled_flag_is_passed_on(flags: str, kept: str) -> None:
    assert child(f"00-{TRACE}-{SPAN}-{flags}").endswith(f"-{kept}")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "00",
        GIVEN.upper(),  # upper case
        f" {GIVEN}",
        f"{GIVEN}\n",
        f"{GIVEN}-00",  # more than version 00 has
        f"ff-{TRACE}-{SPAN}-01",  # no version
        f"00-{'0' * 32}-{SPAN}-01",  # no trace
        f"00-{TRACE}-{'0' * 16}-01",  # no span
        f"00-{TRACE[:-1]}-{SPAN}-01",  # too short
        f"00-{TRACE[:-1]}g-{SPAN}-01",  # no digit
        "跟踪",
    ],
)
def test_what_is_no_traceparent_begins_a_new_trace(text: str | None) -> None:
    assert Traceparent.parse(text) is None
    one, other = child(text), child(text)
    assert FORM.fullmatch(one)
    assert one.split("-")[1] != other.split("-")[1]
    assert TRACE not in one


def test_without_an_endpoint_a_span_passes_the_trace_on() -> None:
    with span("admission", GIVEN, pool="text") as passed:
        assert passed.split("-")[1] == TRACE


def test_an_endpoint_without_the_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(Unavailable, match=r"headrace\[tracing\]"):
        Tracer().start("http://127.0.0.1:1", "headrace")


def test_no_endpoint_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    tracer = Tracer()
    tracer.start(None, "headrace")
    with tracer.span("admission", GIVEN) as passed:
        assert TRACE in passed
    tracer.stop()


class Collector(HTTPServer):
    """Takes spans by OTLP over HTTP, as Jaeger or an OpenTelemetry collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Take)
        self.requests: list[ExportTraceServiceRequest] = []


class Take(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if self.path == "/v1/traces":
            self.server.requests.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = Thread(target=collector.serve_forever)
    thread.start()
    yield collector
    collector.shutdown()
    thread.join()
    collector.server_close()


def test_with_an_endpoint_spans_arrive_as_part_of_the_callers_trace(collector: Collector) -> None:
    tracer = Tracer()
    tracer.start(f"http://127.0.0.1:{collector.server_port}/", "headrace-control")
    with tracer.span("admission", GIVEN, pool="text") as outer, tracer.span("screening", outer) as inner:
        pass
    with tracer.span("root", "invalid"):
        pass
    tracer.stop()
    received = [
        span
        for request in collector.requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    spans = {span.name: span for span in received}
    assert spans["admission"].trace_id.hex() == spans["screening"].trace_id.hex() == TRACE
    assert spans["admission"].parent_span_id.hex() == SPAN
    assert spans["screening"].parent_span_id == spans["admission"].span_id
    assert [FORM.fullmatch(text) is not None for text in (outer, inner)] == [True, True]
    assert inner.split("-")[2] == spans["screening"].span_id.hex()
    assert spans["root"].trace_id.hex() != TRACE
    assert not spans["root"].parent_span_id
    (service,) = [
        a.value.string_value
        for a in collector.requests[0].resource_spans[0].resource.attributes
        if a.key == "service.name"
    ]
    assert service == "headrace-control"

"""All that is counted and timed, in one place, spoken to through verbs.

Labels are few and bounded: stages, pools, models, statuses, codes, topics; no id, and at most ``TENANTS`` tenants.
With ``PROMETHEUS_MULTIPROC_DIR`` (an empty directory that is there before Python starts) every process writes into that
directory, and the exposition of any of them is the sum of all.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, start_http_server
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
TENANTS = 1000
STAGE_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
ANSWER_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """The collectors of one process on its registry; make one."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._registry = registry or CollectorRegistry()
        self._tenants: set[str] = set()
        self._count()
        self._time()
        self._gauge()

    def _count(self) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"headrace_{name}", text, labels, registry=self._registry)

        self._admitted = counter("admitted", "Records that the way in handled", "tenant", "outcome")
        self._answered = counter("answered", "Responses published", "status", "kind", "cached")
        self._tokens = counter("tokens", "Tokens read and written by models", "model", "direction")
        self._cache = counter("cache_lookups", "Looks into the answer cache", "outcome")
        self._verdicts = counter("verdicts", "Screening verdicts", "direction", "action", "level")
        self._deadlettered = counter("deadlettered", "Records that could not be handled", "topic", "code")
        self._restarted = counter("engine_restarts", "Engines that were started again", "model")
        self._shared = counter("shared", "Work that was answered by the same work of another request", "model")
        self._abuse = counter("abuse", "Requests blocked, and senders suspended for it", "outcome")
        self._retried = counter("retried", "Attempts after the first", "stage", "code")

    def _time(self) -> None:
        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"headrace_{name}_seconds", text, labels, buckets=buckets, registry=self._registry)

        self._stage = histogram("stage", "Time in a stage", STAGE_S, "stage")
        self._first_token = histogram("first_token", "Time from the request to the first token", ANSWER_S)
        self._http = histogram("http", "Time of HTTP requests", ANSWER_S, "route", "status")

    def _gauge(self) -> None:
        in_flight, queued, lag = "Work that is being done", "Work that waits in this process", "Records not read yet"
        self._in_flight = Gauge(
            "headrace_in_flight", in_flight, ["stage"], registry=self._registry, multiprocess_mode="livesum"
        )
        self._queued = Gauge("headrace_queued", queued, ["pool"], registry=self._registry, multiprocess_mode="livesum")
        self._lag = Gauge(
            "headrace_lag_records",
            lag,
            ["topic", "partition"],
            registry=self._registry,
            multiprocess_mode="livemostrecent",
        )

    def admitted(self, tenant: str, outcome: str) -> None:
        """One record left the way in: ``admitted``, ``refused``, ``dropped``…"""
        self._admitted.labels(self._known(tenant), outcome).inc()

    def answered(self, status: str, kind: str, *, cached: bool = False) -> None:
        self._answered.labels(status, kind, str(cached).lower()).inc()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage, and count it as in flight; also when it raises."""
        began = time.perf_counter()
        in_flight = self._in_flight.labels(name)
        in_flight.inc()
        try:
            yield
        finally:
            in_flight.dec()
            self._stage.labels(name).observe(time.perf_counter() - began)

    def first_token(self, seconds: float) -> None:
        self._first_token.observe(seconds)

    def tokens(self, model: str, *, prompt: int = 0, completion: int = 0, cached: int = 0) -> None:
        for direction, number in (("prompt", prompt), ("completion", completion), ("cached", cached)):
            if number:
                self._tokens.labels(model, direction).inc(number)

    def cache(self, hit: bool) -> None:
        self._cache.labels("hit" if hit else "miss").inc()

    def verdict(self, direction: str, action: str, level: str) -> None:
        self._verdicts.labels(direction, action, level).inc()

    def in_flight(self, stage: str, change: int) -> None:
        """``+1`` when work begins, ``-1`` when it ends, where ``stage`` does not fit."""
        self._in_flight.labels(stage).inc(change)

    def queued(self, pool: str, number: int) -> None:
        self._queued.labels(pool).set(number)

    def lag(self, topic: str, partition: int, number: int) -> None:
        self._lag.labels(topic, str(partition)).set(number)

    def deadlettered(self, topic: str, code: str) -> None:
        self._deadlettered.labels(topic, code).inc()

    def abuse(self, outcome: str) -> None:
        """A request was ``blocked``, or its sender ``suspended``."""
        self._abuse.labels(outcome).inc()

    def retried(self, stage: str, code: str) -> None:
        self._retried.labels(stage, code).inc()

    def restarted(self, model: str) -> None:
        """An engine was started again."""
        self._restarted.labels(model).inc()

    def shared(self, model: str) -> None:
        """Identical work was in flight."""
        self._shared.labels(model).inc()

    def http(self, route: str, status: int, seconds: float) -> None:
        """One HTTP request; ``route`` is the pattern (``/v1/files/{id}``), not the path."""
        self._http.labels(route, str(status)).observe(seconds)

    def exposition(self) -> tuple[bytes, str]:
        """What Prometheus scrapes, and its content type."""
        return generate_latest(self._everything()), CONTENT_TYPE_LATEST

    def serve(self, port: int, host: str = "127.0.0.1") -> Callable[[], None]:
        """Answer scrapes on a port from a thread; returns what ends that."""
        server, thread = start_http_server(port, addr=host, registry=self._everything())

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop

    def _everything(self) -> CollectorRegistry:
        if MULTIPROCESS not in os.environ:
            return self._registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it untyped
        return registry

    def _known(self, tenant: str) -> str:
        if tenant not in self._tenants and len(self._tenants) >= TENANTS:
            return "other"
        self._tenants.add(tenant)
        return tenant


def forget(pid: int) -> None:
    """Take the gauges of a process that has ended out of the sum."""
    if MULTIPROCESS in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]  # the library leaves it untyped

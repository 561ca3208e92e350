"""What every long-running process does besides its work: say that it is ready, show its metrics, send its traces."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

from infra.metrics import Metrics
from infra.settings import Settings
from infra.tracing import TRACER

LAG_S = 5.0


class Reading(Protocol):
    """Something that reads topics and knows how far it is behind."""

    def lag(self) -> Iterable[tuple[str, int, int]]:
        """Topic, partition, and records not read yet."""
        ...


async def serving(settings: Settings, name: str, metrics: Metrics, apps: Sequence[Reading] = ()) -> None:
    """Mark the process ready in ``<state>/ready/<name>``, then watch the lag of its apps until it is stopped."""
    async with AsyncExitStack() as stack:
        TRACER.start(settings.otlp_endpoint, f"headrace-{name}")
        stack.callback(TRACER.stop)
        if settings.metrics_port:
            stack.callback(metrics.serve(settings.metrics_port, settings.metrics_host))
        await stack.enter_async_context(_ready(settings, name))
        while True:
            for app in apps:
                _show_lag(app, metrics)
            await asyncio.sleep(LAG_S)


def _show_lag(app: Reading, metrics: Metrics) -> None:
    for topic, partition, records in app.lag():
        metrics.lag(topic, partition, records)


@asynccontextmanager
async def _ready(settings: Settings, name: str) -> AsyncIterator[None]:
    mark = settings.state / "ready" / name
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(str(os.getpid()))
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)

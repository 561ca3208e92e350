"""What every long-running process does besides its work: say that it is ready, show its metrics, send its traces."""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Never, Protocol

from infra.metrics import Metrics
from infra.settings import Settings
from infra.tracing import TRACER

LAG_S = 5.0
READY_S = 0.5


class Reading(Protocol):
    """Something that reads topics and knows how far it is behind."""

    crash_reason: BaseException | None

    def lag(self) -> Iterable[tuple[str, int, int]]:
        """Topic, partition, and records not read yet."""
        ...


async def serving(
    settings: Settings,
    name: str,
    metrics: Metrics,
    apps: Sequence[Reading] = (),
    ready: Callable[[], bool] = lambda: True,
) -> Never:
    """Keep the mark ``<state>/ready/<name>`` true to ``ready``, and watch the lag of the apps, until it is stopped.

    An app that crashed reads no more, so its error is raised: whoever runs the process starts it again.
    """
    mark, said, looked = settings.state / "ready" / name, False, 0.0
    async with AsyncExitStack() as stack:
        TRACER.start(settings.otlp_endpoint, f"headrace-{name}")
        stack.callback(TRACER.stop)
        if settings.metrics_port:
            stack.callback(metrics.serve(settings.metrics_port, settings.metrics_host))
        stack.callback(mark.unlink, missing_ok=True)
        while True:
            for crash in filter(None, (app.crash_reason for app in apps)):
                raise crash
            if said != ready():
                said = not said
                _say(mark, said)
            if time.monotonic() - looked > LAG_S:
                looked = time.monotonic()
                for app in apps:
                    _show_lag(app, metrics)
            await asyncio.sleep(READY_S)


def _show_lag(app: Reading, metrics: Metrics) -> None:
    for topic, partition, records in app.lag():
        metrics.lag(topic, partition, records)


def _say(mark: Path, ready: bool) -> None:
    """The mark holds the id of the process that is ready."""
    if ready:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(str(os.getpid()))
    else:
        mark.unlink(missing_ok=True)

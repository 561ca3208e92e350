"""What every long-running process does besides its work: say that it is ready, and show its metrics."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from infra.metrics import Metrics
from infra.settings import Settings


async def serving(settings: Settings, name: str, metrics: Metrics) -> None:
    """Mark the process ready in ``<state>/ready/<name>``, then wait until it is stopped."""
    async with AsyncExitStack() as stack:
        if settings.metrics_port:
            stack.callback(metrics.serve(settings.metrics_port, settings.metrics_host))
        await stack.enter_async_context(_ready(settings, name))
        await asyncio.Event().wait()


@asynccontextmanager
async def _ready(settings: Settings, name: str) -> AsyncIterator[None]:
    mark = settings.state / "ready" / name
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(str(os.getpid()))
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)

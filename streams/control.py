"""The control process: the agents of the way in, the way out, and what is watched."""

import asyncio
from contextlib import AsyncExitStack

from infra import logs
from infra.settings import Settings
from streams.alerts.process import alerting
from streams.app import Parts, create_app
from streams.audit.process import checkpointing
from streams.delivery import running
from streams.outbox import Outbox
from streams.process import serving
from streams.screening.warming import warm


async def run(settings: Settings) -> None:
    """Run until the task is cancelled; stops so that what is in flight is finished and committed."""
    logs.configure(settings)
    parts = Parts.of(settings, "control")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(parts.running(settings, "control"))
        await parts.vault.mark()  # the key of pseudonyms is made here, so that commands can tell whose they are
        await asyncio.to_thread(warm, parts.screener, parts.registry)
        apps = create_app(settings, parts)
        await stack.enter_async_context(running(*apps))
        alerts = await stack.enter_async_context(alerting(settings, parts.publisher))
        outbox = Outbox(parts.publisher, parts.names, "control", writer=parts.writer, spool=parts.spool)
        await outbox.audit(parts.auditor.start("control", settings))
        heads = await stack.enter_async_context(checkpointing(settings, outbox, parts.writer))
        await serving(settings, "control", parts.metrics, [*apps, *alerts, *heads])

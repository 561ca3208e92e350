"""The process behind ``headrace screening serve``: HTTP and Kafka in, verdicts out, under the live policy."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from infra import logs
from infra.limits import Limiter
from infra.settings import Settings
from schemas.errors import Unavailable
from streams.admission.identity import Identity
from streams.app import Parts
from streams.deadletter.box import DeadLetters
from streams.delivery import App, add_agent, guarded, new_app, running
from streams.erasure.opened import Opened
from streams.gateway.server import STOP_S, reachable
from streams.outbox import Outbox
from streams.process import serving
from streams.screening.warming import warm
from streams.verdicts.agent import Screening
from streams.verdicts.desk import create_desk
from streams.verdicts.judge import Judge

BUFFER = 256


async def run(settings: Settings) -> None:
    """Run until the task is cancelled; stops so that what is in flight is answered and committed."""
    logs.configure(settings)
    parts = Parts.of(settings, "screening")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(parts.running(settings, "screening"))
        await asyncio.to_thread(warm, parts.screener, parts.registry)
        app = screening_app(settings, parts)
        await stack.enter_async_context(running(app))
        await stack.enter_async_context(listening(settings, parts))
        await serving(settings, "screening", parts.metrics, [app])


def screening_app(settings: Settings, parts: Parts) -> App:
    outbox = outbox_of(parts)
    identity, limits = Identity(settings, parts.registry.keys), settings.limits
    handler = Opened(
        Screening(judge(settings, parts), identity, outbox, DeadLetters(outbox, parts.metrics), limits), parts.vault
    )
    app = new_app(settings, "screening", buffer=BUFFER)
    handle = guarded(handler, handler.give_up, limits, parts.metrics, "screening")
    add_agent(app, [parts.names("screening.requests")], handle, in_flight=limits.in_flight)
    return app


def outbox_of(parts: Parts) -> Outbox:
    return Outbox(parts.publisher, parts.names, "screening", parts.vault)


def judge(settings: Settings, parts: Parts) -> Judge:
    limiter = Limiter(parts.store, settings.limits)
    return Judge(parts.registry, parts.screener, parts.metrics, limiter, settings.limits.prompt_chars)


@asynccontextmanager
async def listening(settings: Settings, parts: Parts) -> AsyncIterator[None]:
    """Raises ``Unavailable`` when the port is taken."""

    async def ready() -> Mapping[str, bool]:
        return {"kafka": await reachable(settings.kafka.servers.split(","))}

    keys, outbox = parts.registry.keys, outbox_of(parts)
    desk = create_desk(settings, keys, judge(settings, parts), outbox, parts.metrics, ready)
    runner = web.AppRunner(desk, access_log=None, shutdown_timeout=STOP_S)
    await runner.setup()
    try:
        screening = settings.screening
        try:
            await web.TCPSite(runner, screening.host, screening.port).start()
        except OSError as error:
            raise Unavailable(
                f"screening cannot listen on {screening.host}:{screening.port} ({error.strerror}): "
                "free it, or set HEADRACE_SCREENING__PORT"
            ) from error
        yield
    finally:
        await runner.cleanup()

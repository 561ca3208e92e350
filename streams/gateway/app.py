"""The gateway as one aiohttp application."""

from collections.abc import AsyncIterator

from aiohttp import web

from infra.settings import Settings
from streams.gateway.access import Access
from streams.gateway.audit import AuditDesk
from streams.gateway.callbacks import Callbacks
from streams.gateway.chat import ChatCompletions
from streams.gateway.completions import Completions
from streams.gateway.doors import cors, counted, measured, name_origin
from streams.gateway.embeddings import Embeddings
from streams.gateway.errors import shaped
from streams.gateway.exchange import Exchange
from streams.gateway.feedback import FeedbackDesk
from streams.gateway.files import Files
from streams.gateway.health import Health
from streams.gateway.models import Models
from streams.gateway.openapi import OpenApi
from streams.gateway.parts import Parts
from streams.gateway.requests import Requests
from streams.gateway.reranking import Reranking


def create_gateway(settings: Settings, parts: Parts) -> web.Application:
    """A fresh application. Serve it with ``handler_cancellation=True``: a client that leaves withdraws its request."""
    access = Access(parts.keys, settings.gateway.trusted_proxies)
    exchange = Exchange(settings, parts)
    callbacks = Callbacks(settings, parts.answers, parts.keys.signing_key)
    app = web.Application(
        client_max_size=settings.gateway.body_bytes,
        middlewares=[
            measured(parts.meter),
            shaped,
            cors(settings.gateway),
            counted(settings.gateway.in_flight),
        ],
    )
    app.add_routes(
        [
            *ChatCompletions(exchange, parts.meter).routes(access),
            *Completions(exchange, parts.meter).routes(access),
            *Embeddings(exchange).routes(access),
            *Reranking(exchange).routes(access),
            *Models(parts.models).routes(access),
            *Files(settings, exchange, parts.objects, parts.vault).routes(access),
            *Requests(exchange, parts.answers, parts.submitted, callbacks).routes(access),
            *FeedbackDesk(exchange).routes(access),
            *AuditDesk(parts.trail).routes(access),
            *Health(parts.ready, parts.meter).routes(),
            *OpenApi().routes(),
        ]
    )
    app.on_response_prepare.append(name_origin)

    async def closing(_: web.Application) -> AsyncIterator[None]:
        yield
        await callbacks.close()
        await parts.trail.close()
        await exchange.close()

    app.cleanup_ctx.append(closing)
    return app

"""Somebody who asks over HTTP the whole time, whatever becomes of it: what the gateway took is on the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from aiohttp import ClientError, ClientSession, ClientTimeout

from infra.broker import KafkaPublisher
from infra.keys import issue, master_key
from infra.settings import Settings
from infra.topics import Names
from streams.outbox import Outbox
from tests.faults.load import chat

TIMEOUT = ClientTimeout(total=20)


async def issue_keys(settings: Settings, publisher: KafkaPublisher) -> str:
    """The gateway's own key where it looks for it; returns a client's."""
    outbox = Outbox(publisher, Names(settings.kafka), "faults")
    gateway, client = (
        issue("local", (scope,), master_key(settings), requests_per_minute=1_000_000)
        for scope in ("gateway", "requests")
    )
    (settings.state / "gateway-key").write_text(gateway.secret)
    for key in (gateway, client):
        await outbox.key(key.record)
    return client.secret


@asynccontextmanager
async def asking(settings: Settings, key: str) -> AsyncIterator[list[int]]:
    """Yields the statuses of the answers so far."""
    statuses: list[int] = []
    task = asyncio.create_task(_ask(f"{settings.gateway.url}/v1/chat/completions", key, statuses))
    try:
        yield statuses
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _ask(url: str, key: str, statuses: list[int]) -> None:
    async with ClientSession(timeout=TIMEOUT, headers={"Authorization": f"Bearer {key}"}) as session:
        for number in count():
            try:
                async with session.post(url, json={"model": "echo", **chat(f"over HTTP {number} 你好")}) as answer:
                    statuses.append(answer.status)
            except (ClientError, TimeoutError, OSError):
                await asyncio.sleep(0.2)
            await asyncio.sleep(0.1)

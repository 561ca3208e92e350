"""What commands do with the log: publish as an operator, and read what stands in a topic now."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from pydantic import ValidationError

from infra.broker import KafkaPublisher
from infra.keys import KeyRing, master_key
from infra.policies import default_policy
from infra.reader import Since, read_all
from infra.settings import Settings
from infra.topics import Names
from infra.vault.build import build_vault
from infra.vault.vault import Vault
from schemas.base import Event
from streams.outbox import Outbox
from streams.registry import Registry

CLIENT = "headrace-cli"
E = TypeVar("E", bound=Event)


@asynccontextmanager
async def publishing(settings: Settings) -> AsyncIterator[KafkaPublisher]:
    """A publisher that is connected."""
    publisher = KafkaPublisher(settings.kafka, client_id=CLIENT)
    await publisher.start()
    try:
        yield publisher
    finally:
        await publisher.stop()


@asynccontextmanager
async def opening(settings: Settings) -> AsyncIterator[Vault]:
    """The vault, for what is read where it may be sealed."""
    vault = build_vault(settings)
    try:
        yield vault
    finally:
        await vault.close()


@asynccontextmanager
async def outbox(settings: Settings) -> AsyncIterator[Outbox]:
    """Says events as the operator."""
    async with publishing(settings) as publisher:
        yield Outbox(publisher, Names(settings.kafka), "cli")


async def events(
    settings: Settings,
    topic: str,
    read: Callable[[bytes], E],
    since: Since = "earliest",
    vault: Vault | None = None,
) -> list[E]:
    """All events of a topic that can be read so, in order; sealed ones with a vault."""
    found = []
    topics = [Names(settings.kafka)(topic)]
    async for record in read_all(settings.kafka, topics, since=since, client_id=CLIENT, vault=vault):
        if record.value is None:
            continue
        try:
            found.append(read(record.value))
        except ValidationError:
            continue
    return found


@asynccontextmanager
async def live_registry(settings: Settings) -> AsyncIterator[Registry]:
    """Models, prompts, policies and keys as they stand now."""
    registry = Registry(KeyRing(master_key(settings)), default_policy())
    follower = registry.follower(settings, CLIENT)
    await follower.start()
    try:
        await follower.caught_up()
        yield registry
    finally:
        await follower.stop()

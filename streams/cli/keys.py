"""``headrace keys``."""

import asyncio
from typing import get_args

import click

from infra.keys import Scope, issue, master_key
from infra.settings import Settings
from schemas.errors import NotFound
from schemas.registry import Key
from streams.cli.log import events, outbox
from streams.cli.options import as_json, load_settings, show_json, show_table

EVERYDAY: tuple[Scope, ...] = ("requests", "files", "feedback")
SHOWN = ("id", "tenant", "scopes", "requests_per_minute", "tokens_per_day", "revoked", "note")


@click.group()
def keys() -> None:
    """API keys. The platform keeps a hash and a sealed signing key of each; the secret is shown once."""


@keys.command(epilog="Example: headrace keys create --tenant acme --requests-per-minute 600 --note 'the web shop'")
@click.option("--tenant", help="Whose it is; without it the default tenant of the settings.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(get_args(Scope)), help="What it may do; repeatable."
)
@click.option("--requests-per-minute", type=click.IntRange(0), help="0 is none.")
@click.option("--tokens-per-day", type=click.IntRange(0), help="0 is none.")
@click.option("--note", default="", help="For people.")
@as_json
def create(
    tenant: str | None,
    scopes: tuple[Scope, ...],
    requests_per_minute: int | None,
    tokens_per_day: int | None,
    note: str,
    as_json: bool,
) -> None:
    """Issue a key and print it: this is the only time it is seen."""
    settings = load_settings()
    tenant = tenant or settings.default_tenant
    if tenant is None:
        raise click.UsageError("say whose key it is: --tenant NAME")
    issued = issue(
        tenant,
        scopes or EVERYDAY,
        master_key(settings),
        requests_per_minute=requests_per_minute,
        tokens_per_day=tokens_per_day,
        note=note,
    )
    asyncio.run(publish(settings, issued.record))
    if as_json:
        show_json({"id": issued.id, "key": issued.secret, "tenant": tenant, "scopes": issued.record.scopes})
    else:
        click.echo(issued.secret)


@keys.command("list", epilog="Example: headrace keys list --tenant acme")
@click.option("--tenant", help="Only this tenant's.")
@as_json
def listed(tenant: str | None, as_json: bool) -> None:
    """List the keys, revoked ones too, without their secrets."""
    found = [key for key in asyncio.run(current(load_settings())).values() if tenant in (None, key.tenant)]
    if as_json:
        show_json([key.model_dump(mode="json", include=set(SHOWN)) for key in found])
        return
    rows = [(*(_cell(getattr(key, name)) for name in SHOWN),) for key in found]
    show_table([name.replace("_", " ") for name in SHOWN], rows, "no keys: make one with 'headrace keys create'")


@keys.command(epilog="Example: headrace keys revoke 3f9c2a7b1d04")
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """Revoke a key at once, everywhere. KEY_ID is the part between the hyphens of hr-<id>-<secret>."""
    settings = load_settings()
    asyncio.run(_revoke(settings, key_id))
    click.echo(f"{key_id} is revoked")


async def publish(settings: Settings, record: Key) -> None:
    """Return when the record of a key is on the log."""
    async with outbox(settings) as out:
        await out.key(record)


async def current(settings: Settings) -> dict[str, Key]:
    """The last record of each key."""
    return {key.id: key for key in await events(settings, "keys", Key.model_validate_json)}


async def _revoke(settings: Settings, key_id: str) -> None:
    key = (await current(settings)).get(key_id)
    if key is None:
        raise NotFound(f"there is no key {key_id!r}: 'headrace keys list' shows those there are")
    await publish(settings, key.model_copy(update={"revoked": True}))


def _cell(value: object) -> object:
    return ", ".join(value) if isinstance(value, tuple) else value

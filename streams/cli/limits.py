"""``headrace limits``."""

import asyncio
from getpass import getuser

import click

from infra.redis import Store
from infra.settings import Settings
from schemas.audit import Audit, Decision
from schemas.base import new_id
from schemas.errors import NotFound
from streams.abuse.standing import Offender, Standing, Standings
from streams.cli.log import outbox
from streams.cli.options import as_json, load_settings, show_json, show_table

COLUMNS = ("tenant", "key", "blocked lately", "standing", "until")


@click.group()
def limits() -> None:
    """Who had requests blocked lately, and who is suspended for it."""


@limits.command(epilog="Example: headrace limits show --tenant acme")
@click.option("--tenant", default="*", help="Only this tenant's.")
@as_json
def show(tenant: str, as_json: bool) -> None:
    """Show whoever had something blocked lately; what is longer ago counts less."""
    settings = load_settings()
    rows = [row(settings, *each) for each in asyncio.run(_known(settings, tenant))]
    if as_json:
        show_json([dict(zip(("tenant", "key", "score", "standing", "until"), each, strict=True)) for each in rows])
        return
    show_table(COLUMNS, rows, "nobody had anything blocked lately")


@limits.command(epilog="Example: headrace limits lift acme --key 0a1b2c3d4e5f")
@click.argument("tenant")
@click.option("--key", "key_id", help="The key; without it, requests without a key are meant.")
def lift(tenant: str, key_id: str | None) -> None:
    """Forget what was blocked for a key or a tenant, which ends its suspension. The audit says who did so."""
    offender = Offender(tenant, key_id)
    asyncio.run(_lift(load_settings(), offender))
    click.echo(f"{offender} may ask again")


def row(settings: Settings, offender: Offender, standing: Standing) -> tuple[str, str, float, str, str]:
    """One line of the table."""
    word = "scrutiny" if 0 < settings.abuse.scrutiny <= standing.score else "good"
    until = ""
    if standing.left_s:
        word, until = "suspended", f"{standing.until:%Y-%m-%dT%H:%M:%SZ}"
    return offender.tenant, offender.key_id or "", round(standing.score, 2), word, until


async def _known(settings: Settings, tenant: str) -> list[tuple[Offender, Standing]]:
    store = Store(settings)
    try:
        return [each async for each in Standings(store, settings.abuse).known(tenant)]
    finally:
        await store.close()


async def _lift(settings: Settings, offender: Offender) -> None:
    store = Store(settings)
    try:
        if not await Standings(store, settings.abuse).lift(offender):
            raise NotFound(f"{offender} had nothing blocked lately: 'headrace limits show' shows who had")
    finally:
        await store.close()
    async with outbox(settings) as out:
        await out.audit(_lifted(offender))


def _lifted(offender: Offender) -> Audit:
    name = f"lift:{new_id()}"
    decision = Decision(stage="admission", outcome="lifted", code="suspended", detail={"key": offender.key_id})
    return Audit(
        id=name,
        request_id=name,
        tenant=offender.tenant,
        actor=f"cli:{getuser()}"[:200],
        action="lift",
        decisions=(decision,),
        status="lifted",
        severity="medium",
    )

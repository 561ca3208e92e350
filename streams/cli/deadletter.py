"""``headrace deadletter``."""

import asyncio
from collections.abc import Callable

import click

from infra.reader import Since
from infra.settings import Settings
from schemas.errors import NotFound
from schemas.failures import Failure
from streams.cli.log import events, opening, publishing
from streams.cli.options import Age, as_json, load_settings, show_json, show_table
from streams.deadletter.box import redrive as send_back

COLUMNS = ("id", "when", "tried", "redriven", "code", "message")


@click.group()
def deadletter() -> None:
    """Records that could not be handled: kept with their original bytes, and sent back when you say so."""


@deadletter.command("list", epilog="Example: headrace deadletter list --since 1d --code internal_error")
@click.option("--since", type=Age(), default="earliest", show_default=True, help="90s, 15m, 2h, 7d or earliest.")
@click.option("--code", help="Only those with this error code.")
@as_json
def listed(since: Since, code: str | None, as_json: bool) -> None:
    """List the dead letters, with why they are here."""
    found = asyncio.run(_failures(load_settings(), lambda failure: code in (None, failure.error.code), since))
    if as_json:
        show_json([failure.model_dump(mode="json") for failure in found])
        return
    rows = [
        (f.id, f"{f.time:%Y-%m-%d %H:%M}", f.attempts, f.redriven, f.error.code, f.error.message[:120]) for f in found
    ]
    show_table(COLUMNS, rows, "no dead letters")


@deadletter.command(epilog="Example: headrace deadletter redrive headrace.requests:2:1041")
@click.argument("ids", nargs=-1)
@click.option("--code", help="All with this error code.")
@click.option("--all", "everything", is_flag=True, help="All there are.")
def redrive(ids: tuple[str, ...], code: str | None, everything: bool) -> None:
    """Put the original bytes of dead letters back where they came from. Each is handled as a request of its own."""
    if not (ids or code or everything):
        raise click.UsageError("say which: IDs from 'headrace deadletter list', --code CODE or --all")

    def wanted(failure: Failure) -> bool:
        return everything or failure.id in ids or failure.error.code == code

    for failure in asyncio.run(_redrive(load_settings(), wanted)):
        click.echo(f"{failure.id} -> {failure.source.topic}")


async def _failures(settings: Settings, wanted: Callable[[Failure], bool], since: Since = "earliest") -> list[Failure]:
    async with opening(settings) as vault:
        found = await events(settings, "deadletter", Failure.model_validate_json, since, vault)
    return list({failure.id: failure for failure in found if wanted(failure)}.values())


async def _redrive(settings: Settings, wanted: Callable[[Failure], bool]) -> list[Failure]:
    found = await _failures(settings, wanted)
    if not found:
        raise NotFound("no dead letter is like that: 'headrace deadletter list' shows those there are")
    async with publishing(settings) as publisher:
        for failure in found:
            await send_back(failure, publisher)
    return found

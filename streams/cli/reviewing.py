"""``headrace screening reviews``, ``review``, ``release`` and ``refuse``."""

import asyncio
from getpass import getuser
from typing import Literal

import click

from infra.reader import Since, read_one
from infra.settings import Settings
from schemas.errors import InvalidField, NotFound
from schemas.screened import Review
from streams.cli.log import events, opening, outbox, publishing
from streams.cli.options import Age, as_json, load_settings, printable, show_json, show_table
from streams.cli.reading import declare
from streams.screening.reviews import send_back

COLUMNS = ("id", "when", "tenant", "direction", "level", "reason", "status", "by")
NOTE = click.option("--note", required=True, help="Why; it goes on the audit, so quote nothing.")


@click.command(epilog="Example: headrace screening reviews --since 1d")
@click.option("--since", type=Age(), default="earliest", show_default=True, help="90s, 15m, 2h, 7d or earliest.")
@click.option("--all", "everything", is_flag=True, help="Also those that are decided.")
@as_json
def reviews(since: Since, everything: bool, as_json: bool) -> None:
    """List what is held back until a person has looked. Shows no content."""
    found = asyncio.run(_current(load_settings(), since)).values()
    wanted = [each for each in found if everything or each.status == "waiting"]
    if as_json:
        show_json([each.model_dump(mode="json", exclude={"sealed"}) for each in wanted])
        return
    rows = [
        (r.id, f"{r.time:%Y-%m-%d %H:%M}", r.tenant, r.direction, r.level, r.reason, r.status, r.by) for r in wanted
    ]
    show_table(COLUMNS, rows, "nothing waits for a review")


@click.command(epilog="Example: headrace screening review r-1")
@click.argument("request_id")
def review(request_id: str) -> None:
    """Show what was held back, once it is audited that you look."""
    settings = load_settings()
    found = asyncio.run(_one(settings, request_id))
    click.echo(printable(asyncio.run(_content(settings, found))))


@click.command(epilog="Example: headrace screening release r-1 --note 'a quote from the training material'")
@click.argument("request_id")
@NOTE
def release(request_id: str, note: str) -> None:
    """Let through what is held: a request goes its way again, an answer goes out as it is. Either is answered under
    <id>#r1."""
    asyncio.run(_release(load_settings(), request_id, note))
    click.echo(f"{request_id} is released")


@click.command(epilog="Example: headrace screening refuse r-1 --note 'as the policy says'")
@click.argument("request_id")
@NOTE
def refuse(request_id: str, note: str) -> None:
    """Leave a held text blocked, for good."""
    asyncio.run(_refuse(load_settings(), request_id, note))
    click.echo(f"{request_id} stays blocked")


async def _current(settings: Settings, since: Since = "earliest") -> dict[str, Review]:
    """The last word on each id."""
    found: dict[str, Review] = {}
    for each in await events(settings, "reviews", Review.model_validate_json, since):
        if each.status != "waiting" or each.id not in found:
            found[each.id] = each
    return found


async def _one(settings: Settings, request_id: str) -> Review:
    found = (await _current(settings)).get(request_id)
    if found is None:
        raise NotFound(f"{request_id!r} was not held back: 'headrace screening reviews' shows what is")
    return found


async def _content(settings: Settings, found: Review) -> str:
    await declare(settings, "request", found.id)
    if not found.sealed:
        raise NotFound(f"what {found.id!r} said is not there any more")
    async with opening(settings) as vault:
        return await vault.open_text(found.sealed, found.id)


async def _release(settings: Settings, request_id: str, note: str) -> None:
    found = await _one(settings, request_id)
    record = await read_one(settings.kafka, found.source)
    if record is None:
        raise NotFound(f"what is held of {request_id!r} is beyond retention: it has to be asked again")
    async with publishing(settings) as publisher:
        await _decide(settings, found, "released", note)
        await send_back(record, found, publisher)


async def _refuse(settings: Settings, request_id: str, note: str) -> None:
    await _decide(settings, await _one(settings, request_id), "refused", note)


async def _decide(settings: Settings, found: Review, status: Literal["released", "refused"], note: str) -> None:
    if found.status != "waiting":
        raise InvalidField(f"{found.id!r} was {found.status} by {found.by}")
    decided = found.model_copy(update={"status": status, "by": f"cli:{getuser()}"[:200], "note": note[:500]})
    async with outbox(settings) as out:
        await out.review(decided)

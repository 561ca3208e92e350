"""``headrace screening backscan``."""

import asyncio
from pathlib import Path

import click

from infra.policies import load_policy
from infra.reader import Since, read_all
from infra.settings import Settings
from infra.topics import Names
from schemas.errors import NotFound, Unavailable
from schemas.policies import PolicyDocument, document_version
from streams.cli.log import CLIENT, live_registry, opening, outbox
from streams.cli.options import Age, as_json, load_settings, show_json, show_table
from streams.registry import Registry
from streams.screening.backscan import Positions, Rescreening

SAVED = 500
"""Records between two savings of how far it got."""
COLUMNS = ("tenant", "records", "found", "stricter than before", "measures", "entities")


@click.command(epilog="Example: headrace screening backscan --since 7d --policy stricter.yaml")
@click.option("--since", type=Age(), default="7d", show_default=True, help="90s, 15m, 2h, 7d or earliest.")
@click.option("--policy", "chosen", help="A file or a version; without it the live policy.")
@click.option("--most", type=click.IntRange(1), default=1_000_000, show_default=True, help="Records in one run.")
@click.option("--again", is_flag=True, help="From the beginning, not from where the last run under this policy ended.")
@as_json
def backscan(since: Since, chosen: str | None, most: int, again: bool, as_json: bool) -> None:
    """Screen requests and answers of the log again, and tell whose the policy would treat how.

    Each finding is published to headrace.backscans, without content, and audited. Given again, it goes on where it
    ended.
    """
    found = asyncio.run(_backscan(load_settings(), since, chosen, most, again))
    if as_json:
        tenants = {name: vars(affected) for name, affected in found.tenants.items()}
        show_json({"policy": found.version, "unread": found.unread, "tenants": tenants})
        return
    rows = [
        (name, each.records, each.measures.total(), each.stricter, _counts(each.measures), _counts(each.entities))
        for name, each in sorted(found.tenants.items())
    ]
    show_table(COLUMNS, rows, "nothing new on the log")
    if found.unread:
        click.echo(f"{found.unread} records could not be read")


async def _backscan(settings: Settings, since: Since, chosen: str | None, most: int, again: bool) -> Rescreening:
    names = Names(settings.kafka)
    topics = [names("requests"), names("responses"), *(names(f"requests.{each}") for each in settings.tenant_topics)]
    async with live_registry(settings) as registry, opening(settings) as vault, outbox(settings) as out:
        document, version = _document(registry, chosen)
        path = settings.state / "backscans" / f"{version}.json"
        if again:
            path.unlink(missing_ok=True)
        positions, found, seen = Positions(path), Rescreening(document, version, settings, registry.keys), 0
        async for record in read_all(settings.kafka, topics, since=since, client_id=CLIENT, vault=vault):
            if positions.done(record.source):
                continue
            for finding in found.findings(record):
                await out.backscan(finding)
            positions.passed(record.source)
            seen += 1
            if seen % SAVED == 0:
                positions.save()
            if seen == most:
                break
        positions.save()
    return found


def _document(registry: Registry, chosen: str | None) -> tuple[PolicyDocument, str]:
    if chosen and Path(chosen).is_file():
        document = load_policy(Path(chosen))
        return document, document_version(document)
    version = chosen or registry.live_policy
    try:
        return registry.policy(version), version
    except Unavailable as error:
        raise NotFound(f"there is no policy file or version {chosen!r}") from error


def _counts(counter: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items(), key=lambda each: -each[1])[:6])

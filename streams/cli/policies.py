"""``headrace policy show``, ``check`` and ``apply``."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infra.policies import DEFAULT, default_policy, load_policy
from infra.settings import Settings
from schemas.errors import Forbidden, NotFound, Unavailable
from schemas.loosening import loosened
from schemas.policies import PolicyDocument, document_version
from schemas.registry import Policy
from streams.cli.log import CLIENT, live_registry, opening, outbox
from streams.cli.options import as_json, load_settings, show_json, show_table

if TYPE_CHECKING:
    from streams.screening.rehearsal import Rehearsal

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FIELDS = ("tenant", "now", "then", "requests", "examples")


@click.command(epilog="Example: headrace policy show --tenant acme > acme.yaml")
@click.option("--version", help="Another version than the live one.")
@click.option("--tenant", help="As it stands for this tenant.")
@click.option("--default", "shipped", is_flag=True, help="The file that ships with Headrace, comments and all.")
@as_json
def show(version: str | None, tenant: str | None, shipped: bool, as_json: bool) -> None:
    """Print the live policy as YAML."""
    import yaml

    if shipped:
        click.echo(DEFAULT.read_text(encoding="utf-8"), nl=False)
        return
    live, document = asyncio.run(_live(load_settings(), version, tenant))
    content = document.model_dump(mode="json", exclude_defaults=True)
    if as_json:
        show_json({"version": live, "document": content})
    else:
        click.echo(f"# version {live}")
        click.echo(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120), nl=False)


@click.command(epilog="Example: headrace policy check policy.yaml --last 1000")
@click.argument("file", type=FILE)
@click.option("--against", type=FILE, help="Requests, one a line, as on the topic or as 'screening scan' reads them.")
@click.option("--last", type=click.IntRange(1, 100_000), help="Against so many of the last requests on Kafka.")
@click.option("--old", type=FILE, help="Compare with this file, not with the live policy (--last) or the shipped one.")
@as_json
def check(file: Path, against: Path | None, last: int | None, old: Path | None, as_json: bool) -> None:
    """Check a policy file; problems are told all at once. With --against or --last, tell for how many requests of whom
    it would decide otherwise."""
    document = sound(file)
    if not as_json:
        click.echo(f"{file} is sound: policy {document.name!r}, version {document_version(document)}")
    if against:
        _tell(_rehearsed(against, load_policy(old) if old else default_policy(), document), as_json)
    elif last:
        _tell(asyncio.run(_rehearsed_last(load_settings(), last, load_policy(old) if old else None, document)), as_json)
    elif as_json:
        show_json({"name": document.name, "version": document_version(document)})


@click.command(epilog="Example: headrace policy apply policy.yaml")
@click.argument("file", type=FILE)
def apply(file: Path) -> None:
    """Check a policy file and make it the live one, without a restart. Where approvers are set, one that loosens has
    to be proposed and approved instead."""
    record = record_of(sound(file))
    asyncio.run(_apply(load_settings(), record))
    click.echo(f"policy {record.name!r} is live as version {record.version}")


async def _apply(settings: Settings, record: Policy) -> None:
    async with live_registry(settings) as registry, outbox(settings) as out:
        lenient = loosened(registry.policy(registry.live_policy), PolicyDocument.model_validate(record.document))
        if registry.outcome_of(record) != "live":
            raise Forbidden(
                "this policy loosens, which takes two people: 'headrace policy propose' it\n" + "\n".join(lenient)
            )
        await out.policy(record)


def sound(file: Path) -> PolicyDocument:
    """The document in a file, if it lets ordinary sentences through; raises ``InvalidField``."""
    from streams.screening.build import build_screener
    from streams.screening.sanity import check_daily_work

    document = load_policy(file)
    check_daily_work(document, build_screener(load_settings()))
    return document


def record_of(document: PolicyDocument) -> Policy:
    """The document as the ``policies`` topic carries it."""
    version = document_version(document)
    return Policy(name=document.name, version=version, document=document.model_dump(mode="json"))


async def publish(settings: Settings, record: Policy) -> None:
    async with outbox(settings) as out:
        await out.policy(record)


async def _live(settings: Settings, version: str | None, tenant: str | None) -> tuple[str, PolicyDocument]:
    async with live_registry(settings) as registry:
        chosen = version or registry.live_policy
        try:
            return chosen, registry.policy(chosen, tenant)
        except Unavailable as error:
            raise NotFound(f"there is no policy version {chosen!r}") from error


def _rehearsed(file: Path, old: PolicyDocument, new: PolicyDocument) -> "Rehearsal":
    from streams.screening.build import build_screener
    from streams.screening.rehearsal import Rehearsal

    made = Rehearsal(old, new, build_screener(load_settings()))
    with file.open("rb") as stream:
        made.lines(stream)
    return made


async def _rehearsed_last(
    settings: Settings, last: int, old: PolicyDocument | None, new: PolicyDocument
) -> "Rehearsal":
    from collections import deque

    from infra.broker import Record
    from infra.reader import read_all
    from infra.topics import Names
    from streams.admission.identity import Identity
    from streams.screening.build import build_screener
    from streams.screening.rehearsal import Rehearsal

    names, kept = Names(settings.kafka), deque[Record](maxlen=last)
    topics = [names("requests"), *(names(f"requests.{tenant}") for tenant in settings.tenant_topics)]
    async with live_registry(settings) as registry, opening(settings) as vault:
        async for record in read_all(settings.kafka, topics, client_id=CLIENT, vault=vault):
            kept.append(record)
        made = Rehearsal(old or registry.policy(registry.live_policy), new, build_screener(settings))
        identity = Identity(settings, registry.keys)
        for record in sorted(kept, key=lambda each: each.timestamp_ms):
            made.record(record, identity, settings.limits)
    return made


def _tell(made: "Rehearsal", as_json: bool) -> None:
    changes = [(*change, count, made.examples[change]) for change, count in made.changes.most_common()]
    if as_json:
        rows: list[dict[str, Any]] = [dict(zip(FIELDS, row, strict=True)) for row in changes]
        show_json({"seen": made.seen, "unread": made.unread, "changes": rows, "loosens": made.loosens})
        return
    unread = f", {made.unread} could not be read" if made.unread else ""
    click.echo(f"{sum(made.changes.values())} of {made.seen} requests would be treated otherwise{unread}")
    if changes:
        show_table(FIELDS, [(*row[:4], ", ".join(row[4])) for row in changes], "")
    for line in made.loosens:
        click.echo(f"loosens {line}")

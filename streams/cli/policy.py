"""``headrace policy``."""

import asyncio
from pathlib import Path

import click

from infra.policies import DEFAULT, load_policy
from infra.settings import Settings
from schemas.errors import NotFound, Unavailable
from schemas.policies import PolicyDocument, document_version
from schemas.registry import Policy
from streams.cli.log import live_registry, outbox
from streams.cli.options import as_json, load_settings, show_json

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def policy() -> None:
    """The policy document: what screening does with what it finds, and which model answers."""


@policy.command(epilog="Example: headrace policy show --tenant acme > acme.yaml")
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


@policy.command(epilog="Example: headrace policy check policy.yaml")
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Check a policy file; problems are told all at once."""
    document = sound(file)
    click.echo(f"{file} is sound: policy {document.name!r}, version {document_version(document)}")


@policy.command(epilog="Example: headrace policy apply policy.yaml")
@click.argument("file", type=FILE)
def apply(file: Path) -> None:
    """Check a policy file and make it the live one, without a restart."""
    record = record_of(sound(file))
    asyncio.run(publish(load_settings(), record))
    click.echo(f"policy {record.name!r} is live as version {record.version}")


def sound(file: Path) -> PolicyDocument:
    """The document in a file, if it lets ordinary sentences through; raises ``InvalidField``."""
    from streams.screening.sanity import check_daily_work
    from streams.screening.screener import Screener

    document = load_policy(file)
    check_daily_work(document, Screener())
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

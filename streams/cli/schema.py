"""``headrace schema``."""

import json
from pathlib import Path

import click

from schemas.compatibility import breaking
from schemas.export import CLIENT_EVENTS, EVENTS, documents, json_schema, name_of, render
from streams.cli.options import load_settings

RELEASED = Path("docs/schemas/v1")
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def schema() -> None:
    """The schemas of events."""


@schema.command(epilog="Example: headrace schema export docs/schemas/v1")
@click.argument("directory", type=FOLDER)
@click.option("--asyncapi", type=click.Path(dir_okay=False, path_type=Path), help="Also write the AsyncAPI document.")
def export(directory: Path, asyncapi: Path | None) -> None:
    """Write a JSON Schema for each event into DIRECTORY."""
    from infra.asyncapi import asyncapi as document_of

    directory.mkdir(parents=True, exist_ok=True)
    found = documents()
    for name, document in found.items():
        (directory / f"{name}.json").write_text(render(document), encoding="utf-8")
    if asyncapi:
        asyncapi.write_text(render(document_of(load_settings())), encoding="utf-8")
    click.echo(f"{len(found)} schemas in {directory}" + (f", AsyncAPI in {asyncapi}" if asyncapi else ""))


@schema.command(epilog="Example: headrace schema check")
@click.argument("directory", type=FOLDER, default=RELEASED)
def check(directory: Path) -> None:
    """Compare the schemas with the released ones in DIRECTORY (docs/schemas/v1).

    What clients write may become wider, since the platform that reads it is upgraded first. All else
    must stay readable both ways: old records by new readers, and new records by old readers.
    """
    problems = incompatible(directory)
    if problems:
        raise click.ClickException("changes that break readers:\n" + "\n".join(f"- {line}" for line in problems))
    click.echo(f"{len(EVENTS)} schemas are compatible with {directory}")


def incompatible(directory: Path) -> list[str]:
    """Every breaking change against the released schemas, and every released schema that has no event."""
    if not directory.is_dir():
        raise click.UsageError(f"there are no released schemas in {directory}: 'headrace schema export' writes them")
    problems = [
        f"{path.stem}: the event is gone"
        for path in sorted(directory.glob("*.json"))
        if path.stem not in {name_of(event) for event in EVENTS}
    ]
    for event in EVENTS:
        path = directory / f"{name_of(event)}.json"
        if path.exists():
            old = json.loads(path.read_text(encoding="utf-8"))
            found = breaking(old, json_schema(event), may_widen=event in CLIENT_EVENTS)
            problems += [f"{name_of(event)}.{change}" for change in found]
    return problems

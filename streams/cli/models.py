"""``headrace models``."""

import asyncio
from pathlib import Path

import click

from infra.settings import Settings
from schemas.errors import NotFound
from schemas.registry import ModelVersion
from streams.cli.bench import bench
from streams.cli.log import live_registry, outbox
from streams.cli.options import as_json, load_settings, show_json, show_table
from workers.models.manifest import Manifest, ModelEntry
from workers.models.store import fetch, located, verify


@click.group()
def models() -> None:
    """The models of the manifest, their files on this machine, and their trained versions."""


models.add_command(bench)


@models.command("list", epilog="Example: headrace models list --json")
@as_json
def listed(as_json: bool) -> None:
    """List the models of the manifest, and whether their files are here."""
    settings = load_settings()
    rows = [described(entry, settings.state) for entry in Manifest.load(settings.models_file).models]
    if as_json:
        show_json(rows)
        return
    columns = ("name", "version", "engine", "pool", "capabilities", "context", "local", "files")
    show_table(columns, [[row[name] for name in columns] for row in rows], "the manifest is empty")


@models.command(epilog="Example: headrace models pull smollm2-135m")
@click.argument("names", nargs=-1)
def pull(names: tuple[str, ...]) -> None:
    """Fetch and verify the files of NAMES, or of all models."""
    from streams.cli.progress import downloading

    settings = load_settings()
    manifest = Manifest.load(settings.models_file)
    chosen = [manifest.entry(name) for name in names] or [entry for entry in manifest.models if entry.source]
    for entry in chosen:
        with downloading(entry.name) as progress:
            path = fetch(entry, settings.state, progress)
        click.echo(f"{entry.name}: {path}")


@models.command(epilog="Example: headrace models check my-models.yaml")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path | None) -> None:
    """Check a manifest (that of the settings without FILE) and the digests of the files that are here, and say what
    runs each model on this machine, and why."""
    from workers.engines.choice import explained, here

    settings = load_settings()
    manifest = Manifest.load(file or settings.models_file)
    for entry in manifest.models:
        found = located(entry, settings.state) if entry.source else None
        if found:
            verify(entry, found)
        files = "verified" if found else _files(entry, settings.state)
        click.echo(f"{entry.name}@{entry.version}: files {files}; runs on {explained(entry, here())}")


@models.command(epilog="Example: headrace models history smollm2-135m")
@click.argument("name")
@as_json
def history(name: str, as_json: bool) -> None:
    """List the trained versions of a model, the latest word last, with what they were measured at."""
    settings = load_settings()
    Manifest.load(settings.models_file).entry(name)
    versions = asyncio.run(_versions(settings, name))
    if as_json:
        show_json([version.model_dump(mode="json") for version in versions])
        return
    rows = [(v.version, v.status, v.weight, v.tenant, f"{v.time:%Y-%m-%d %H:%M}", v.job, v.reason) for v in versions]
    columns = ("version", "status", "weight", "tenant", "when", "job", "reason")
    show_table(columns, rows, f"{name} has no trained versions")


@models.command(epilog="Example: headrace models rollback smollm2-135m")
@click.argument("name")
@click.option("--to", "target", help="The version to go back to; without it, the one before the latest.")
@click.option("--reason", default="rolled back by hand", show_default=True, help="For the history and the audit.")
def rollback(name: str, target: str | None, reason: str) -> None:
    """Take the latest live version of a model out of service; the one before it, or the base model, takes over."""
    versions = asyncio.run(_roll_back(load_settings(), name, target, reason))
    for version in versions:
        click.echo(f"{name}@{version.version} is {version.status}")


def described(entry: ModelEntry, state: Path) -> dict[str, object]:
    return {
        "name": entry.name,
        "version": entry.version,
        "engine": entry.engine,
        "pool": entry.pool,
        "capabilities": ", ".join(entry.capabilities),
        "context": entry.context,
        "local": entry.local,
        "files": _files(entry, state),
    }


def _files(entry: ModelEntry, state: Path) -> str:
    if entry.source is None:
        return "none needed"
    found = located(entry, state)
    return "here" if found and found.exists() else "not fetched"


async def _versions(settings: Settings, name: str) -> list[ModelVersion]:
    async with live_registry(settings) as registry:
        return registry.model_versions(name)


async def _roll_back(settings: Settings, name: str, target: str | None, reason: str) -> list[ModelVersion]:
    changed = rolled_back(await _versions(settings, name), target, reason)
    async with outbox(settings) as out:
        for version in changed:
            await out.model(version)
    return changed


def rolled_back(versions: list[ModelVersion], target: str | None, reason: str) -> list[ModelVersion]:
    """The records that go back: what is live after ``target`` is retired, and ``target`` is live.

    Raises:
        NotFound: nothing is live, or there is no such version.
    """
    live = [version for version in versions if version.status == "live"]
    if target is None:
        if not live:
            raise NotFound("no trained version is live: the base model answers already")
        return [_changed(live[-1], "retired", reason)]
    chosen = next((version for version in versions if version.version == target), None)
    if chosen is None:
        raise NotFound(f"there is no version {target!r}: 'headrace models history' shows those there are")
    later = live[live.index(chosen) + 1 :] if chosen in live else live
    revived = [] if chosen in live else [_changed(chosen, "live", reason)]
    return [*(_changed(version, "retired", reason) for version in later), *revived]


def _changed(version: ModelVersion, status: str, reason: str) -> ModelVersion:
    from schemas.base import now

    return version.model_copy(update={"status": status, "reason": reason, "time": now()})

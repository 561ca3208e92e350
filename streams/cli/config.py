"""``headrace config``."""

import asyncio

import click

from infra.settings import Settings
from schemas.errors import HeadraceError, Unavailable
from streams.cli.options import as_json, load_settings, show_json


@click.group()
def config() -> None:
    """The settings as they are in effect: defaults, then headrace.yaml, then the environment."""


@config.command(epilog="Example: HEADRACE_KAFKA__PARTITIONS=12 headrace config show")
@as_json
def show(as_json: bool) -> None:
    """Print all settings; secrets are masked."""
    import yaml

    settings = load_settings().model_dump(mode="json")
    if as_json:
        show_json(settings)
    else:
        click.echo(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), nl=False)


@config.command(epilog="Example: headrace config check")
def check() -> None:
    """Check the settings, the files that they name, and that Kafka and Redis answer."""
    settings = load_settings()
    click.echo("settings: sound")
    failed: list[HeadraceError] = []
    for name, probe in (("models", _models), ("master key", _key), ("kafka", _kafka), ("redis", _redis)):
        try:
            click.echo(f"{name}: {probe(settings)}")
        except HeadraceError as error:
            failed.append(error)
            click.echo(f"{name}: {error.message}")
    if failed:
        away = all(isinstance(error, Unavailable) for error in failed)
        raise SystemExit(3 if away else 1)


def _models(settings: Settings) -> str:
    from workers.models.manifest import Manifest

    return f"{len(Manifest.load(settings.models_file).models)} in the manifest"


def _key(settings: Settings) -> str:
    from infra.keys import master_key

    if not settings.master_key and not (settings.state / "master-key").exists():
        return "not made yet"
    master_key(settings)
    return "sound"


def _kafka(settings: Settings) -> str:
    from streams.cli.log import publishing

    async def answers() -> str:
        async with publishing(settings):
            return f"answers at {settings.kafka.servers}"

    return asyncio.run(answers())


def _redis(settings: Settings) -> str:
    from infra.redis import Store

    async def answers() -> str:
        store = Store(settings)
        try:
            await store.get("config-check")
        finally:
            await store.close()
        return "answers"

    return asyncio.run(answers())

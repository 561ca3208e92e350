"""``headrace alerts``."""

import asyncio
import time
from pathlib import Path

import click

from schemas.errors import NotFound
from streams.alerts.engine import Alert
from streams.alerts.texts import TEST_RULE
from streams.cli.options import load_settings
from streams.cli.processes import serve
from streams.cli.root import Failed

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def alerts() -> None:
    """Rules over audit events that people are told of by web hook, mail, Slack or WeCom (企业微信)."""


@alerts.command(epilog="Example: headrace alerts check alerts.yaml")
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Check an alert file with the hosts and secrets of the settings; problems are told all at once."""
    from streams.alerts.channels.build import build_channels
    from streams.alerts.document import load_alerts

    document = load_alerts(file)
    build_channels(document, load_settings().alerts)
    rules, channels = len(document.rules), ", ".join(document.channels)
    click.echo(f"{file} is sound: alerts {document.name!r}, {rules} rules to {channels}")


@alerts.command(epilog="Example: headrace alerts test ops")
@click.argument("channel")
@click.option("--file", type=FILE, help="Another file than that of the settings.")
def test(channel: str, file: Path | None) -> None:
    """Send a test through one channel, once, and tell whether it was taken."""
    from streams.alerts.channels.port import NotDelivered

    try:
        asyncio.run(_test(channel, file))
    except NotDelivered as error:
        raise Failed(f"{channel} did not take it: {error}") from error
    click.echo(f"{channel} took it")


@alerts.command(epilog="Example: HEADRACE_ALERTS__FILE=alerts.yaml headrace alerts run")
def run() -> None:
    """Watch the audit topic in a process of its own. The control process does so by itself when the settings name
    a file; of all that do, one reads, and the others stand by."""
    from streams.alerts.process import run as watch

    serve(watch(load_settings()))


async def _test(name: str, file: Path | None) -> None:
    from streams.alerts.channels.build import build_channel
    from streams.alerts.document import load_alerts

    settings = load_settings()
    path = file or settings.alerts.file
    if path is None:
        raise click.UsageError("say which file: --file FILE, or set HEADRACE_ALERTS__FILE")
    document = load_alerts(path)
    if name not in document.channels:
        raise NotFound(f"there is no channel {name!r} in {path}: it has {', '.join(document.channels)}")
    channel = build_channel(document.channels[name], settings.alerts, document.language)
    try:
        await channel.send(_sample(name))
    finally:
        await channel.close()


def _sample(channel: str) -> Alert:
    moment = int(time.time() * 1000)
    return Alert(
        rule=TEST_RULE,
        group={},
        channels=(channel,),
        severity="info",
        count=1,
        since_ms=moment,
        until_ms=moment,
        action="test",
        code="",
        request_id="",
        source=f"test:{moment}",
    )

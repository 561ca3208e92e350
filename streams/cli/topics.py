"""``headrace topics``."""

import asyncio

import click

from infra.broker import ensure_topics
from infra.settings import Settings
from infra.topics import DAY_MS, HOUR_MS, Names, Topic, table
from streams.cli.options import as_json, load_settings, show_json, show_table


@click.group()
def topics() -> None:
    """The topics of this deployment, as the one table in infra/topics.py has them."""


@topics.command("list", epilog="Example: headrace topics list --json")
@as_json
def listed(as_json: bool) -> None:
    """List the topics with partitions and retention; Kafka is not asked."""
    settings = load_settings()
    rows = [described(topic, settings) for topic in table(settings)]
    if as_json:
        show_json(rows)
        return
    show_table(("topic", "partitions", "kept", "largest record"), [tuple(row.values()) for row in rows], "no topics")


@topics.command(epilog="Example: HEADRACE_KAFKA__PARTITIONS=12 headrace topics create")
def create() -> None:
    """Make the topics that are not there yet; those that are stay as they are."""
    made = asyncio.run(ensure_topics(load_settings()))
    click.echo("\n".join(made) if made else "all topics are there")


@topics.command("retain", epilog="Example: headrace topics retain")
def retained() -> None:
    """Give topics that are there the retention of the settings; nothing else of them is altered.

    It is set by class, as in HEADRACE_PRIVACY__RETENTION_DAYS='{"content": 2}'.
    """
    from infra.retention import retain

    settings = load_settings()
    altered = retain(settings)
    rows = [(Names(settings.kafka)(topic.name), kept(topic)) for topic in table(settings)]
    show_table(("topic", "kept"), [row for row in rows if row[0] in altered], "there are no topics yet")


def described(topic: Topic, settings: Settings) -> dict[str, object]:
    return {
        "name": Names(settings.kafka)(topic.name),
        "partitions": topic.partitions or settings.kafka.partitions,
        "kept": kept(topic),
        "max_bytes": topic.max_bytes,
    }


def kept(topic: Topic) -> str:
    """How long, in words."""
    if topic.compacted:
        return "compacted"
    if topic.keep_ms < 0:
        return "for ever"
    if topic.keep_ms % DAY_MS == 0:
        return f"{topic.keep_ms // DAY_MS} d"
    return f"{topic.keep_ms // HOUR_MS} h" if topic.keep_ms % HOUR_MS == 0 else f"{topic.keep_ms // 60_000} min"

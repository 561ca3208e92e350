"""``headrace audit complete``, ``show`` and ``tail``."""

import asyncio
import json
import sys
from contextlib import aclosing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from infra.broker import Record
from infra.reader import Since, follow
from infra.settings import Settings
from infra.topics import Names
from schemas.base import now
from schemas.errors import InvalidField, NotFound
from streams.audit.completeness import Completeness, Findings
from streams.audit.conditions import Condition
from streams.audit.exported import decoded
from streams.audit.folders import LocalFolder
from streams.audit.live import LiveLog
from streams.audit.story import Chapter, told
from streams.audit.trail import Trail
from streams.cli.log import CLIENT, publishing
from streams.cli.options import Age, as_json, load_settings, printable, show_json
from streams.cli.reading import declare
from streams.cli.tail import line, pretty

GROUPS = {"requests": "control-in", "uploads": "control-uploads", "feedback": "control-feedback"}


@click.command(epilog="Example: headrace audit complete --patience 600")
@click.option("--patience", type=click.FloatRange(0), help="Seconds a request may take; else the longest deadline.")
@as_json
def complete(patience: float | None, as_json: bool) -> None:
    """Check that every record of the request topics was decided about, and every request that was let in came to
    exactly one end.

    It ends with 1 when not. Requests in flight, and records beyond retention, are named but are no fault.
    """
    settings = load_settings()
    allowed = patience if patience is not None else settings.limits.batch_deadline_s
    findings = counted(settings, timedelta(seconds=allowed))
    if as_json:
        show_json({"complete": findings.complete, **findings.__dict__})
    else:
        _tell(findings)
    if not findings.complete:
        sys.exit(1)


def counted(settings: Settings, patience: timedelta) -> Findings:
    """Reads what is done first, and then what was said of it: each was said before it was done."""
    log, names = LiveLog(settings.kafka), Names(settings.kafka)
    asked = [(names(name), group) for name, group in GROUPS.items()]
    asked += [(names(f"requests.{tenant}"), "control-in") for tenant in settings.tenant_topics]
    done = [(topic, log.committed(group, topic), log.spans(topic)) for topic, group in asked]
    count = Completeness(now(), patience)
    for partition in log.partitions():
        for batch in log.entries(partition, *log.bounds(partition), signatures=False):
            count.see(batch, decoded)
        count.close()
    for topic, committed, spans in done:
        for partition, (low, high) in spans.items():
            count.hold(topic, partition, low, committed.get(partition, 0), high)
    return count.findings


def _tell(findings: Findings) -> None:
    click.echo(f"{findings.requests} requests were let in, and {findings.ended} ends were said.")
    shown = (
        ("Records that nothing was decided about", findings.undecided, "red"),
        ("Requests without an end", findings.endless, "red"),
        ("Requests with more than one end", findings.twice, "red"),
        ("Requests in flight", findings.in_flight, None),
        ("Records that retention took", [f"{place}: {count}" for place, count in findings.beyond.items()], None),
        ("Records not read yet", [f"{place}: {count}" for place, count in findings.waiting.items()], None),
    )
    for title, names, colour in shown:
        if names:
            click.secho(f"{title}:", fg=colour)
            for name in names:
                click.echo(f"  {printable(name)}")
    click.secho("complete" if findings.complete else "NOT COMPLETE", fg="green" if findings.complete else "red")


@click.command(epilog="Example: headrace audit show 01J9Z… --since 30d")
@click.argument("request_id")
@click.option("--since", type=Age(), default="7d", show_default=True, help="90s, 15m, 2h, 7d, or earliest.")
@as_json
def show(request_id: str, since: Since, as_json: bool) -> None:
    """Tell the story of one request: every decision about it, in order, and how long each step took."""
    settings = load_settings()
    if not isinstance(since, timedelta):
        since = timedelta(days=36_500)
    records = asyncio.run(_story(settings, request_id, since))
    if not records:
        raise NotFound(f"there is no audit record about {request_id} in that time: give --since")
    chapters = told(records)
    if as_json:
        show_json([chapter.__dict__ for chapter in chapters])
        return
    for chapter in chapters:
        _print(chapter)


async def _story(settings: Settings, request_id: str, since: timedelta) -> list[Record]:
    async with publishing(settings) as publisher:
        await declare(settings, "request", request_id)
        return await Trail(settings.kafka, publisher, "cli").story(request_id, since)


def _print(chapter: Chapter) -> None:
    head = f"{chapter.time}  +{chapter.after_s:.3f} s  {chapter.action}"
    click.secho(f"{printable(head)}: {printable(chapter.status)}", bold=True)
    click.secho(f"  {printable(chapter.where)} by {printable(chapter.actor)}", dim=True)
    for step in chapter.decisions:
        click.echo(f"  {printable(step)}")
    if chapter.versions:
        click.echo(f"  {printable(chapter.versions)}")


@click.command(epilog="Example: headrace audit tail --filter severity=high --resume auditor.json")
@click.option("--filter", "filters", multiple=True, metavar="FIELD=VALUE", help="severity, action, actor, tenant, …")
@click.option("--since", type=Age(), default="latest", show_default=True, help="90s, 15m, 2h, 7d, earliest or latest.")
@click.option("--resume", type=click.Path(dir_okay=False, path_type=Path), help="Keep the position in a file.")
@as_json
def tail(filters: tuple[str, ...], since: Since, resume: Path | None, as_json: bool) -> None:
    """Show audit records as they come; --filter may be given again, with * for any text.

    With --resume the position stands in a file after each batch was printed: given again, it goes on there, and what
    was printed but not noted when it was cut off comes once more.
    """
    settings = load_settings()
    wanted = Condition.parse(filters)
    with suppress(KeyboardInterrupt):
        asyncio.run(_follow(settings, wanted, " ".join(filters), since, resume, as_json))


async def _follow(
    settings: Settings, wanted: Condition, target: str, since: Since, resume: Path | None, as_json: bool
) -> None:
    topic = Names(settings.kafka)("audit")
    positions = _positions(resume, topic)
    await declare(settings, "events", target, str(since))
    async with aclosing(follow(settings.kafka, topic, positions, since, client_id=CLIENT)) as batches:
        async for batch in batches:
            for record in batch:
                audit: dict[str, Any] = decoded(record.value or b"")
                if wanted(audit):
                    click.echo(line(record, audit) if as_json else pretty(record, audit))
                positions[record.partition] = record.offset + 1
            if resume and batch:
                _note(resume, topic, positions)


def _note(resume: Path, topic: str, positions: dict[int, int]) -> None:
    said = {"topic": topic, "positions": {str(each): offset for each, offset in positions.items()}}
    LocalFolder(resume.absolute().parent).write(resume.name, json.dumps(said).encode())


def _positions(resume: Path | None, topic: str) -> dict[int, int]:
    if resume is None or not resume.exists():
        return {}
    try:
        said = json.loads(resume.read_bytes())
        if said["topic"] != topic:
            raise InvalidField(f"{resume} is a position in {said['topic']}, not in {topic}", param="resume")
        return {int(each): int(offset) for each, offset in said["positions"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidField(f"{resume} holds no position: delete it to begin anew", param="resume") from error

"""``headrace audit export``, ``forward`` and ``report``."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from infra.reader import Since, read_all
from infra.settings import Settings
from infra.topics import Names
from schemas.base import now
from schemas.errors import AuditDamaged, NotFound
from streams.audit.exported import Export, Manifest, decoded, read_manifest
from streams.audit.folders import LocalFolder, below
from streams.audit.formats import FORMATS, WRITERS, Format
from streams.audit.forwarding import ElasticsearchSink, SyslogSink, send_on
from streams.audit.live import LiveLog
from streams.audit.notary import Signed
from streams.audit.process import hashes_of
from streams.audit.report import FORMS, Report, as_object
from streams.audit.resume import opened
from streams.audit.tiles import Kept
from streams.audit.verifier.notes import PublicKey
from streams.audit.witnesses.store import StoreKeeper, head_path
from streams.cli.heads import trust_of
from streams.cli.log import CLIENT
from streams.cli.options import Age, load_settings, show_json
from streams.cli.progress import CONSOLE
from streams.cli.reading import declare


@click.command(epilog="Example: headrace audit export /mnt/archive; headrace audit verify --export /mnt/archive")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["parquet", *FORMATS]), default="parquet", show_default=True)
@click.option("--since", type=Age(), default="earliest", show_default=True, help="Of all but parquet: 15m, 2h, 7d, …")
def export(folder: Path | None, form: str, since: Since) -> None:
    """Export the audit log.

    As Parquet, a folder for each day, into FOLDER: all that is signed by now, with the heads and hashes that prove it;
    given again it adds what came since. In the other formats on standard output.
    """
    settings = load_settings()
    asyncio.run(declare(settings, "export", str(folder or form), str(since)))
    if form != "parquet":
        asyncio.run(_print(settings, since, next(each for each in FORMATS if each == form)))
        return
    if folder is None:
        raise click.UsageError("give the folder that Parquet files go to")
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise click.UsageError("Parquet needs an extra: pip install 'headrace[audit]'") from error
    manifest = exported(settings, folder, trust_of(settings).signers)
    click.echo(f"{sum(part.stop - part.first for part in manifest.parts)} records in {len(manifest.parts)} files")


def exported(settings: Settings, folder: Path, keys: tuple[PublicKey, ...]) -> Manifest:
    """Add all that is signed to the export in a folder."""
    log = LiveLog(settings.kafka)
    manifest, job = _begun(folder, log.topic), Export(log, folder)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=CONSOLE, transient=True, disable=not CONSOLE.is_terminal) as bar:
        task = bar.add_task("partitions", total=len(log.partitions()))
        for partition in log.partitions():
            found = [(head, each) for each in log.heads(partition) if (head := opened(each, list(keys)))]
            if found:
                newest, published = max(found, key=lambda pair: (pair[0].time, pair[0].size))
                place = newest.origin.removeprefix("headrace/")
                kept = Kept(below(hashes_of(settings), place), newest.size)
                if kept.root() != newest.root:
                    raise AuditDamaged(f"the hashes of {place} are not here: export where heads are signed")
                parts = job(partition, newest.size, manifest)
                manifest = replace(manifest, parts=(*manifest.parts, *parts))
                out = LocalFolder(folder)
                for head, each in found:
                    below(out, head.origin.removeprefix("headrace/")).write(head_path(head), each.note)
                StoreKeeper("export", out).keep(place, Signed(newest, published.note, published.frontier), kept)
            bar.advance(task)
    job.commit(manifest)
    return manifest


def _begun(folder: Path, topic: str) -> Manifest:
    try:
        manifest = read_manifest(folder)
    except NotFound:
        return Manifest(topic)
    if manifest.topic != topic:
        raise NotFound(f"{folder} is an export of {manifest.topic}, not of {topic}")
    return manifest


async def _print(settings: Settings, since: Since, form: Format) -> None:
    out = sys.stdout.buffer
    async for record in read_all(settings.kafka, [Names(settings.kafka)("audit")], since=since, client_id=CLIENT):
        said = WRITERS[form](record, decoded(record.value or b""))
        out.write(said if said.endswith(b"\n") else said + b"\n")
    out.flush()


@click.command(epilog="Example: headrace audit forward elasticsearch https://search.example.com:9200")
@click.argument("kind", type=click.Choice(["elasticsearch", "syslog"]))
@click.argument("url")
@click.option("--name", default="default", show_default=True, help="Whose position it is, for several receivers.")
@click.option("--user", envvar="HEADRACE_SINK_USER", default="", help="For Elasticsearch.")
@click.option("--password", envvar="HEADRACE_SINK_PASSWORD", default="", help="Better set in the environment.")
def forward(kind: str, url: str, name: str, user: str, password: str) -> None:
    """Send audit records to another system as they come, for as long as this runs.

    KIND is elasticsearch (and OpenSearch), with a URL of http or https, or syslog, with tcp://, tls:// or udp://.
    Each record is sent at least once; what the receiver does not take is sent again, and nothing after it before.
    """
    settings = load_settings()
    sink = ElasticsearchSink(url, user, password) if kind == "elasticsearch" else SyslogSink(url)
    asyncio.run(declare(settings, "export", f"{kind} {name}"))
    with suppress(KeyboardInterrupt):
        asyncio.run(send_on(settings.kafka, name, sink))


@click.command(epilog="Example: headrace audit report --from 2026-11-01 --to 2026-11-30 --format html > november.html")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="UTC; else a day ago.")
@click.option("--to", "stop", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="UTC; a day is meant whole.")
@click.option("--format", "form", type=click.Choice(["markdown", "html", "json"]), default="markdown")
def report(start: datetime | None, stop: datetime | None, form: str) -> None:
    """Report events by severity, action and tenant, the riskiest users, and what was limited, refused and redacted."""
    settings = load_settings()
    until = now() if stop is None else _end(stop)
    since = until - timedelta(days=1) if start is None else start.replace(tzinfo=UTC)
    if since >= until:
        raise click.UsageError("--from comes before --to")
    asyncio.run(declare(settings, "export", "report", f"{since.isoformat()} {until.isoformat()}"))
    made = asyncio.run(_report(settings, Report(since, until)))
    if form == "json":
        show_json(as_object(made))
    else:
        click.echo(FORMS["html" if form == "html" else "markdown"](made), nl=False)


def _end(moment: datetime) -> datetime:
    """A day without a time is meant up to its end."""
    whole = moment.replace(tzinfo=UTC)
    return whole + timedelta(days=1) if whole.time() == datetime.min.time() else whole


async def _report(settings: Settings, made: Report) -> Report:
    start, stop = (int(moment.timestamp() * 1000) for moment in (made.start, made.stop))
    topics = [Names(settings.kafka)("audit")]
    async for record in read_all(settings.kafka, topics, since=max(now() - made.start, timedelta()), client_id=CLIENT):
        if start <= record.timestamp_ms < stop:
            made.see(decoded(record.value or b""))
    return made

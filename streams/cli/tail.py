"""``headrace tail``."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
import orjson

from infra.broker import Record
from infra.reader import Follower, Since, read_all
from infra.settings import Settings
from infra.topics import Names
from infra.vault.sealing import is_sealed, key_of
from schemas.cloudevents import header
from streams.cli.log import CLIENT
from streams.cli.options import Age, as_json, load_settings, printable
from streams.cli.reading import declare

COLOURS = {"completed": "green", "refused": "yellow", "blocked": "red", "failed": "red", "expired": "yellow"}


class Where(click.ParamType):
    """``FIELD=VALUE``, with dots between the names of nested fields."""

    name = "field=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, wanted = str(value).partition("=")
        if not name or not equals:
            self.fail("give FIELD=VALUE, as in verdict.action=block", param, ctx)
        return name, wanted


@dataclass(frozen=True)
class Filter:
    """What of a topic is shown: all that is given must hold."""

    tenant: str | None = None
    id: str | None = None
    where: tuple[tuple[str, str], ...] = ()

    def __call__(self, body: Any) -> bool:
        wanted = [*self.where, *([("tenant", self.tenant)] if self.tenant else [])]
        about = (field(body, "id"), field(body, "request_id"))
        return all(field(body, name) == value for name, value in wanted) and (not self.id or self.id in about)


def field(body: Any, path: str) -> str | None:
    """The value at a dotted path as text: JSON's words for what is no text."""
    for name in path.split("."):
        if isinstance(body, list) and name.isdigit() and int(name) < len(body):
            body = body[int(name)]
        elif isinstance(body, dict) and name in body:
            body = body[name]
        else:
            return None
    return body if isinstance(body, str) else orjson.dumps(body).decode()


@click.command(epilog="Example: headrace tail audit --since 1h --where status=blocked")
@click.argument("topic")
@click.option("--tenant", help="Only this tenant's.")
@click.option("--id", "request_id", help="Only what is about this request.")
@click.option("--where", type=Where(), multiple=True, help="Only where a field has this value, as in pins.kind=chat.")
@click.option("--since", type=Age(), default="latest", show_default=True, help="90s, 15m, 2h, 7d, earliest or latest.")
@click.option("--end", is_flag=True, help="Stop at the end instead of waiting for more.")
@as_json
def tail(
    topic: str,
    tenant: str | None,
    request_id: str | None,
    where: tuple[tuple[str, str], ...],
    since: Since,
    end: bool,
    as_json: bool,
) -> None:
    """Show records of TOPIC (responses, audit, work.text …) as they come; with --json, a line each."""
    settings = load_settings()
    names = Names(settings.kafka)
    full = topic if topic.startswith(f"{names.prefix}.") else names(topic)
    wanted = Filter(tenant, request_id, where)

    def show(record: Record) -> None:
        body = decoded(record.value)
        if wanted(body):
            click.echo(line(record, body) if as_json else pretty(record, body))

    if full == names("audit"):
        asyncio.run(declare(settings, "topic", full, str(since)))
    with suppress(KeyboardInterrupt):
        asyncio.run(_read(settings, full, since, show) if end else _follow(settings, full, since, show))


async def _read(settings: Settings, topic: str, since: Since, show: Callable[[Record], None]) -> None:
    async for record in read_all(settings.kafka, [topic], since=since, client_id=CLIENT):
        show(record)


async def _follow(settings: Settings, topic: str, since: Since, show: Callable[[Record], None]) -> None:
    follower = Follower(settings.kafka, [topic], show, since=since, client_id=CLIENT)
    await follower.start()
    try:
        await asyncio.Event().wait()
    finally:
        await follower.stop()


def decoded(value: bytes | None) -> Any:
    """The JSON of a value; the key of what is sealed; base64 of what is neither."""
    if is_sealed(value):
        return {"sealed": key_of(value or b"")}
    try:
        return orjson.loads(value) if value is not None else None
    except orjson.JSONDecodeError:
        return {"base64": b64encode(value or b"").decode()}


def line(record: Record, body: Any) -> str:
    """One record as a line of JSON."""
    return orjson.dumps(
        {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "time": when(record),
            "key": record.key.decode(errors="replace") if record.key is not None else None,
            "type": header(record.headers, "ce_type"),
            "value": body,
        }
    ).decode()


def pretty(record: Record, body: Any) -> str:
    """One record for people: where it stands and what it is, then its fields, nothing in it able to move the cursor."""
    kind = (header(record.headers, "ce_type") or "record").removeprefix("io.headrace.")
    status = field(body, "status") or ""
    key = (record.key or b"").decode(errors="replace")
    head = " ".join(
        (
            click.style(when(record), dim=True),
            click.style(str(record.source), dim=True),
            click.style(printable(kind), fg="cyan", bold=True),
            printable(key),
            click.style(printable(status), fg=COLOURS.get(status)),
        )
    )
    if body is None:
        return f"{head} (deleted)"
    text = orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
    return "\n".join([head, *(f"  {printable(each)}" for each in text.splitlines())])


def when(record: Record) -> str:
    return datetime.fromtimestamp(record.timestamp_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

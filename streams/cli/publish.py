"""``headrace publish``."""

import asyncio
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson
from pydantic import ValidationError

from schemas.base import Event
from schemas.errors import InvalidJson, TooLarge
from schemas.feedback import Feedback
from schemas.requests import Request
from schemas.responses import Response
from schemas.uploads import Upload
from streams.admission.decoding import field_error
from streams.cli.asking import ask
from streams.cli.options import as_json, load_settings, show_json
from streams.cli.root import Failed

E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Callable[..., None])
KEY = click.Path(exists=True, dir_okay=False, path_type=Path)


def asked(command: F) -> F:
    """The options that all three have."""
    for option in (
        as_json,
        click.option("--timeout", "timeout_s", default=120.0, show_default=True, help="Seconds to wait."),
        click.option("--wait", is_flag=True, help="Wait for the answer and print it."),
        click.option("--key", type=KEY, help="Sign with the API key in this file, as in --key .headrace/api-key."),
        click.option("--id", "id", help="Choose the id, so that a repeat is recognised."),
    ):
        command = option(command)
    return command


@click.group()
def publish() -> None:
    """Publish to Kafka as any client does; with --wait, print the answer.

    Without --key a record belongs to the default tenant of the settings.
    """


@publish.command(epilog="Example: headrace publish request 'What is a headrace?' --wait")
@click.argument("text")
@click.option("--model", help="Leave it out and the policy chooses.")
@click.option("--system", help="A system message.")
@click.option("--max-tokens", type=click.IntRange(1), help="Of the answer.")
@click.option("--temperature", type=click.FloatRange(0, 2))
@click.option("--seed", type=click.IntRange(0))
@click.option("--stream", is_flag=True, help="Print the answer as it is made.")
@click.option("--priority", type=click.Choice(("interactive", "batch")))
@click.option("--security", type=click.Choice(("low", "medium", "high")), help="high stays on local models.")
@asked
def request(text: str, system: str | None, **options: Any) -> None:
    """Ask TEXT. '-' reads a whole request as JSON from standard input."""
    chat = [{"role": "user", "content": text}]
    if system:
        chat = [{"role": "system", "content": system}, *chat]
    body = stdin_json() if text == "-" else {"messages": chat}
    _publish("requests", Request, body, **options)


@publish.command(epilog="Example: headrace publish upload invoice.png --wait")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@asked
def upload(file: Path, **options: Any) -> None:
    """Hand in a picture; the answer is the text that was read. '-' reads an upload as JSON from standard input."""
    limit = load_settings().limits.upload_bytes
    if str(file) == "-":
        body = stdin_json()
    elif file.stat().st_size > limit:
        raise TooLarge(f"{file} has {file.stat().st_size} bytes, {limit} are allowed")
    else:
        body = {"name": file.name, "data": b64encode(file.read_bytes()).decode()}
    _publish("uploads", Upload, body, **options)


@publish.command(epilog="Example: headrace publish feedback REQUEST_ID --correction '总金额是 1,280 元。' --wait")
@click.argument("request_id")
@click.option("--thumb", type=click.Choice(("up", "down")))
@click.option("--rating", type=click.IntRange(1, 5))
@click.option("--correction", help="What the answer should have been.")
@click.option("--comment")
@asked
def feedback(request_id: str, **options: Any) -> None:
    """Say what the answer to REQUEST_ID was worth. '-' reads feedback as JSON from standard input."""
    body = stdin_json() if request_id == "-" else {"request_id": request_id}
    _publish("feedback", Feedback, body, **options)


def stdin_json() -> dict[str, Any]:
    """The JSON object on standard input.

    Raises:
        InvalidJson: it is none.
    """
    try:
        body = orjson.loads(sys.stdin.buffer.read())
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"standard input is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise InvalidJson(f"standard input must hold a JSON object, not {type(body).__name__}")
    return body


def _publish(
    topic: str,
    kind: type[E],
    body: dict[str, Any],
    /,
    *,
    key: Path | None,
    wait: bool,
    timeout_s: float,
    as_json: bool,
    **fields: Any,
) -> None:
    given = {name: value for name, value in fields.items() if value not in (None, False)}
    event = built(kind, body | given)
    secret = key.read_text(encoding="utf-8").strip() if key else None
    stream = isinstance(event, Request) and event.stream and not as_json
    show = (lambda text: click.echo(text, nl=False)) if stream else None
    settings = load_settings()
    response = asyncio.run(ask(settings, topic, event, secret, timeout_s if wait or stream else None, show))
    if response is None:
        show_json({"id": event.id, "topic": f"{settings.kafka.prefix}.{topic}"}) if as_json else click.echo(event.id)
    else:
        _tell(response, as_json, streamed=show is not None)


def built(kind: type[E], body: dict[str, Any]) -> E:
    """The event in a body.

    Raises:
        InvalidField: names what is wrong.
    """
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        raise field_error(error) from error


def _tell(response: Response, as_json: bool, *, streamed: bool) -> None:
    if as_json:
        show_json(response.model_dump(mode="json", exclude_none=True))
    elif response.status == "completed":
        click.echo("" if streamed else response.text or f"{len(response.embeddings)} vectors; --json shows them")
    else:
        raise Failed(f"{response.status}: {response.error.message if response.error else 'without a reason'}")
    if response.status != "completed":
        raise SystemExit(1)

"""``headrace train``."""

import asyncio
from collections.abc import Sequence

import click
from pydantic import TypeAdapter

from infra.reader import Follower
from infra.settings import Settings
from infra.topics import Names
from schemas.errors import NotFound
from schemas.training import TrainingJob, TrainingProgress, TrainingResult, TrainingSettings
from streams.cli.log import CLIENT, events, outbox
from streams.cli.options import as_json, load_settings, printable, show_json, show_table
from workers.models.manifest import Manifest

Told = TrainingJob | TrainingProgress | TrainingResult
TOLD: TypeAdapter[Told] = TypeAdapter(Told)


@click.group()
def train() -> None:
    """Training jobs: from corrections to an adapter that is served, or to the reason why not."""


@train.command(epilog="Example: headrace train start smollm2-135m --wait")
@click.argument("model")
@click.option("--tenant", help="Whose corrections are learnt from; without it the default tenant of the settings.")
@click.option("--rank", type=click.IntRange(1, 256), help="Of the adapter.")
@click.option("--epochs", type=click.IntRange(1, 100), help="How often each example is seen.")
@click.option("--learning-rate", type=click.FloatRange(0, 10, min_open=True))
@click.option("--wait", is_flag=True, help="Show the progress, and end when the job has.")
def start(model: str, tenant: str | None, wait: bool, **given: float | None) -> None:
    """Ask for a training job of MODEL; prints its id."""
    settings = load_settings()
    Manifest.load(settings.models_file).entry(model)
    chosen = {name: value for name, value in given.items() if value is not None}
    job = TrainingJob(
        model=model,
        tenant=tenant or settings.default_tenant,
        settings=TrainingSettings.model_validate(chosen),
        requested_by="headrace train start",
    )
    result = asyncio.run(_start(settings, job, wait))
    if result:
        click.echo(f"{result.outcome}: {printable(result.reason)}")
        raise SystemExit(result.outcome != "registered")


@train.command(epilog="Example: headrace train status 3f0c…")
@click.argument("job")
@as_json
def status(job: str, as_json: bool) -> None:
    """Tell what became of a job."""
    told = [event for event in asyncio.run(_told(load_settings())) if event.id == job]
    if not told:
        raise NotFound(f"there is no job {job!r}: 'headrace train list' shows those there are")
    if as_json:
        show_json([event.model_dump(mode="json") for event in told])
    else:
        click.echo("\n".join(f"{event.time:%H:%M:%S} {sentence(event)}" for event in told))


@train.command("list", epilog="Example: headrace train list --json")
@as_json
def listed(as_json: bool) -> None:
    """List the jobs, the latest last."""
    latest: dict[str, Told] = {event.id: event for event in asyncio.run(_told(load_settings()))}
    rows = [{"job": e.id, "model": e.model, "tenant": e.tenant, "state": sentence(e)} for e in latest.values()]
    if as_json:
        show_json(rows)
    else:
        show_table(("job", "model", "tenant", "state"), [tuple(row.values()) for row in rows], "no training jobs")


def sentence(event: Told) -> str:
    """One event in words."""
    match event:
        case TrainingJob():
            return "asked for"
        case TrainingProgress():
            loss = f", loss {event.loss:.4f}" if event.loss is not None else ""
            return f"{event.phase} {event.step} of {event.steps}{loss}"
        case TrainingResult():
            version = f" as {event.version}" if event.version else ""
            return printable(f"{event.outcome}{version}: {event.reason}")


async def _told(settings: Settings) -> Sequence[Told]:
    return await events(settings, "training", TOLD.validate_json)


async def _start(settings: Settings, job: TrainingJob, wait: bool) -> TrainingResult | None:
    ended: asyncio.Future[TrainingResult] = asyncio.get_running_loop().create_future()

    def show(value: bytes) -> None:
        event = TOLD.validate_json(value)
        if event.id == job.id:
            click.echo(sentence(event), err=True)
            if isinstance(event, TrainingResult) and not ended.done():
                ended.set_result(event)

    follower = Follower(
        settings.kafka,
        [Names(settings.kafka)("training")],
        lambda record: show(record.value or b""),
        since="latest",
        client_id=CLIENT,
    )
    if wait:
        await follower.start()
    try:
        async with outbox(settings) as out:
            await out.training(job)
        click.echo(job.id)
        return await ended if wait else None
    finally:
        await follower.stop()

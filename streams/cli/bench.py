"""``headrace models bench``."""

import subprocess
import sys

import click
from pydantic import ValidationError

from schemas.errors import ModelNotAvailable
from streams.cli.options import as_json, load_settings, show_json, show_table
from workers.engines.choice import here
from workers.engines.trial import AT_ONCE, Measured, Trial, trials
from workers.models.generators import GeneratorEntry
from workers.models.manifest import Manifest
from workers.models.store import fetch

PATIENCE_S = 900
COLUMNS = ("engine", "quantization", "tokens/s", f"tokens/s at {AT_ONCE}", "first token ms", "memory MiB", "load s")


@click.command(epilog="Example: headrace models bench smollm2-135m")
@click.argument("name")
@as_json
def bench(name: str, as_json: bool) -> None:
    """Measure each engine and quantisation that can run NAME on this machine, a process each, to choose by."""
    settings = load_settings()
    entry = Manifest.load(settings.models_file).entry(name)
    ours = isinstance(entry, GeneratorEntry)
    to_try = list(trials(entry, fetch(entry, settings.state), here())) if ours else []
    if not to_try:
        raise ModelNotAvailable(f"{name} generates no text on an engine that is installed here; nothing to measure")
    found = measure(to_try)
    if as_json:
        show_json([{"setting": trial.name, **said.model_dump()} for trial, said in found])
    else:
        show(found)


def measure(to_try: list[Trial]) -> list[tuple[Trial, Measured]]:
    """One after the other, with a bar on a terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from streams.cli.progress import CONSOLE

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} of {task.total}"))
    found = []
    with Progress(
        *columns, TimeElapsedColumn(), console=CONSOLE, transient=True, disable=not CONSOLE.is_terminal
    ) as bar:
        task = bar.add_task("", total=len(to_try))
        for trial in to_try:
            bar.update(task, description=trial.name)
            found.append((trial, run(trial)))
            bar.advance(task)
    return found


def run(trial: Trial) -> Measured:
    """One trial in its process; one that dies there is a result too."""
    command = [sys.executable, "-m", "workers.engines.trial"]
    try:
        done = subprocess.run(
            command, input=trial.model_dump_json().encode(), capture_output=True, timeout=PATIENCE_S, check=False
        )
        return Measured.model_validate_json(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return Measured(refused=f"took longer than {PATIENCE_S} s")
    except (ValidationError, IndexError):
        return Measured(refused=f"ended with {done.returncode}: {done.stderr.decode(errors='replace')[-200:].strip()}")


def show(found: list[tuple[Trial, Measured]]) -> None:
    """The table, and a line for each that was refused."""
    ran = [(trial, said) for trial, said in found if not said.refused]
    show_table(COLUMNS, [row(trial, said) for trial, said in ran], "none of them runs here:")
    for trial, said in found:
        if said.refused:
            click.echo(f"{trial.name}: {said.refused}")


def row(trial: Trial, said: Measured) -> tuple[str, ...]:
    figures = (said.alone, said.together, said.first_ms, said.memory / 2**20)
    rounded = (f"{figure:.0f}" for figure in figures)
    return (said.engine, trial.entry.options.quantization, *rounded, f"{said.load_s:.1f}")

"""``headrace screening train``."""

from pathlib import Path

import click

from streams.cli.options import load_settings, show_table
from streams.cli.progress import fetching


@click.command(epilog="Example: headrace screening train labelled.jsonl --name ours --alarms 0.005")
@click.argument("labelled", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="ours", show_default=True, help="What its findings name as their detector.")
@click.option("--alarms", type=click.FloatRange(0.0001, 0.5), default=0.01, show_default=True)
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="A folder; else <state>/screening.")
@click.option(
    "--key", type=click.Path(dir_okay=False, path_type=Path), help="To sign with; else <state>/screening-key."
)
def train(labelled: Path, name: str, alarms: float, output: Path | None, key: Path | None) -> None:
    """Train a learned detector on LABELLED, and tell what it finds in sources that it did not see.

    LABELLED has lines of JSON: {"text", "labels": ["HATE", ...] or [] for ordinary text, "source", "language"}. Labels
    are entities, or names of your own, which count as harm. It trains without each source in turn, and puts the
    thresholds where --alarms of the ordinary texts there would have a finding.

    Beside the artefact it writes its signature, a data sheet (Markdown) and the report (JSON).
    """
    from streams.screening.learned.making import make, signing_key
    from workers.screening.examples import read_examples
    from workers.screening.training import Recipe

    settings = load_settings()
    path = (output or settings.state / "screening") / f"{name}.safetensors"
    private = signing_key(key or settings.state / "screening-key")
    with fetching("training") as progress:
        made = make(read_examples(labelled), Recipe(name, alarms), path, private, {}, progress)
    _tell(made.card.report)
    click.echo(f"\n{path} has the digest {made.digest}")
    click.echo(f"use it with: screening: {{artefacts: [shipped, {path}], trusted_keys: [{made.key}]}}")


def _tell(report: dict[str, object]) -> None:
    from workers.screening.evaluation import figures_of

    rows = [
        (
            each.category,
            each.language,
            each.source,
            f"{each.found} of {each.texts}",
            f"{each.alarms} of {each.ordinary}",
        )
        for each in figures_of(report)
    ]
    show_table(("category", "language", "left out", "found", "alarms"), rows, empty="nothing was measured")

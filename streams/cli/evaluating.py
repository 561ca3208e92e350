"""``headrace screening eval``."""

from pathlib import Path
from typing import Any

import click

from streams.cli.options import as_json, load_settings, show_json
from streams.cli.scanning import POLICY, TENANT, policy_of


@click.command("eval", epilog="Example: headrace screening eval labelled.jsonl --json > figures.json")
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@POLICY
@TENANT
@as_json
def eval(data: Path, file: Path | None, tenant: str | None, as_json: bool) -> None:
    """Measure screening on labelled texts: recall, precision, F1 and false alarms, by category, entity, language and
    source, with intervals of 95 %, and how fast it is. Prints Markdown.

    A line of DATA is {"text", "labels": ["EMAIL" or "injection", ...]}, with "entities" or "findings" for "labels",
    each {"entity", "start", "end"} where spans are known. Without labels a text is ordinary. "id", "direction",
    "language" and "source" may be there.
    """
    from streams.screening.build import build_screener
    from streams.screening.evaluation import Evaluation
    from streams.screening.labelled import read_labelled

    found = Evaluation(policy_of(file), tenant, build_screener(load_settings()))
    for text in read_labelled(data):
        found.add(text)
    speed = found.speed
    if as_json:
        rows: list[dict[str, Any]] = [{**group._asdict(), **tally.dump()} for group, tally in found.rows]
        show_json({"rules": found.screener.rules, "speed": speed._asdict(), "rows": rows})
        return
    click.echo("| category | entity | language | source | recall | precision | F1 | false alarms |")
    click.echo("|---|---|---|---|---|---|---|---|")
    for group, tally in found.rows:
        click.echo(f"| {' | '.join((*group, *tally.cells()))} |")
    pace = f"p50 {speed.p50_ms:.3f} ms, p99 {speed.p99_ms:.3f} ms; rules {found.screener.rules}"
    click.echo(f"\n{speed.texts} texts, {speed.per_second:.0f} a second, {pace}")

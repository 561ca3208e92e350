"""``headrace screening explain``."""

from pathlib import Path
from typing import Any, cast, get_args

import click

from schemas.screening import Direction, Verdict
from streams.cli.options import as_json, load_settings, printable, show_json
from streams.cli.scanning import POLICY, TENANT, policy_of


@click.command(epilog="Example: headrace screening explain '我的电话是13800138000' --direction output")
@click.argument("text")
@click.option(
    "--direction",
    type=click.Choice([each for each in get_args(Direction) if each != "image"]),
    default="prompt",
    show_default=True,
    help="Whence it comes.",
)
@POLICY
@TENANT
@click.option("--masked", is_flag=True, help="Show the form of what was found, as 138****8000, and nothing beside it.")
@as_json
def explain(text: str, direction: str, file: Path | None, tenant: str | None, masked: bool, as_json: bool) -> None:
    """Tell what is found in TEXT, where, by which rule, and which line of the policy decides; TEXT is - for standard
    input."""
    from streams.screening.build import build_screener
    from streams.screening.explain import explained

    content = click.get_text_stream("stdin", encoding="utf-8", errors="replace").read() if text == "-" else text
    verdict, reasons = explained(
        content, cast(Direction, direction), policy_of(file), tenant, build_screener(load_settings()), masked=masked
    )
    if as_json:
        said = [
            {**each.finding.model_dump(), "line": each.line, "why": each.sentence, "rule": each.rule}
            for each in reasons
        ]
        show_json({**_summary(verdict), "findings": said})
        return
    click.secho(f"{verdict.measure or verdict.action.value}, level {verdict.level}: {verdict.reason}", bold=True)
    for each in reasons:
        found = each.finding
        click.echo(f"\n{found.entity} ({found.category}) at {found.start}-{found.end}: {printable(each.marked)}")
        click.echo(f"  found by {found.detector} {found.version}".rstrip() + f", score {found.score:g}")
        if each.rule:
            click.echo(f"  rule {printable(each.rule)}")
        click.echo(f"  {each.sentence}")
    click.echo(f"\npolicy {verdict.policy}, rules {verdict.rules}")


def _summary(verdict: Verdict) -> dict[str, Any]:
    return {
        "action": verdict.measure or verdict.action.value,
        "level": verdict.level,
        "reason": verdict.reason,
        "policy": verdict.policy,
        "rules": verdict.rules,
    }

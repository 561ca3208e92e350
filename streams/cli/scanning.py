"""``headrace screening scan``."""

import sys
from io import BufferedIOBase
from pathlib import Path
from typing import cast

import click

from infra.policies import default_policy, load_policy
from schemas.policies import PolicyDocument
from streams.cli.options import load_settings

POLICY = click.option(
    "--policy",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A policy file; without it the policy that ships with Headrace.",
)
TENANT = click.option("--tenant", help="As the policy stands for this tenant.")


@click.command(epilog="Example: headrace screening scan < texts.jsonl > verdicts.jsonl")
@POLICY
@TENANT
def scan(file: Path | None, tenant: str | None) -> None:
    """Screen texts: a JSON object a line on standard input, and for each a line on standard output, in order.

    A line is {"id", "text", "direction"?, "system"?}; direction is prompt (when it is not given), document, tool, ocr,
    speech or output. The answer is {"id", "action", "level", "findings"}; to a line that cannot be read it is
    {"id", "line", "error"}, and the command ends with 1.
    """
    from streams.screening.build import build_screener
    from streams.screening.scan import Scan

    scanner = Scan(policy_of(file), tenant, build_screener(load_settings()))
    out, sound = click.get_binary_stream("stdout"), True
    for answers in scanner.answers(cast(BufferedIOBase, click.get_binary_stream("stdin"))):
        out.writelines(each.line + b"\n" for each in answers)
        out.flush()
        sound = sound and all(each.sound for each in answers)
    if not sound:
        sys.exit(1)


def policy_of(file: Path | None) -> PolicyDocument:
    return load_policy(file) if file else default_policy()

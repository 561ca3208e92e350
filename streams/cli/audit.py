"""``headrace audit``."""

import sys
from collections.abc import Iterator

import click
import orjson

from streams.audit.cases import MAX_LINE, answered
from streams.cli.erasing import erase, hold, rewrap


@click.group(no_args_is_help=True)
def audit() -> None:
    """Check what the audit log proves."""


for command in (erase, hold, rewrap):
    audit.add_command(command)


@audit.command("check-proof", epilog="Example: headrace audit check-proof --json < cases.jsonl")
@click.option("--json", "as_json", is_flag=True, help="Answer each case with a line of JSON, and end with 0.")
def check_proof(as_json: bool) -> None:
    """Check proofs of RFC 6962 trees: one case a line on standard input.

    A case is {"type": "inclusion", "index", "size", "leaf_hash", "root", "proof"} or {"type": "consistency", "first",
    "second", "first_root", "second_root", "proof"}; hashes are base64. Without --json it ends with 1 when a proof does
    not hold.
    """
    held = True
    for number, line in enumerate(_lines(), start=1):
        outcome = answered(line)
        held = held and bool(outcome["valid"])
        text = orjson.dumps(outcome).decode() if as_json else f"{number}: {outcome['reason']}"
        click.echo(text)
    if not held and not as_json:
        sys.exit(1)


def _lines() -> Iterator[bytes]:
    """Lines of standard input, without empty ones; one that is too long comes in parts, none of which is a case."""
    while line := sys.stdin.buffer.readline(MAX_LINE + 2):
        if line.strip():
            yield line

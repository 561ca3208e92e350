"""``headrace audit``: each command with its module in this package and what it does."""

import sys
from collections.abc import Iterator

import click
import orjson

from streams.cli.lazy import Lazy

COMMANDS = {
    "tail": ("auditing", "Show audit records as they come."),
    "show": ("auditing", "Tell the story of one request."),
    "verify": ("verifying", "Check that the log is the one that was signed."),
    "complete": ("auditing", "Check that every request came to exactly one end."),
    "prove": ("verifying", "Prove that the records of a request are on the log."),
    "consistency": ("verifying", "Prove that the log begins with what it was before."),
    "check-proof": ("audit", "Check proofs, ours or others'."),
    "report": ("exporting", "Report what happened in some time."),
    "export": ("exporting", "Export to Parquet, OCSF, JSON lines, Elasticsearch or syslog."),
    "forward": ("exporting", "Send records to another system as they come."),
    "keys": ("heads", "Print the public keys that the log is checked with."),
    "rotate": ("heads", "Make a new key to sign heads with."),
    "begin": ("heads", "Begin a new log after its topic or keys were lost."),
    "witness": ("heads", "Cosign heads of other logs."),
    "erase": ("erasing", "Erase a person."),
    "hold": ("erasing", "Hold a person's data for the law."),
    "rewrap": ("erasing", "Wrap data keys under a new master key."),
}


@click.command(cls=Lazy, table=COMMANDS, no_args_is_help=True)
def audit() -> None:
    """Read the audit log, check what it proves, and take it elsewhere."""


@click.command("check-proof", epilog="Example: headrace audit check-proof --json < cases.jsonl")
@click.option("--json", "as_json", is_flag=True, help="Answer each case with a line of JSON, and end with 0.")
def check_proof(as_json: bool) -> None:
    """Check proofs of RFC 6962 trees: one case a line on standard input.

    A case is {"type": "inclusion", "index", "size", "leaf_hash", "root", "proof"} or {"type": "consistency", "first",
    "second", "first_root", "second_root", "proof"}; hashes are base64. Without --json it ends with 1 when a proof does
    not hold.
    """
    from streams.audit.cases import answered

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
    from streams.audit.cases import MAX_LINE

    while line := sys.stdin.buffer.readline(MAX_LINE + 2):
        if line.strip():
            yield line

"""``headrace policy``: each command with its module in this package and what it does."""

import click

from streams.cli.lazy import Lazy

COMMANDS = {
    "show": ("policies", "Print the live policy as YAML."),
    "check": ("policies", "Check a policy file, and tell what it would change."),
    "apply": ("policies", "Check a policy file and make it live."),
    "propose": ("approving", "Propose a policy that loosens, with the first signature."),
    "approve": ("approving", "Approve a proposed policy with the second signature."),
    "signer": ("approving", "Make the key of an approver."),
}


@click.command(cls=Lazy, table=COMMANDS, no_args_is_help=True)
def policy() -> None:
    """The policy document: what screening does with what it finds, and which model answers."""

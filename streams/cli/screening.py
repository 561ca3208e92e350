"""``headrace screening``: each command with its module in this package and what it does."""

import click

from streams.cli.lazy import Lazy

COMMANDS = {
    "scan": ("scanning", "Screen texts, one a line."),
    "explain": ("explaining", "Tell why a text is treated as it is."),
    "eval": ("evaluating", "Measure screening on labelled texts."),
    "backscan": ("rescreening", "Screen history again under a policy."),
    "reviews": ("reviewing", "List what waits until a person has looked."),
    "review": ("reviewing", "Show what was held back."),
    "release": ("reviewing", "Let through what is held."),
    "refuse": ("reviewing", "Leave a held text blocked."),
    "serve": ("judging", "Screen texts of other systems, by HTTP and Kafka."),
    "train": ("learning", "Train a learned detector on labelled texts."),
}


@click.command(cls=Lazy, table=COMMANDS, no_args_is_help=True)
def screening() -> None:
    """What is found in texts, and what the policy says of it."""

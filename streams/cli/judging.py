"""``headrace screening serve``."""

import click

from streams.cli.options import load_settings
from streams.cli.processes import serve as run_until_stopped


@click.command(epilog="Example: HEADRACE_SCREENING__PORT=8091 headrace screening serve")
def serve() -> None:
    """Screen texts of other systems under the live policy: POST /v1/screen with an API key, and Kafka from
    headrace.screening.requests to headrace.screening.verdicts.

    Any number of these may run: Kafka spreads the partitions over them.
    """
    from streams.verdicts.process import run

    run_until_stopped(run(load_settings()))

"""What the commands have in common: settings, options, and how values look on a terminal."""

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import click
from pydantic import ValidationError

from infra.reader import Since, parse_since
from infra.settings import Settings
from schemas.errors import InvalidField
from schemas.policies import lines

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def load_settings() -> Settings:
    """The settings of this process; problems are told all at once.

    Raises:
        click.UsageError: they are not sound.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise click.UsageError("the settings have problems:\n" + "\n".join(f"- {x}" for x in lines(error))) from error
    except ValueError as error:  # YAML that cannot be read, JSON in a variable that is none
        raise click.UsageError(f"the settings cannot be read: {error}") from error


class Age(click.ParamType):
    """``90s``, ``15m``, ``2h``, ``7d``, ``earliest`` or ``latest``."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Since:
        if isinstance(value, timedelta):
            return value
        try:
            return parse_since(str(value))
        except InvalidField as error:
            self.fail(error.message.removeprefix("since: "), param, ctx)


def show_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """A plain table whose lines are never cut or wrapped, or the sentence when there are no rows."""
    from rich.cells import cell_len

    lines = [[printable("" if cell is None else str(cell)) for cell in row] for row in rows]
    if not lines:
        click.echo(empty)
        return
    widths = [max(map(cell_len, column)) for column in zip(columns, *lines, strict=True)]
    for number, line in enumerate([list(columns), *lines]):
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
        click.secho("  ".join(padded).rstrip(), bold=True if number == 0 else None)


def printable(text: str) -> str:
    """Text that cannot move a terminal's cursor or pass for another line."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)

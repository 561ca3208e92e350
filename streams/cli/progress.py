"""Progress of downloads, on a terminal only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

CONSOLE = Console(stderr=True)


@contextmanager
def fetching(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Shows how many files of ``what`` are there; nothing is shown when all of them are there at once."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f} of {task.total:.0f}"))
    with Progress(*columns, console=CONSOLE, transient=True, disable=not CONSOLE.is_terminal) as progress:
        task = progress.add_task(f"{what}: files", total=None, visible=False)

        def report(done: int, total: int, name: str) -> None:
            progress.update(task, completed=done, total=total, visible=True)

        yield report


@contextmanager
def downloading(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """Shows how many bytes of ``what`` are there."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=CONSOLE, transient=True, disable=not CONSOLE.is_terminal) as progress:
        task = progress.add_task(what, total=None, visible=False)

        def report(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total, visible=True)

        yield report

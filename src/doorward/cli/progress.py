"""Bars and reports of long work, apart from what every command loads."""

from pathlib import Path
from typing import TextIO

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from doorward.cli.output import progress_console
from doorward.errors import WrongUse


def counting_progress() -> Progress:
    """A bar with how many are done, of how many, and how long the rest will take."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=progress_console(), transient=True)


def file_progress() -> Progress:
    """A bar over a file's bytes, with ``rows`` and their ``rate`` a second as fields."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,}, {task.fields[rate]:.0f} a second"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=progress_console(), transient=True)


def size_of(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def writable(path: Path) -> TextIO:
    """A file for a report, opened before the work, so that it is not done in vain."""
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise WrongUse(f"{path} cannot be written ({error.strerror}); name another file.") from None

"""Bars of long work, apart from what every command loads."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from doorward.cli.output import progress_console


def counting_progress() -> Progress:
    """A bar with how many are done, of how many, and how long the rest will take."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=progress_console(), transient=True)

"""What a command prints: tables for people on a terminal, one JSON object for machines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from doorward.errors import DoorwardError, WrongUse

json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on standard output and nothing else there."
)


def progress_console() -> Console:
    """Progress and remarks go to standard error, so that standard output stays clean."""
    return Console(stderr=True)


def console() -> Console:
    return Console()


def print_json(value: object) -> None:
    """One JSON object and nothing else; what was not measured is ``null``."""
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))


def write_result(path: Path, octets: bytes) -> None:
    """A file that was asked for; ``WrongUse`` when it cannot be written."""
    try:
        path.write_bytes(octets)
    except OSError as error:
        raise WrongUse(f"{path} cannot be written ({error.strerror}); name another file.") from None


def print_error(error: DoorwardError, as_json: bool) -> int:
    """Say ``error`` in its one sentence and return its exit status."""
    if as_json:
        print_json({"error": {"code": error.code, "message": error.message}})
    else:
        click.echo(f"Error ({error.code}): {error.message}", err=True)
    return error.exit_status

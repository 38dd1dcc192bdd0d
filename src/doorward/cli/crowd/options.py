"""What several commands of the crowd side take and check."""

import re
from datetime import UTC, datetime
from pathlib import Path

import click

from doorward.errors import WrongUse

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

site_option = click.option(
    "--site",
    type=click.Path(path_type=Path),
    help="The site's folder; otherwise DOORWARD_SITE, or the folder you are in.",
)
scene_option = click.option(
    "--scene", "scene_file", required=True, type=click.Path(path_type=Path), help="The scene's TOML file."
)


def checked_name(name: str) -> str:
    """The name of a camera; ``WrongUse`` says what it may be made of."""
    if not NAME.fullmatch(name):
        raise WrongUse("A camera's name has to be of letters, digits, '.', '-' and '_', at most 64 of them.")
    return name


def time_of(text: str | None, option: str) -> datetime | None:
    """A time that a person wrote, in UTC; without an offset it is taken as UTC."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{option} is not a time; write it as 2026-05-01T08:00Z.") from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)

"""Parameters that several commands share."""

from datetime import datetime
from pathlib import Path

import click

from doorward.errors import WrongUse
from doorward.kernel.ids import PersonId, parse_person_id
from doorward.kernel.moments import parse_moment


class PersonParameter(click.ParamType[PersonId]):
    """A person id, checked."""

    name = "id"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> PersonId:
        return parse_person_id(value)


PERSON = PersonParameter()
DAY = click.DateTime(["%Y-%m-%d"])


class MomentParameter(click.ParamType[datetime]):
    """A day or a moment."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        return parse_moment(str(value))


MOMENT = MomentParameter()
MOMENT_HELP = "YYYY-MM-DD for midnight in UTC, or YYYY-MM-DDTHH:MM+HH:MM"


class SizesParameter(click.ParamType[tuple[int, ...]]):
    """Numbers of people with commas between them; nothing is none."""

    name = "sizes"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        parts = [part.strip() for part in str(value).split(",") if part.strip()]
        if not all(part.isdecimal() and int(part) > 0 for part in parts):
            raise WrongUse("Sizes are numbers of people with commas between them, such as 100,300.")
        return tuple(int(part) for part in parts)


SIZES = SizesParameter()


class SourceParameter(click.ParamType[str]):
    """A video source; ``@FILE`` reads it from a file, so that a camera's password stands in no list of processes."""

    name = "source"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return first_line(Path(value[1:])) if value.startswith("@") else value


SOURCE = SourceParameter()
SOURCE_HELP = (
    "A video file, a folder of pictures, camera:0, rtsp://…, rtsp+udp://… or http://…; @FILE reads an address from a "
    "file."
)
hardware_decoding_option = click.option(
    "--hardware-decoding",
    type=click.Choice(["auto", "off"]),
    default="auto",
    show_default=True,
    help="auto decodes a network stream in hardware where this machine can, and says when it cannot; off does not try.",
)


def first_line(place: Path) -> str:
    """The first line of a file that holds one secret; ``WrongUse`` when there is none."""
    try:
        lines = place.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise WrongUse(f"The file {place} cannot be read; check its name and rights.") from None
    if not lines or not lines[0]:
        raise WrongUse(f"The file {place} is empty; its first line is what is needed.")
    return lines[0]

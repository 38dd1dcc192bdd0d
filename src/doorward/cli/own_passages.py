"""`doorward people own-passages`: what a person reads of themselves before a camera."""

from pathlib import Path

import click

from doorward.cli.hold import hold_json, passages_json
from doorward.cli.opening import with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.parameters import PERSON, SOURCE, SOURCE_HELP
from doorward.cli.people_output import look_json
from doorward.cli.pins import PIN_FILE, entered_pin
from doorward.errors import WrongUse
from doorward.kernel.ids import CheckpointId, PersonId
from doorward.verify.claim import Shown, shown_number
from doorward.wiring.face.credentials import credential_from_text
from doorward.wiring.face.own_reading import OwnAnswer, OwnReading, read_own_before_camera
from doorward.wiring.face.site import Site

REFUSED = 3
"""Exit status when the answer is no."""

_MOMENT = "%Y-%m-%d %H:%M:%S UTC"


@click.command(name="own-passages")
@click.option("--source", type=SOURCE, required=True, help=f"The camera that the person stands before. {SOURCE_HELP}")
@click.option("--person", type=PERSON, help="Their id.")
@click.option("--badge", help="Their badge number, instead.")
@click.option("--document-number", help="Their document number, instead.")
@click.option("--credential", metavar="TEXT", help="The text of the code that they carry, instead.")
@click.option("--pin", "asks_pin", is_flag=True, help="They have a PIN; it is asked for without showing it.")
@click.option("--pin-file", type=PIN_FILE, help="Or a file whose first line is the PIN, - for standard input.")
@click.option(
    "--unsafe-recorded-source",
    "unsafe_recorded",
    is_flag=True,
    help="Take a recording as if it were live. For trials: it proves nobody's presence.",
)
@json_option
@with_site
def own_passages(
    site: Site,
    source: str,
    person: PersonId | None,
    badge: str | None,
    document_number: str | None,
    credential: str | None,
    asks_pin: bool,
    pin_file: Path | None,
    unsafe_recorded: bool,
    as_json: bool,
) -> int:
    """Show a person their own passages and who looked at what is theirs, once their face is verified.

    For a terminal of theirs. Who has a PIN or carries a credential has to give it too. Exit status 3: refused.

    \b
    Example:
      doorward people own-passages --source camera:0 --badge 4711
      doorward people own-passages --source camera:0 --badge 4711 --pin
    """
    if sum(one is not None for one in (person, badge, document_number, credential)) != 1:
        raise WrongUse("Say who you are, once: --person, --badge, --document-number or --credential.")
    number = shown_number(badge, document_number)
    shown = Shown(person, number, None if credential is None else credential_from_text(credential))
    pin = entered_pin(pin_file) if asks_pin or pin_file is not None else None
    answer = read_own_before_camera(
        site, "the site's terminal", shown, source, pin, unsafe_recorded=unsafe_recorded, tell=_tell
    )
    if as_json:
        print_json(_answer_json(site, answer))
    else:
        _show(site, answer)
    return 0 if answer.reading is not None else REFUSED


def _answer_json(site: Site, answer: OwnAnswer) -> dict[str, object]:
    doors = site.doorkeeper.names()
    reading = answer.reading
    return {
        **answer.decision.to_json(),
        "passages": passages_json(reading.passages, doors) if reading else None,
        "holds": [{**hold_json(one), "passages": passages_json(kept, doors)} for one, kept in reading.holds]
        if reading
        else None,
        "looks": [look_json(one) for one in reading.looks] if reading else None,
    }


def _show(site: Site, answer: OwnAnswer) -> None:
    if answer.reading is None:
        click.echo(f"Refused: {answer.decision.sentence}")
        click.echo("Who has a PIN enters it too (--pin), and who carries a credential shows that.")
        return
    _show_reading(answer.reading, site.doorkeeper.names())


def _show_reading(reading: OwnReading, doors: dict[CheckpointId, str]) -> None:
    click.echo(f"{len(reading.passages)} passages of yours are kept:")
    for passage in reading.passages:
        click.echo(f"  {passage.at:{_MOMENT}}  {doors.get(passage.checkpoint, 'a checkpoint that is no more')}")
    for hold, kept in reading.holds:
        told = f"{len(kept)} held until" if hold.is_approved else "a hold is asked for, until"
        click.echo(f"Legal hold: {told} {hold.until:{_MOMENT}}, because: {hold.reason}")
        for passage in kept:
            click.echo(f"  {passage.at:{_MOMENT}}  {doors.get(passage.checkpoint, 'a checkpoint that is no more')}")
    click.echo(f"{len(reading.looks)} entries in the log are about you:")
    for look in reading.looks:
        click.echo(f"  {look.at:{_MOMENT}}  {look.actor.name}: {look.action} ({look.actor.purpose})")


def _tell(hint: str) -> None:
    click.echo(hint, err=True)

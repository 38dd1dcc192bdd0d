"""`doorward document`: identity documents with a machine-readable zone. Nothing of them is kept."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from doorward.cli.models import MODEL_FOLDER, site_option
from doorward.cli.output import console, json_option, print_json
from doorward.documents.reading import DocumentReading
from doorward.settings.environment import site_folder
from doorward.settings.site import FILE_NAME, read_site_settings

if TYPE_CHECKING:
    from doorward.wiring.face.attack_guard import Methods
    from doorward.wiring.face.site import Site

NO = 3
"""Exit status when the answer is no."""


@click.group()
def document() -> None:
    """Read identity documents, without keeping anything of them.

    Example: doorward document read passport.jpg
    """


@document.command("read")
@click.argument("scan", type=click.Path(path_type=Path))
@site_option
@json_option
def read_command(scan: Path, site: Path | None, as_json: bool) -> int:
    """Read the machine-readable zone on SCAN, a photo or scan of one page. Exit status 3: no zone is confirmed.

    Confirmed means that every check digit holds. That proves the reading, not the document; docs/documents.md says
    what is proved and what is not. Sex and nationality are never told.

    \b
    Example:
      doorward document read passport.jpg --json
    """
    from doorward.adapters.system import SystemClock  # with the others: loads the runtimes
    from doorward.wiring.face.documents import decoded, load_document_models, read_page
    from doorward.wiring.face.models import load_face_models

    folder = site if site is not None else site_folder()
    at_site = site is not None or (folder / FILE_NAME).is_file()
    places = (folder / MODEL_FOLDER, read_site_settings(folder).models) if at_site else (None, {})
    page = decoded(scan)
    reading = read_page(page, load_document_models(*places), load_face_models(*places), SystemClock().now().date())
    if as_json:
        print_json(reading.to_json())
    else:
        _print(reading)
    return 0 if reading.zone is not None else NO


def answer_document(
    site: "Site", photo: Path, scan: Path, fmr: float, checks: "Methods", *, show_score: bool, as_json: bool
) -> int:
    """Decide on ``photo`` by the document on ``scan``, tell the decision, and return the exit status."""
    from doorward.wiring.face.document_verification import verify_document  # loads the runtimes

    decision = verify_document(site, photo, scan, fmr, attack_checks=checks)
    if as_json:
        print_json(decision.to_json(show_score))
        return 0 if decision.is_accepted else NO
    rate = f" (one false match in {1 / decision.threshold.fmr:,.0f})" if decision.threshold else ""
    click.echo(f"{decision.outcome.value.capitalize()}: {decision.sentence}{rate}")
    click.echo(decision.pad.sentence)
    if show_score and decision.score is not None and decision.threshold:
        click.echo(f"Score: {decision.score:.4f}, threshold {decision.threshold.value:.4f}")
    return 0 if decision.is_accepted else NO


def _print(reading: DocumentReading) -> None:
    if reading.zone is None:
        failed = [name.replace("_", " ") for name, holds in reading.check_digits.items() if not holds]
        detail = f" Not holding: {', '.join(failed)}." if failed else ""
        click.echo(f"Not confirmed: {reading.reason.sentence if reading.reason else ''}{detail}")
        return
    zone = reading.zone
    name = f"{zone.name.secondary} {zone.name.primary}".strip()
    told = console()
    told.print(f"Confirmed: {zone.format.value} of {zone.issuing_state}", highlight=False)
    told.print(f"Number      {zone.number}", highlight=False)
    told.print(f"Name        {name} ({_how_sure(reading)})", highlight=False)
    told.print(f"Born        {zone.birth_date or 'left open'}", highlight=False)
    told.print(f"Valid until {zone.expiry_date}{' (expired)' if reading.is_expired else ''}", highlight=False)
    told.print(f"Portrait    {'found' if reading.has_portrait else 'none that can be compared'}", highlight=False)
    if zone.repaired:
        told.print("One sign was mended: a letter where only a digit can stand.", highlight=False)


def _how_sure(reading: DocumentReading) -> str:
    return "printed likewise" if reading.name_confirmed else "not confirmed by what is printed"

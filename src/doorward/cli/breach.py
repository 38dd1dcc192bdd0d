"""The breach test on the command line."""

from pathlib import Path

import click
from rich.progress import Progress

from doorward.cli.opening import open_named_site, passphrase_option
from doorward.cli.output import json_option, print_json, progress_console
from doorward.wiring.face.breach import BreachOutcome, known_needles, run_breach_test

FOUND = 3
"""Exit status when a canary was found."""


@click.command(name="breach-test")
@click.argument("site", type=click.Path(path_type=Path))
@click.option("--text", "texts", multiple=True, help="Something else you know of a person: search for it as well.")
@click.option(
    "--photo",
    "photos",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A person's photo: search for its bytes and for the template made from it.",
)
@passphrase_option
@json_option
def breach_test(
    site: Path, texts: tuple[str, ...], photos: tuple[Path, ...], passphrase_file: Path | None, as_json: bool
) -> int:
    """Steal SITE: plant made-up people, search every byte of every file for them, erase them again.

    Exit status 0: nothing was found, 3: something was.

    \b
    Example:
      doorward breach-test my-site
      doorward breach-test my-site --text "Ada Lovelace" --photo ada.jpg
    """
    with open_named_site(site, passphrase_file) as opened, Progress(console=progress_console(), transient=True) as bar:
        task = bar.add_task("Searching every byte")
        outcome = run_breach_test(
            opened,
            known_needles(opened, texts, photos),
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(outcome_json(outcome))
    else:
        _tell(outcome)
    return FOUND if outcome.found else 0


def outcome_json(outcome: BreachOutcome) -> dict[str, object]:
    return {
        "files": outcome.files,
        "bytes": outcome.bytes,
        "values": outcome.values,
        "encodings": outcome.encodings,
        "found": [
            {"value": one.value, "encoding": one.encoding, "file": one.file, "offset": one.offset}
            for one in outcome.found
        ],
    }


def _tell(outcome: BreachOutcome) -> None:
    click.echo(
        f"Searched {outcome.values} values of made-up people, each in {outcome.encodings} encodings, "
        f"in {outcome.bytes:,} bytes of {outcome.files} files."
    )
    if not outcome.found:
        click.echo("Found none. Whoever takes these files without the key learns about nobody.")
    for one in outcome.found:
        click.echo(f"Found the {one.value} ({one.encoding}) in {one.file} at byte {one.offset}.")

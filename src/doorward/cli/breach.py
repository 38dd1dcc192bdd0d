"""The breach test on the command line."""

import sys
from functools import cache
from pathlib import Path

import click
from rich.progress import Progress

from doorward.cli.breach_page import breach_page
from doorward.cli.breach_report import outcome_json, tell
from doorward.cli.opening import ask_passphrase, passphrase_option
from doorward.cli.output import json_option, print_json, progress_console, write_result
from doorward.wiring.face.breach import known_needles, run_breach_test
from doorward.wiring.face.site import open_site

FOUND = 3
"""Exit status when something was found, or two sites can be told apart."""

SERVER = (sys.executable, "-m", "doorward.cli.unfiltered", "serve")


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
@click.option(
    "--also",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file or folder that a thief could have too: a backup, a log.",
)
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a page about it to this file.")
@passphrase_option
@json_option
def breach_test(
    site: Path,
    texts: tuple[str, ...],
    photos: tuple[Path, ...],
    also: tuple[Path, ...],
    report: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> int:
    """Steal SITE: plant made-up people, search all that a thief could have for them, erase them again.

    Searched are the site's files while it is in use, what --also names, the log and the files of a throwaway site
    whose server is walked with made-up people and then killed, core dumps, swap, and the command lines and
    environment of Doorward's processes. Two throwaway sites with other people in them are compared, column by column.

    Exit status 0: nothing was found, 3: something was.

    \b
    Example:
      doorward breach-test my-site
      doorward breach-test my-site --text "Ada Lovelace" --photo ada.jpg
      doorward breach-test my-site --also backups --report breach.html
    """
    passphrase: str | None = None

    @cache
    def ask() -> str:
        nonlocal passphrase
        passphrase = ask_passphrase(passphrase_file)
        return passphrase

    with open_site(site, ask) as opened, Progress(console=progress_console(), transient=True) as bar:
        task = bar.add_task("Searching every byte", total=None)
        outcome = run_breach_test(
            opened,
            SERVER,
            further=known_needles(opened, texts, photos),
            also=also,
            passphrase=passphrase,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if report is not None:
        write_result(report, breach_page(outcome, site.name).encode())
    if as_json:
        print_json(outcome_json(outcome))
    else:
        tell(outcome, report)
    return 0 if outcome.held else FOUND

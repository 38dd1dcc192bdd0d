"""``doorward demo``: what Doorward is for, in under a minute, on a site that is thrown away."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from doorward.cli.output import json_option, print_json, progress_console
from doorward.demo.claims import Claim
from doorward.demo.crowd_story import tell_crowd_story
from doorward.demo.door_story import tell_door_story, tell_erasure_story
from doorward.demo.house import SCOPES, House, throw_away_house
from doorward.demo.portraits import Portrait, eileen_collins, grace_hopper

CLAIMS = 15
"""For the progress bar; with a camera there are fewer."""

FAILED = 3
FONT_FACE = re.compile(r"@font-face \{\{.*?\}\}", re.DOTALL)
"""What would make a picture fetch its letters from somebody else's server."""


@click.command()
@click.option("--camera", help="Use your own face: the number of a camera, or an rtsp:// address.")
@click.option("--picture", type=click.Path(path_type=Path), help="Save what is printed as an SVG picture.")
@json_option
def demo(camera: str | None, picture: Path | None, as_json: bool) -> int:
    """Show what Doorward is for: offline, in under a minute, on a site that is thrown away afterwards.

    Exit status 0: every claim held, 3: one failed.

    \b
    Example:
      doorward demo
      doorward demo --camera 0
    """
    began = time.monotonic()
    source = f"camera:{camera}" if camera and camera.isdigit() else camera
    claims: list[Claim] = []
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=progress_console(), transient=True
    )
    with bar:
        task = bar.add_task("Making a throw-away site", total=CLAIMS)
        for claim in _tell(source, bar.console.print):
            claims.append(claim)
            bar.update(task, advance=1, description=claim.claim)
    seconds = time.monotonic() - began
    held = all(claim.ok for claim in claims)
    if as_json:
        print_json({"ok": held, "claims": [claim.to_json() for claim in claims], "seconds": round(seconds, 1)})
    else:
        _print(claims, seconds, picture)
    return 0 if held else FAILED


def _tell(camera: str | None, say: Callable[[str], None]) -> Iterator[Claim]:
    enrolled, stranger = grace_hopper(), eileen_collins()
    with throw_away_house() as house, ThreadPoolExecutor(1) as beside:
        crowd = beside.submit(tell_crowd_story, house)
        scopes = [part for scope in SCOPES for part in ("--scope", scope)]
        token = house.do("token", "create", "--name", "demonstration", *scopes)["token"]
        with house.server(str(token)) as client:
            yield from tell_door_story(house, client, enrolled, stranger, camera, say)
            person = client.get("/v1/people").json()["people"][0]["id"]
            yield from crowd.result()
            yield _theft(house, enrolled, stranger)
            if not camera:
                yield from tell_erasure_story(client, enrolled, person)


def _theft(house: House, enrolled: Portrait, stranger: Portrait) -> Claim:
    """Everything but the key is taken and searched, for made-up people and for the two real ones."""
    texts = (enrolled.name, enrolled.full_name, enrolled.document_number, enrolled.employer, enrolled.badge)
    known: list[str | Path] = [part for text in (*texts, stranger.name) for part in ("--text", text)]
    known += [part for portrait in (enrolled, stranger) for part in ("--photo", portrait.path)]
    _, outcome = house.run("breach-test", house.site, *known)
    return Claim(
        "The site's files are stolen, and tell nobody's name, face or movements",
        not _found(outcome),
        (
            f"{outcome.get('values')} values searched in {outcome.get('encodings')} encodings in "
            f"{outcome.get('bytes', 0):,} bytes of {outcome.get('files')} files: {len(_found(outcome))} found"
        ),
    )


def _found(outcome: dict[str, Any]) -> list[Any]:
    found = outcome.get("found", ["no answer"])
    return found if isinstance(found, list) else [found]


def _print(claims: list[Claim], seconds: float, picture: Path | None) -> None:
    paper = Console(record=picture is not None, width=118 if picture else None, highlight=False)
    table = Table(
        title="Doorward, shown on two portraits, a made clip and a simulated crowd",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    table.add_column("")
    table.add_column("Claim", max_width=52)
    table.add_column("What was seen", max_width=58)
    for claim in claims:
        table.add_row("[green]held[/]" if claim.ok else "[red]FAILED[/]", claim.claim, claim.detail)
    paper.print(table)
    failed = sum(not claim.ok for claim in claims)
    paper.print(
        f"{len(claims) - failed} of {len(claims)} claims held, in {seconds:.0f} s. The door clip was made from the "
        "portraits and the crowd simulated: this shows the parts at work, and no error rates."
    )
    paper.print('Next: [bold]doorward init my-site[/], then [bold]doorward people add "Your Name" --site my-site[/]')
    paper.print("With your own face: [bold]doorward demo --camera 0[/]")
    if picture is not None:
        without_remote_fonts = FONT_FACE.sub("", CONSOLE_SVG_FORMAT)
        paper.save_svg(str(picture), title="doorward demo", code_format=without_remote_fonts)

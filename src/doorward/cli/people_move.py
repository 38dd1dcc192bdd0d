"""`doorward people move` and `moved`: two signatories send people to another site, and its receipt erases them here."""

from pathlib import Path

import click

from doorward.cli.opening import with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.parameters import PERSON
from doorward.cli.people_move_output import move_json, moved_json, tell_move, tell_moved, tell_written, written_json
from doorward.cli.progress import counting_progress
from doorward.cli.signatory import signatories_of
from doorward.cli.signatures import secret_file_option, secret_of
from doorward.cli.site_card import asked_fingerprint
from doorward.errors import WrongUse
from doorward.kernel.ids import MoveId, PersonId
from doorward.wiring.face.moved import answer_move
from doorward.wiring.face.moves import Moves
from doorward.wiring.face.moving_out import write_move
from doorward.wiring.face.site import Site
from doorward.wiring.face.site_cards import KnownSites, read_card

_SOME_STAYED = 3
FILE = click.Path(path_type=Path, dir_okay=False)
fingerprint_option = click.option(
    "--fingerprint", help="What the other site told you by telephone or on paper; asked for if not given."
)
by_option = click.option("--by", required=True, help="The signatory who signs, with their secret.")


@click.group()
def move() -> None:
    """Move people to another site: one signatory asks, another approves, and a file is written for that site alone.

    \b
    Example:
      doorward people move list
    """


@move.command()
@click.argument("people", nargs=-1, type=PERSON, metavar="PERSON...")
@click.option("--all", "everybody", is_flag=True, help="Everybody who is known here.")
@click.option("--to", "card", type=FILE, required=True, help="The other site's card.")
@click.option("--purpose", required=True, help="Why they are moved; they can see it.")
@click.option("--legal-basis", required=True, help="By which right, such as a consent, or the same controller.")
@fingerprint_option
@by_option
@secret_file_option
@json_option
@with_site
def ask(
    site: Site,
    people: tuple[PersonId, ...],
    everybody: bool,
    card: Path,
    purpose: str,
    legal_basis: str,
    fingerprint: str | None,
    by: str,
    secret_files: tuple[tuple[str, Path], ...],
    as_json: bool,
) -> None:
    """Ask, as a signatory, for people to be moved. Nothing is written until another one approves, within 7 days.

    \b
    Example:
      doorward people move ask ID ID --to new.card --purpose "new building" --legal-basis "consent 4" --by "Ada"
    """
    if bool(people) == everybody:
        raise WrongUse("Name the people to be moved by their ids, or --all.")
    other = read_card(card)
    typed = asked_fingerprint(other.name, fingerprint)
    signed_by = signatories_of(site).authenticated(site.actor, by, secret_of(by, secret_files))
    other = KnownSites(site).to_seal_for(site.actor, other, typed)
    wanted = site.stores.people.ids() if everybody else people
    asked = Moves(site).ask(site.actor, wanted, other, purpose, legal_basis, signed_by)
    if as_json:
        print_json(move_json(asked))
        return
    click.echo(f"Asked for: {asked.people:,} people to “{asked.to.name}”. Nothing is written yet.")
    click.echo(f"Next, by another signatory before {asked.ends_at:%Y-%m-%d}: doorward people move approve {asked.id}")


@move.command()
@click.argument("move_id", metavar="MOVE", type=click.UUID)
@fingerprint_option
@by_option
@secret_file_option
@json_option
@with_site
def approve(
    site: Site,
    move_id: object,
    fingerprint: str | None,
    by: str,
    secret_files: tuple[tuple[str, Path], ...],
    as_json: bool,
) -> None:
    """Approve a move, as another signatory than the one who asked, having compared the fingerprint as well.

    \b
    Example:
      doorward people move approve MOVE --by "Grace Hopper"
    """
    moves = Moves(site)
    asked = moves.get(MoveId(str(move_id)))
    if not as_json:
        tell_move(asked)
    typed = asked_fingerprint(asked.to.name, fingerprint)
    signed_by = signatories_of(site).authenticated(site.actor, by, secret_of(by, secret_files))
    agreed = moves.approve(asked.id, typed, signed_by)
    if as_json:
        print_json(move_json(agreed))
    else:
        click.echo(f"Approved. Next: doorward people move write {agreed.id} people.moving")


@move.command()
@click.argument("move_id", metavar="MOVE", type=click.UUID)
@click.argument("file", type=FILE)
@json_option
@click.pass_context
@with_site
def write(site: Site, context: click.Context, move_id: object, file: Path, as_json: bool) -> None:
    """Write the file of a move that two signatories agreed to. Nobody but the other site opens it; nobody is erased.

    Run it again after a crash or with a disk that was full: it goes on where it was. Exit status 3 when somebody stays,
    because no consent of theirs is in force.

    \b
    Example:
      doorward people move write MOVE people.moving
    """
    with counting_progress() as bar:
        task = bar.add_task("people", total=None)
        report = write_move(
            site,
            site.actor,
            MoveId(str(move_id)),
            file,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(written_json(report))
    else:
        tell_written(report)
    if report.kept:
        context.exit(_SOME_STAYED)


@move.command(name="list")
@json_option
@with_site
def list_moves(site: Site, as_json: bool) -> None:
    """List the moves of people to other sites, the newest first.

    \b
    Example:
      doorward people move list
    """
    moves = Moves(site).all()
    if as_json:
        print_json({"moves": [move_json(one) for one in moves]})
        return
    for one in moves:
        tell_move(one)
    if not moves:
        click.echo("Nobody was moved, and nobody asked to.")


@move.command()
@click.argument("move_id", metavar="MOVE", type=click.UUID)
@json_option
@with_site
def cancel(site: Site, move_id: object, as_json: bool) -> None:
    """End a move, and erase nobody. If its file was written, destroy that, and have the other site import it never.

    \b
    Example:
      doorward people move cancel MOVE
    """
    ended = Moves(site).cancel(site.actor, MoveId(str(move_id)))
    if as_json:
        print_json(move_json(ended))
        return
    click.echo("Cancelled; everybody stays.")
    if ended.file and ended.written_at:
        click.echo(f"Destroy the file {ended.file} and its copies: who was in it can still be taken in from it.")


@click.command()
@click.argument("receipt", type=FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
@with_site
def moved(site: Site, context: click.Context, receipt: Path, yes: bool, as_json: bool) -> None:
    """Erase here whom another site took in, according to its signed RECEIPT, and nobody else.

    Cut short, it goes on when it is run again with the same receipt. Exit status 3: something may be left of a key.

    \b
    Example:
      doorward people moved people.moving.receipt
    """
    if not yes and not as_json:
        click.confirm("Erase for good whom the other site took?", abort=True)
    with counting_progress() as bar:
        task = bar.add_task("people", total=None)
        report = answer_move(
            site, site.actor, receipt, lambda done, total: bar.update(task, completed=done, total=total)
        )
    if as_json:
        print_json(moved_json(report))
    else:
        tell_moved(report)
    if report.remnants:
        context.exit(_SOME_STAYED)

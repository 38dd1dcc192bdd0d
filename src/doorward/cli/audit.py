"""`doorward audit`: the log of who looked at whom, shown, checked, signed and proved."""

from pathlib import Path

import click
from rich.table import Table

from doorward.cli.audit_output import entry_json, proof_json, report_json
from doorward.cli.opening import purpose_option, with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import PERSON
from doorward.errors import AuditInvalid, NotFound, WrongUse
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.wiring.face.auditing import WitnessKind, WitnessSetting
from doorward.wiring.face.site import Site


@click.group()
def audit() -> None:
    """Read, check and prove the log of who looked at whom.

    \b
    Example:
      doorward audit verify
    """


@audit.command()
@click.option("--person", type=PERSON, help="Only what concerns this person.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="The newest so many.")
@click.option("--rows", is_flag=True, help="With the entries that say which rows changed; they are nobody's acts.")
@purpose_option
@json_option
@with_site
def show(site: Site, person: PersonId | None, limit: int, rows: bool, purpose: str, as_json: bool) -> None:
    """Show the newest entries: who, when, what and why. This look is recorded too.

    Whom an entry is about is told only where you ask for that person.

    \b
    Example:
      doorward audit show --limit 20 --purpose "monthly review"
    """
    entries = site.stores.auditing.show(Actor(site.actor.name, purpose), limit, person, rows=rows)
    if as_json:
        print_json({"entries": [entry_json(logged) for logged in entries]})
        return
    table = Table("No", "When", "Who", "What", "Why", "About", box=None, pad_edge=False)
    for logged in entries:
        entry = logged.entry
        about = entry.about or ("somebody" if logged.concerns_somebody else "nobody")
        when = f"{entry.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(logged.number), when, entry.actor.name, entry.action, entry.actor.purpose, about)
    console().print(table)


@audit.command()
@click.option(
    "--witness",
    "kept_in",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder with the checkpoints that a witness kept; the site's own witness folder if not given.",
)
@json_option
@with_site
def verify(site: Site, kept_in: Path | None, as_json: bool) -> int:
    """Check the whole log: every entry, the tree, and every checkpoint, stored and witnessed.

    Exit status 3 when it does not hold: truncated, altered, reordered, or signed by somebody else.

    \b
    Example:
      doorward audit verify --witness witness-folder
    """
    report = site.stores.auditing.verify(kept_in)
    if as_json:
        print_json(report_json(report))
    else:
        click.echo(f"{report.entries} entries, {report.checkpoints} checkpoints checked.")
        for problem in report.problems:
            click.echo(problem)
        click.echo("The log holds." if report.ok else "The log does not hold.")
    return 0 if report.ok else AuditInvalid.exit_status


@audit.command()
@json_option
@with_site
def checkpoint(site: Site, as_json: bool) -> None:
    """Sign the log as it stands, and hand the checkpoint to the witness, if one is set.

    It happens every 256 entries and whenever a site is closed; while a server runs, let cron do it.

    \b
    Example:
      doorward audit checkpoint
    """
    auditing = site.stores.auditing
    note = auditing.checkpoint()
    if note is None:
        raise NotFound("Nothing was recorded yet, so there is nothing to sign.")
    if as_json:
        witnessed = auditing.witness() is not None
        print_json({"checkpoint": note, "key": auditing.key, "key_since": auditing.key_since, "witnessed": witnessed})
        return
    click.echo(note, nl=False)
    click.echo(f"Whoever checks it needs this key, since entry {auditing.key_since}: {auditing.key}", err=True)


@audit.command()
@click.argument("entry", type=click.IntRange(min=1))
@purpose_option
@json_option
@with_site
def prove(site: Site, entry: int, purpose: str, as_json: bool) -> None:
    """Prove that ENTRY is in the log, with everything an outsider needs; the person is not named.

    The proof itself is what --json prints. This look is recorded too.

    \b
    Example:
      doorward audit prove 12 --purpose "asked for by the authority" --json > proof.json
    """
    proof = site.stores.auditing.prove(Actor(site.actor.name, purpose), entry)
    if as_json:
        print_json(proof_json(proof))
        return
    click.echo(f"Entry {proof.number} of {proof.size}: {proof.event.decode()}")
    click.echo(f"{len(proof.inclusion)} hashes lead from it to the root in this checkpoint; --json prints them:")
    click.echo(proof.checkpoint, nl=False)


@audit.command()
@click.option(
    "--folder", "keep_in", type=click.Path(path_type=Path, file_okay=False), help="One file a checkpoint is kept here."
)
@click.option("--webhook", help="Every checkpoint is posted to this https:// address.")
@click.option("--none", "nobody", is_flag=True, help="Hand checkpoints to nobody.")
@json_option
@with_site
def witness(site: Site, keep_in: Path | None, webhook: str | None, nobody: bool, as_json: bool) -> None:
    """Say who keeps the checkpoints, out of this machine's reach; without an option, show who does.

    \b
    Example:
      doorward audit witness --folder /mnt/elsewhere/checkpoints
    """
    auditing = site.stores.auditing
    if (keep_in is not None) + (webhook is not None) + nobody > 1:
        raise WrongUse("Name one witness: --folder, --webhook or --none.")
    if keep_in is not None:
        auditing.set_witness(site.actor, WitnessSetting(WitnessKind.FOLDER, str(keep_in.resolve())))
    elif webhook is not None:
        auditing.set_witness(site.actor, WitnessSetting(WitnessKind.WEBHOOK, webhook))
    elif nobody:
        auditing.set_witness(site.actor, None)
    held, waiting = auditing.witness(), auditing.waiting()
    if as_json:
        kind, where = (held.kind.value, held.where) if held else (None, None)
        told = {"witness": kind, "where": where, "waiting": waiting}
        print_json(told | {"key": auditing.key, "key_since": auditing.key_since})
    else:
        click.echo(f"Witness: {held.kind.value} {held.where}" if held else "No witness is set.")
        click.echo(f"Checkpoints not handed over: {waiting}.")
        click.echo(f"Key of the log since entry {auditing.key_since}: {auditing.key}")

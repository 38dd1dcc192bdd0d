"""How moves of people are shown."""

import shlex
from collections.abc import Sequence

import click

from doorward.people.moving import Move, Stage
from doorward.wiring.face.moved import MovedReport
from doorward.wiring.face.moving_out import Kept, MoveReport

_SHOWN = 20
"""People who stay that are listed on a terminal; --json has them all."""


def move_json(move: Move) -> dict[str, object]:
    return {
        "move": move.id,
        "stage": move.stage.value,
        "to": {"site": move.to.site, "name": move.to.name, "fingerprint": move.to.fingerprint},
        "people": move.people,
        "purpose": move.purpose,
        "legal_basis": move.legal_basis,
        "asked_by": move.asked_by,
        "asked_at": move.asked_at.isoformat(),
        "ends_at": move.ends_at.isoformat(),
        "approved_by": move.approved_by,
        "approved_at": move.approved_at and move.approved_at.isoformat(),
        "file": move.file,
        "written_at": move.written_at and move.written_at.isoformat(),
        "sent": move.sent,
        "taken": move.taken,
        "ended_at": move.ended_at and move.ended_at.isoformat(),
    }


def written_json(report: MoveReport) -> dict[str, object]:
    return {
        **move_json(report.move),
        "bytes": report.size,
        "kept": [_kept_json(one) for one in report.kept],
    }


def moved_json(report: MovedReport) -> dict[str, object]:
    return {
        **move_json(report.move),
        "erased": report.erased,
        "kept": [_kept_json(one) for one in report.kept],
        "gone_before": list(report.move.gone_before),
        "withdrew": list(report.move.withdrew),
        "remnants": report.remnants,
    }


def tell_move(move: Move) -> None:
    signed = f"asked for by {move.asked_by} on {move.asked_at:%Y-%m-%d}"
    if move.approved_by and move.approved_at:
        signed += f", approved by {move.approved_by} on {move.approved_at:%Y-%m-%d}"
    click.echo(f"{move.id}  {move.stage.value}: {move.people:,} people to “{move.to.name}” ({move.to.site})")
    click.echo(f"  {signed}; {move.purpose}; {move.legal_basis}")
    if move.stage in (Stage.ASKED, Stage.APPROVED):
        click.echo(f"  ends on {move.ends_at:%Y-%m-%d %H:%M} UTC")
    if move.written_at:
        click.echo(f"  {move.sent:,} sent, written to {move.file}")
    if move.stage is Stage.DONE:
        click.echo(f"  {move.taken:,} taken there, and erased here")


def tell_written(report: MoveReport) -> None:
    move = report.move
    click.echo(f"Wrote {move.file}: {move.sent:,} people, {report.size:,} bytes, sealed for “{move.to.name}” alone.")
    _tell_kept(report.kept)
    click.echo("They stay here until that site's receipt comes: doorward people moved RECEIPT")
    click.echo(f"Let it run: doorward people import {shlex.quote(str(move.file).rpartition('/')[2])}")


def tell_moved(report: MovedReport) -> None:
    click.echo(f"Erased: {report.erased:,} people whom “{report.move.to.name}” took; their keys are destroyed.")
    _tell_kept(report.kept)
    for people, what in (
        (report.move.gone_before, "were erased here before the receipt came"),
        (report.move.withdrew, "withdrew a consent here after the file was written"),
    ):
        if people:
            click.echo(f"{len(people):,} {what}. The other site has them: tell it to erase them, or to withdraw too:")
            click.echo(f"  {', '.join(people[:_SHOWN])}{', …' if len(people) > _SHOWN else ''}")
    if report.remnants:
        click.echo(f"Something may be left of the keys of {len(report.remnants):,}; run `doorward doctor --deep`.")
    if not report.ledger_handed_out:
        click.echo("The erasure ledger could not be handed out; run `doorward backup keys` when its folder is there.")
    click.echo(f"Destroy the file {report.move.file} and its copies.")


def _tell_kept(kept: Sequence[Kept]) -> None:
    if not kept:
        return
    click.echo(f"{len(kept):,} {'stays' if len(kept) == 1 else 'stay'} here:")
    for one in kept[:_SHOWN]:
        click.echo(f"  {one.person} ({one.code}): {one.reason}")
    if len(kept) > _SHOWN:
        click.echo("  The first of them are listed here; --json has them all.")


def _kept_json(one: Kept) -> dict[str, object]:
    return {"person": one.person, "code": one.code, "reason": one.reason}

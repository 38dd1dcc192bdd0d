"""`doorward thresholds`: by which thresholds the site decides."""

import click
from rich.table import Table

from doorward.cli.opening import with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.search_explanation import basis_json, basis_sentences
from doorward.errors import WrongUse
from doorward.face.thresholds import ThresholdSet
from doorward.wiring.face.explaining import basis_among, basis_at
from doorward.wiring.face.site import Site

REFUSED = 3
"""Exit status where the evidence supports no such search."""


@click.group()
def thresholds() -> None:
    """Show and choose the threshold sets by which the site decides.

    \b
    Example:
      doorward thresholds list
    """


@thresholds.command(name="list")
@json_option
@with_site
def list_sets(site: Site, as_json: bool) -> None:
    """List Doorward's sets and those adopted here: of which model, measured on what, and which is in use.

    \b
    Example:
      doorward thresholds list --json
    """
    known = site.thresholds.all()
    if as_json:
        print_json({"thresholds": [_told(site, one) for one in known]})
        return
    table = Table("Name", "Model", "In use", "False-match rates", "Measured on", box=None, pad_edge=False)
    for one in known:
        rates = f"{one.highest_fmr:g} to {one.lowest_fmr:g}"
        table.add_row(one.name, one.model, "yes" if _in_use(site, one) else "", rates, one.measured_on)
    console().print(table)


@thresholds.command()
@click.argument("name")
@json_option
@with_site
def use(site: Site, name: str, as_json: bool) -> None:
    """Decide by the set NAME for its model from now on.

    \b
    Example:
      doorward thresholds use sface-lfw-2
    """
    chosen = site.thresholds.choose(site.actor, name)
    if as_json:
        print_json(_told(site, chosen))
    else:
        click.echo(f"The threshold set {name} is in use for {chosen.model} from now on.")


@thresholds.command()
@click.option("--checkpoint", help="Searches at this checkpoint, as they are now.")
@click.option("--people", type=click.IntRange(min=1), help="Or searches among so many people, with one reference each.")
@click.option("--fpir", type=float, help="How many strangers may be named wrongly; as set if not given.")
@json_option
@with_site
def explain(site: Site, checkpoint: str | None, people: int | None, fpir: float | None, as_json: bool) -> int:
    """What a search rests on: its threshold, how often it is wrong, and how many people the evidence allows.

    Exit status 3 where there is no such search, and what to do.

    \b
    Example:
      doorward thresholds explain --checkpoint "Main door"
      doorward thresholds explain --people 50000 --fpir 0.005
    """
    if (checkpoint is None) == (people is None):
        raise WrongUse("Name a --checkpoint or a number of --people, not both.")
    if checkpoint is not None:
        basis, where = basis_at(site, site.doorkeeper.named(checkpoint), fpir), f"At {checkpoint}"
    else:
        basis, where = basis_among(site, people or 0, fpir), f"Among {people:,} people"
    if as_json:
        print_json(basis_json(basis))
    else:
        for sentence in basis_sentences(basis, where):
            click.echo(sentence)
    return 0 if basis.is_supported else REFUSED


@thresholds.command()
@click.argument("name")
@json_option
@with_site
def remove(site: Site, name: str, as_json: bool) -> None:
    """Forget the adopted set NAME, which must not be in use.

    \b
    Example:
      doorward thresholds remove my-old-set
    """
    site.thresholds.remove(site.actor, name)
    if as_json:
        print_json({"name": name, "removed": True})
    else:
        click.echo(f"The threshold set {name} is removed.")


def _in_use(site: Site, one: ThresholdSet) -> bool:
    try:
        return site.thresholds.in_use(one.model).name == one.name
    except WrongUse:
        return False


def _told(site: Site, one: ThresholdSet) -> dict[str, object]:
    made = one.provenance
    return {
        "name": one.name,
        "model": one.model,
        "in_use": _in_use(site, one),
        "measured_on": one.measured_on,
        "mated": one.mated,
        "non_mated": one.non_mated,
        "points": [{"fmr": fmr, "threshold": round(value, 6)} for fmr, value in one.points],
        "evaluated_to": one.lowest_fmr,
        "sha256": made.sha256 if made else None,
        "runtime": made.runtime if made else None,
        "precision": made.precision if made else None,
        "adopted_by": made.adopted_by if made else None,
        "adopted_at": made.adopted_at if made else None,
    }

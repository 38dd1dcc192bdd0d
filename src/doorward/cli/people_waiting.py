"""Who has to be enrolled again after a change of model, as a table and as JSON."""

from datetime import datetime

import click
from rich.table import Table

from doorward.cli.output import console, print_json
from doorward.cli.people_output import person_json
from doorward.wiring.face.waiting import WaitingList


def tell_waiting(told: WaitingList, now: datetime, as_json: bool) -> None:
    if as_json:
        print_json(waiting_json(told, now))
        return
    if told.waiting:
        table = Table("Name", "Id", "References of", "Comes over by coming by", box=None, pad_edge=False)
        for one in told.waiting:
            models = ", ".join(model.partition("@")[0] for model in one.models)
            table.add_row(one.person.display_name, one.person.id, models, "yes" if one.comes_over else "no: enrol")
        console().print(table)
    else:
        click.echo(f"Everybody who is enrolled has references of {told.embedder}.")
    if told.former is not None:
        left = sum(one.comes_over for one in told.waiting)
        click.echo(f"Served by the former embedder {told.former}: {left} people, and {told.carrying} credentials.")
        if told.former_can_be_dropped:
            click.echo("It is not needed any more: take former_embedder out of site.toml.")


def waiting_json(told: WaitingList, now: datetime) -> dict[str, object]:
    people = [
        {**person_json(one.person, now), "models": list(one.models), "comes_over": one.comes_over}
        for one in told.waiting
    ]
    return {
        "people": people,
        "embedder": told.embedder,
        "former_embedder": told.former,
        "former_credentials": told.carrying,
        "former_can_be_dropped": told.former_can_be_dropped,
    }

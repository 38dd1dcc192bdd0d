"""`doorward crowd alarms` and `doorward crowd acknowledge`: what needs attention, and who has it."""

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.table import Table

from doorward.cli.crowd.options import checked_name, site_option
from doorward.cli.output import console, json_option, print_json
from doorward.crowd.alarm_json import alarm_object
from doorward.crowd.alarms import LONGEST_POST
from doorward.crowd.looks import EVERY_SCENE, LookedAt
from doorward.errors import WrongUse
from doorward.settings.crowd.site import crowd_site


@click.command("alarms")
@click.argument("name", required=False)
@click.option("--all", "with_ended", is_flag=True, help="Those that have ended, too.")
@site_option
@json_option
def alarms_command(name: str | None, with_ended: bool, site: Path | None, as_json: bool) -> None:
    """Show open alarms, newest first, of the camera NAME or of all.

    \b
    Example:
      doorward crowd alarms hall
    """
    scene, folder = None if name is None else checked_name(name), crowd_site(site)
    from doorward.adapters.stores.crowd.alarm_store import alarms_beside
    from doorward.wiring.crowd.stores import intervals_of, note_look  # loads the stores, which help texts do not need

    with intervals_of(folder) as store:
        note_look(store, LookedAt.ALARMS, scene or EVERY_SCENE)
        found = alarms_beside(store).read(scene, is_open=not with_ended)
    if as_json:
        print_json({"alarms": [alarm_object(alarm) for alarm in found]})
        return
    if not found:
        console().print("No alarm is open." if not with_ended else "There was no alarm yet.")
        return
    table = Table("alarm", "camera", "where", "what", "level", "raised (UTC)", "taken by", "ended")
    for alarm in found:
        table.add_row(
            alarm.id,
            alarm.scene,
            alarm.place,
            alarm.kind.value,
            str(alarm.level),
            f"{alarm.raised_at:%Y-%m-%d %H:%M:%S}",
            alarm.acknowledged_by or ("handed over" if alarm.handed_over_at else "nobody"),
            f"{alarm.ended_at:%H:%M:%S}" if alarm.ended_at else "",
        )
    console().print(table)


@click.command("acknowledge")
@click.argument("alarm")
@click.option("--by", required=True, help="The post or shift that has it now, such as 'control room'; no person.")
@site_option
@json_option
def acknowledge_command(alarm: str, by: str, site: Path | None, as_json: bool) -> None:
    """Take an ALARM, by its id: it is not handed over any more. Whoever acknowledges later takes it over.

    \b
    Example:
      doorward crowd acknowledge 6f9b1c1e-6f2f-4a0e-9a51-0d7d7f6ac3a1 --by "control room"
    """
    post = checked_post(by)
    folder = crowd_site(site)
    from doorward.wiring.crowd.stores import alarms_of  # loads the stores, which help texts do not need

    with alarms_of(folder) as store:
        taken = store.acknowledge(alarm, post, datetime.now(UTC))
    if as_json:
        print_json(alarm_object(taken))
        return
    console().print(f"{taken.kind.value} in {taken.scene} {taken.place}: taken by {post}.", markup=False)


def checked_post(post: str) -> str:
    if not post.strip() or len(post) > LONGEST_POST or not post.isprintable():
        raise WrongUse(f"Say by whom in 1 to {LONGEST_POST} printable characters, such as 'control room'.")
    return post.strip()

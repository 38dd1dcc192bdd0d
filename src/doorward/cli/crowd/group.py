"""`doorward crowd`: how many people, with nobody known."""

import click

from doorward.cli.crowd.alarms import acknowledge_command, alarms_command
from doorward.cli.crowd.evaluate import evaluate_command
from doorward.cli.crowd.intervals import intervals_command
from doorward.cli.crowd.looks import looks_command
from doorward.cli.crowd.picture import picture_command
from doorward.cli.crowd.publish import publish_command
from doorward.cli.crowd.run import run_command
from doorward.cli.crowd.scene import scene_group
from doorward.cli.crowd.store import store_command


@click.group()
def crowd() -> None:
    """Count people without knowing them: crossings, occupancy, density and flow, minute by minute.

    \b
    Example:
      doorward crowd run hall --source rtsp://camera/stream --scene hall.toml
    """


crowd.add_command(run_command)
crowd.add_command(intervals_command)
crowd.add_command(alarms_command)
crowd.add_command(acknowledge_command)
crowd.add_command(picture_command)
crowd.add_command(publish_command)
crowd.add_command(looks_command)
crowd.add_command(evaluate_command)
crowd.add_command(scene_group)
crowd.add_command(store_command)

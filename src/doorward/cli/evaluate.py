"""`doorward evaluate`: error rates of the models that serve, on photos of one's own."""

import click

from doorward.cli.evaluate_credentials import credentials_command
from doorward.cli.evaluate_faces import pairs_command, people_command
from doorward.cli.evaluate_pad import pad_command
from doorward.cli.evaluate_search import search_command
from doorward.cli.evaluate_tail import tail_command


@click.group()
def evaluate() -> None:
    """Measure how often the models that serve here are right.

    Example: doorward evaluate people photos --report report.html
    """


evaluate.add_command(pairs_command)
evaluate.add_command(people_command)
evaluate.add_command(pad_command)
evaluate.add_command(credentials_command)
evaluate.add_command(search_command)
evaluate.add_command(tail_command)

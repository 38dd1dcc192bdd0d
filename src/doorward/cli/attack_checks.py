"""Options that ask for checks against presentation attacks, for commands that have some."""

from collections.abc import Callable
from typing import Any

import click

from doorward.errors import WrongUse
from doorward.face.pad import PadMethod, told_methods

require_option: Callable[[Any], Any] = click.option(
    "--require",
    "required",
    type=click.Choice([method.value for method in PadMethod]),
    multiple=True,
    help="Ask for this check: passive, a model that looks at the picture, or active, movements. May be repeated.",
)
none_option: Callable[[Any], Any] = click.option("--none", "nothing", is_flag=True, help="Ask for no check.")


def asked_for(required: tuple[str, ...], *, nothing: bool) -> frozenset[PadMethod]:
    """The checks of both options; ``WrongUse`` unless exactly one of them is used."""
    if bool(required) == nothing:
        raise WrongUse("Say which checks are asked for: --require passive, --require active, both, or --none.")
    return frozenset(PadMethod(name) for name in required)


def in_words(methods: frozenset[PadMethod]) -> str:
    return " and ".join(told_methods(methods)) or "none"

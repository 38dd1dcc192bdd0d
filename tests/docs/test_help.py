"""The help of every command carries an example, and the examples are right."""

from collections.abc import Iterator

import click

from docs.commands import INLINE, complaint
from doorward.cli.program import program


def leaves(group: click.Group, path: str = "doorward") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"{path} {name}"
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def examples(command: click.Command) -> list[str]:
    text = (command.help or "") + "\n" + (command.epilog or "")
    lines = [line.strip().removeprefix("$ ") for line in text.splitlines()]
    return [line for line in lines if line.startswith("doorward ")] + INLINE.findall(text)


def test_every_command_shows_an_example_of_itself() -> None:
    without = [path for path, command in leaves(program) if not any(path in line for line in examples(command))]
    assert without == []


def test_every_example_is_a_right_command_line() -> None:
    shown = [line for _, command in leaves(program) for line in examples(command)]
    assert [(line, problem) for line in shown if (problem := complaint(program, line, whole=False))] == []

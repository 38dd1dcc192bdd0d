"""Command lines shown in documents, held against the real command tree without running anything."""

import re
import shlex
from collections.abc import Iterator

import click

FENCE = re.compile(r"^```(?:sh|console|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(doorward(?: [^`]+)?)`")
SHELL_WORDS = {"|", ">", "<", "&", "&&", ";", "||", "2>"}


def shown_in_full(text: str) -> Iterator[str]:
    """Lines of shell blocks that call ``doorward``, with continuations joined and prompts removed."""
    for block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            command = line.strip().removeprefix("$ ")
            if command.startswith("doorward"):
                yield command


def mentioned(text: str) -> Iterator[str]:
    """Commands named in running text, where arguments may be left out."""
    yield from INLINE.findall(FENCE.sub("", text))


def complaint(program: click.Group, line: str, whole: bool) -> str | None:
    """What is wrong with ``line``, or None; ``whole`` lines must name every required argument and option."""
    words = words_of(line)[1:]
    command: click.Command = program
    path = ["doorward"]
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        context = click.Context(command, info_name=" ".join(path))
        found = command.get_command(context, words[0])
        if found is None:
            return f"`{' '.join(path)}` has no command {words[0]}"
        path.append(words.pop(0))
        command = found
    if isinstance(command, click.Group) and whole and not words:
        return f"`{' '.join(path)}` needs a command"
    return wrong_arguments(command, words, whole)


def words_of(line: str) -> list[str]:
    """The words of one command, up to a pipe, redirection or comment."""
    words: list[str] = []
    for word in shlex.split(line, comments=True):
        if word in SHELL_WORDS:
            break
        words.append(word)
    return words


def wrong_arguments(command: click.Command, words: list[str], whole: bool) -> str | None:
    context = click.Context(command)
    try:
        given, left, _ = command.make_parser(context).parse_args(list(words))
    except click.UsageError as error:
        return error.format_message() if whole or isinstance(error, click.NoSuchOption) else None
    if left:
        return f"too many arguments: {' '.join(left)}"
    if "--help" in words or "--version" in words or not whole:
        return None
    absent = [p.name for p in command.params if p.required and not isinstance(given.get(p.name), str | tuple | list)]
    return f"missing: {', '.join(str(name) for name in absent)}" if absent else None

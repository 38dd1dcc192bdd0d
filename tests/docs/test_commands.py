"""The check of command lines tells right ones from wrong ones."""

import click
import pytest

from docs.commands import complaint, mentioned, shown_in_full


@click.group()
def tree() -> None: ...


@tree.command()
@click.argument("photo")
@click.option("--person", required=True)
@click.option("--json", is_flag=True)
def verify(photo: str, person: str, json: bool) -> None: ...


@tree.group()
def people() -> None: ...


@people.command(name="list")
def list_people() -> None: ...


@pytest.mark.parametrize(
    "line",
    [
        "doorward verify a.jpg --person 1",
        "doorward verify a.jpg --person=1 --json > out.json",
        "doorward verify --help",
        "doorward people list  # everybody",
    ],
)
def test_a_right_line_passes(line: str) -> None:
    assert complaint(tree, line, whole=True) is None


@pytest.mark.parametrize(
    "line",
    [
        "doorward verfy a.jpg",
        "doorward people",
        "doorward people lost",
        "doorward people list everybody",
        "doorward verify a.jpg",
        "doorward verify --person 1",
        "doorward verify a.jpg --person 1 --jsn",
        "doorward verify a.jpg --person",
    ],
)
def test_a_wrong_line_is_told(line: str) -> None:
    assert complaint(tree, line, whole=True)


@pytest.mark.parametrize("line", ["doorward", "doorward people", "doorward verify", "doorward verify --json"])
def test_a_mention_may_leave_arguments_out(line: str) -> None:
    assert complaint(tree, line, whole=False) is None


def test_a_mention_of_an_unknown_option_is_told() -> None:
    assert complaint(tree, "doorward verify --jsn", whole=False)


def test_lines_are_found_in_blocks_and_in_running_text() -> None:
    text = "Say `doorward people list`.\n```sh\n$ doorward verify a.jpg \\\n    --person 1\nls\n```\n"
    assert [line.split() for line in shown_in_full(text)] == [["doorward", "verify", "a.jpg", "--person", "1"]]
    assert list(mentioned(text)) == ["doorward people list"]

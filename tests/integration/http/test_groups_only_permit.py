"""A group lets people pass, and is good for nothing else: every command and every route, walked."""

import re
from collections.abc import Iterator
from typing import Any

import click

from docs.test_help import leaves
from doorward.cli.program import program
from doorward.kernel.permissions import Scope
from integration.http.running import Running

COMMANDS = {
    "doorward people add": "puts somebody into groups",
    "doorward people permit": "puts somebody into a group",
    "doorward people leave": "takes somebody out of a group",
    "doorward checkpoint add": "says who may pass there",
    "doorward bench door": "how many made-up people may pass",
    "doorward evaluate pairs": "error rates, from a list that is stored nowhere",
    "doorward evaluate people": "error rates, from a list that is stored nowhere",
}
"""All that may take a group."""

ROUTES = {
    ("POST", "/v1/people"),
    ("POST", "/v1/people/{person}/groups"),
    ("DELETE", "/v1/people/{person}/groups/{group}"),
    ("POST", "/v1/checkpoints"),
}

AGAINST_PEOPLE = re.compile(r"deny|denied|block|black|ban(s|ned)?\b|watch_?list|wanted|suspect|hotlist", re.IGNORECASE)
"""Names of lists that single people out."""

ON_A_PERSON = re.compile(r"alarm|alert|notify|track|follow", re.IGNORECASE)


def test_no_command_takes_a_group_but_to_let_people_pass() -> None:
    taking = {path for path, command in leaves(program) if any("group" in name for name in names_of(command))}
    assert taking == set(COMMANDS)


def test_no_command_is_a_list_against_people_or_an_alarm_on_one() -> None:
    for path, command in leaves(program):
        assert not [name for name in (path, *names_of(command)) if AGAINST_PEOPLE.search(name)], path
        if any("person" in name for name in names_of(command)):
            assert not [name for name in (path, *names_of(command)) if ON_A_PERSON.search(name)], path


def test_no_route_takes_a_group_but_to_let_people_pass(running: Running) -> None:
    document = running.client(Scope.VERIFY).get("/v1/openapi.json").raise_for_status().json()
    taking = set()
    for method, path, names in routes(document):
        assert not [name for name in (path, *names) if AGAINST_PEOPLE.search(name)], path
        if "{person}" in path or "person" in names:
            assert not [name for name in (path, *names) if ON_A_PERSON.search(name)], path
        if any("group" in name for name in names):
            taking.add((method, path))
    assert taking == ROUTES


def test_no_answer_counts_by_group(running: Running) -> None:
    document = running.client(Scope.VERIFY).get("/v1/openapi.json").raise_for_status().json()
    named = {schema: set(part.get("properties", {})) for schema, part in document["components"]["schemas"].items()}
    of_groups = {schema: names for schema, names in named.items() if any("group" in name for name in names)}
    people = {name for name, names in of_groups.items() if {"id", "display_name"} <= names}
    doors = {name for name, names in of_groups.items() if "act" in names}
    terms = {name for name, names in of_groups.items() if names <= {"group", "from", "begins", "until"}}
    asked = {name for name in of_groups if name.startswith("New")}
    assert set(of_groups) == people | doors | terms | asked


def names_of(command: click.Command) -> set[str]:
    """What its options and arguments are called, both in the code and on the command line."""
    return {name for one in command.params for name in (one.name or "", *one.opts)}


def routes(document: dict[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    """Each route with the names of all that it takes: path, query, headers and body."""
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            names = {one["name"] for one in route.get("parameters", ())}
            for content in route.get("requestBody", {}).get("content", {}).values():
                names |= set(properties(document, content["schema"]))
            yield method.upper(), path, names


def properties(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield from schema.get("properties", {})

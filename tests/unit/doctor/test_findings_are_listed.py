"""The page on the doctor lists every kind of finding with the severities that the code gives it, and no other."""

import ast
import re
from collections.abc import Iterator

from shared_data import REPOSITORY

SOURCES = sorted((REPOSITORY / "src" / "doorward" / "wiring" / "doctor").glob("*.py"))
PAGE = REPOSITORY / "docs" / "doctor.md"
ID = re.compile(r"[a-z]+(?:-[a-z]+)+")
ROW = re.compile(r"^\| `([a-z-]+)` \| ([a-z, ]+) \| (.+) \| (.+) \|$", re.MULTILINE)


def test_every_finding_is_listed_with_its_severity() -> None:
    made: dict[str, set[str]] = {}
    for source in SOURCES:
        for name, severities in findings(ast.parse(source.read_text(encoding="utf-8"))):
            made.setdefault(name, set()).update(severities)
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert {name: set(severities.split(", ")) for name, severities, _, _ in rows} == made
    assert len({name for name, *_ in rows}) == len(rows)


def test_a_finding_is_seen_however_it_is_made() -> None:
    tree = ast.parse(
        """
def check(over):
    yield Finding("plain-one", Severity.NOTE, "what", "why", "mend")
    yield Finding("either-over" if over else "either-soon", Severity.CRITICAL if over else Severity.WARNING, "", "", "")
    yield Finding("graded-one", Severity.CRITICAL if over else Severity.NOTE, "", "", "")
    yield helped("by-helper")
    yield from graded("by-grade", Severity.WARNING)

def helped(name):
    return Finding(name, Severity.CRITICAL, "", "", "")
"""
    )
    assert dict(findings(tree)) == {
        "plain-one": {"note"},
        "either-over": {"critical"},
        "either-soon": {"warning"},
        "graded-one": {"critical", "note"},
        "by-helper": {"critical"},
        "by-grade": {"warning"},
    }


def findings(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """The ids that calls in ``tree`` are given, each with its severities: of the call, or of the helper it calls."""
    helpers = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        named = [branches for argument in call.args if (branches := list(ids(argument)))]
        graded = [branches for argument in call.args if (branches := list(severities(argument)))]
        if not named:
            continue
        helper = helpers.get(call.func.id) if isinstance(call.func, ast.Name) else None
        if not graded and helper is not None:
            graded = [list(severities(helper))]
        all_graded = [one for branches in graded for one in branches]
        for names in named:
            if len(names) > 1 and len(names) == len(all_graded):
                yield from ((name, {grade}) for name, grade in zip(names, all_graded, strict=True))
            else:
                yield from ((name, set(all_graded)) for name in names)


def ids(argument: ast.expr) -> Iterator[str]:
    values = (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,)
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and ID.fullmatch(value.value):
            yield value.value


def severities(part: ast.AST) -> Iterator[str]:
    if isinstance(part, ast.IfExp):
        yield from severities(part.body)
        yield from severities(part.orelse)
        return
    for node in ast.walk(part):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Severity":
            yield node.attr.lower()

"""Level tables from TOML: those that come with Doorward, or a copy that somebody edited."""

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from doorward.crowd.levels import LevelTable, LevelTables, Quantity
from doorward.errors import WrongUse
from doorward.settings.crowd.values import number, only, read_toml, tables_in, text, texts

TABLES = {
    "line_service": "fruin-walkway",
    "line_safety": "green-guide-level",
    "zone_service": "fruin-area",
    "zone_safety": "fruin-risk",
}
"""Which table judges what, unless a scene names another."""

NUMBERS = {"sustained", "hysteresis"}


def scene_levels(chosen: dict[str, Any], folder: Path) -> LevelTables:
    """The tables that a scene's ``[levels]`` chooses; a ``file`` is looked for from ``folder``."""
    only(chosen, {"file", *TABLES, *NUMBERS}, "[levels]")
    version, tables = _edited(folder / text(chosen, "file", "[levels]")) if "file" in chosen else bundled_levels()
    options: dict[str, Any] = {key: number(chosen[key], key) for key in NUMBERS if key in chosen}
    for what, usual in TABLES.items():
        options[what] = _named(tables, text(chosen, what, "[levels]", usual))
    return LevelTables(version, **options)


@cache
def bundled_levels() -> tuple[str, dict[str, LevelTable]]:
    """The version and the tables, by id, that come with Doorward."""
    with as_file(files("doorward.settings.crowd") / "levels.toml") as path:
        return _edited(path)


def _edited(path: Path) -> tuple[str, dict[str, LevelTable]]:
    read = read_toml(path, "levels")
    only(read, {"version", "tables"}, "the levels file")
    tables = [_table(entry) for entry in tables_in(read, "tables", {"id", "quantity", "bounds", "labels", "source"})]
    return text(read, "version", "the levels file"), {table.id: table for table in tables}


def _table(entry: dict[str, Any]) -> LevelTable:
    where = "[[tables]]"
    quantity = text(entry, "quantity", where)
    if quantity not in list(Quantity):
        raise WrongUse(f"A level table's quantity is one of {', '.join(Quantity)}.")
    bounds = entry.get("bounds")
    if not isinstance(bounds, list):
        raise WrongUse(f"{where} needs bounds as a list of numbers.")
    source = entry.get("source")
    if not isinstance(source, str) or not source:
        raise WrongUse(f"{where} needs a source: a text that says where its bounds come from.")
    return LevelTable(
        text(entry, "id", where),
        Quantity(quantity),
        tuple(number(bound, "bounds") for bound in bounds),
        texts(entry, "labels", where),
        source,
    )


def _named(tables: dict[str, LevelTable], name: str) -> LevelTable:
    if name not in tables:
        raise WrongUse(f"There is no level table {name!r}; there are {', '.join(tables)}.")
    return tables[name]
